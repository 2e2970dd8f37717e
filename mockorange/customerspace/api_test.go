package customerspace_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

type item struct {
	ID, Filename, Period, CreatedAt, UpdatedAt, Currency, DocumentType string
	Amount                                                             float64
}

// shelf is a space with one contract, a document of each type and month from January to March 2026, and its administrator.
type shelf struct {
	*space
	contract customerspace.Contract
	key      string
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := newSpace(t)
	c := s.put(contract("r", "BA1", "NOTES"))
	for month := 1; month <= 3; month++ {
		for _, kind := range customerspace.DocumentTypes() {
			s.document(document(fmt.Sprintf("%s-2026%02d", kind, month), c.ID, kind, fmt.Sprintf("2026%02d", month)), "content of "+string(kind))
		}
	}
	return &shelf{s, c, s.administrator("BA1", "NOTES")}
}

func (s *shelf) documents(query string) []item {
	s.t.Helper()
	return into[[]item](s.space, http.StatusOK, s.call(s.key, http.MethodGet, "/documents"+query, "", onContract(s.contract.ID)...))
}

func TestContract(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	c := contract("r", "BA1", "NOTES")
	c.PlatformID = "P-7"
	c = s.put(c)
	key := s.administrator("BA1", "NOTES")
	want := `{"name":"Contract r","contractType":"standard","offer":{"name":"Offer NOTES","id":"NOTES"},"platformId":"P-7",` +
		`"customer":{"id":"C-BA1","name":"Société BA1","segment":"SME"},"updatedAt":"2026-03-31T12:00:00.000Z","id":"` + c.ID +
		`","createdAt":"2026-03-31T12:00:00.000Z","contact":{"lastName":"Doe","firstName":"John","name":"John Doe","email":"john.doe@orange.com","title":"M"}}`
	if got := s.call(key, http.MethodGet, "/contract", "", onContract(c.ID)...); got.body != want || got.status != http.StatusOK {
		t.Error(cmp.Diff(want, got.body))
	}
	if got := s.call(key, http.MethodGet, "/contracts", ""); got.body != "["+want+"]" || got.status != http.StatusOK {
		t.Error(cmp.Diff("["+want+"]", got.body))
	}
}

func TestContractWithoutPlatformHasNoSuchField(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	if got := s.call(s.key, http.MethodGet, "/contract", "", onContract(s.contract.ID)...); strings.Contains(got.body, "platformId") {
		t.Error(got)
	}
}

func TestNoContractsAreAnEmptyArray(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, key := range []string{s.administrator("BA1", "MAIL"), s.administrator("BA2", "NOTES"), s.client("jane.doe")} {
		if got := s.call(key, http.MethodGet, "/contracts", ""); got.body != "[]" || got.status != http.StatusOK {
			t.Error(got)
		}
	}
}

func TestContractHeader(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, target := range []string{"/contract", "/documents"} {
		s.want(http.StatusBadRequest, 25, s.call(s.key, http.MethodGet, target, ""))
		s.want(http.StatusBadRequest, 25, s.call(s.key, http.MethodGet, target, "", onContract(" ")...))
		for _, bad := range []string{"OCB000XXXX", "1", "ocb0000001", "OCB00000001", "OCB-000001", "OCB0000001,OCB0000002", "OCB99999999999999999999"} {
			s.want(http.StatusBadRequest, 26, s.call(s.key, http.MethodGet, target, "", onContract(bad)...))
		}
		s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, target, "", onContract("OCB9999999")...))
	}
}

// A file's document names its contract already; a header that names another one finds nothing.
func TestFileNeedsNoContractHeader(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	other := s.put(contract("other", "BA1", "NOTES"))
	file := "/documents/" + s.documents("?limit=1")[0].ID + "/file"
	for _, header := range [][]string{nil, onContract(s.contract.ID)} {
		if got := s.call(s.key, http.MethodGet, file, "", header...); got.status != http.StatusOK {
			t.Errorf("%v: %s", header, got)
		}
	}
	s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, file, "", onContract(other.ID)...))
	s.want(http.StatusBadRequest, 26, s.call(s.key, http.MethodGet, file, "", onContract("x")...))
}

func TestDocument(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	c := s.put(contract("r", "BA1", "NOTES"))
	for reference, d := range map[string]customerspace.Document{
		"-0.05":  {Amount: -5, Currency: "EUR"},
		"1999":   {Amount: 1999, Currency: "XOF"},
		"12.345": {Amount: 12345, Currency: "TND"},
	} {
		d.Reference, d.ContractID, d.Type, d.Period, d.Filename = reference, c.ID, customerspace.TypeInvoices, "202603", "f.pdf"
		id := s.document(d, "x")
		want := `{"id":"` + id + `","filename":"f.pdf","period":"202603","createdAt":"2026-03-31T12:00:00.000Z",` +
			`"updatedAt":"2026-03-31T12:00:00.000Z","amount":` + reference + `,"currency":"` + d.Currency + `","documentType":"invoices"}`
		got := s.call(s.administrator("BA1", "NOTES"), http.MethodGet, "/documents", "", onContract(c.ID)...)
		if !strings.Contains(got.body, want) || !strings.HasPrefix(got.body, "[") {
			t.Errorf("%s: want %s", got, want)
		}
	}
}

func TestDocumentsOfEachType(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, kind := range []string{"bills", "invoices", "reports", "partialBills", "partialConsumptionRatedReports", "comsumptionRatedReports"} {
		got := s.documents("?documentType=" + kind)
		if len(got) != 3 {
			t.Errorf("%s: %d documents", kind, len(got))
		}
		for i, d := range got {
			if d.DocumentType != kind || d.Period != fmt.Sprintf("2026%02d", 3-i) {
				t.Errorf("%s: document %d is %+v", kind, i, d)
			}
		}
	}
}

// Recorded: an unknown type is no error but an object with a null, not an array.
func TestUnknownDocumentTypeIsANull(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, kind := range []string{"invoice", "Invoices", "x", "bills,invoices", "partialComsumptionRatedReports", "%00", "%ff"} {
		got := s.call(s.key, http.MethodGet, "/documents?documentType="+kind, "", onContract(s.contract.ID)...)
		if got.body != `{"documents":null}` || got.status != http.StatusOK {
			t.Errorf("%s: %s", kind, got)
		}
	}
	s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, "/documents?documentType=x", "", onContract("OCB9999999")...))
}

// Recorded: the wire knows "comsumptionRatedReports", and not the right spelling.
func TestConsumptionIsSpeltAsOnTheWire(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	if got := s.documents("?documentType=comsumptionRatedReports"); len(got) != 3 {
		t.Errorf("%d documents", len(got))
	}
	got := s.call(s.key, http.MethodGet, "/documents?documentType=consumptionRatedReports", "", onContract(s.contract.ID)...)
	if got.body != `{"documents":null}` {
		t.Error(got)
	}
}

func TestAllIsAnUnknownDocumentType(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	got := s.call(s.key, http.MethodGet, "/documents?documentType=all", "", onContract(s.contract.ID)...)
	if got.body != `{"documents":null}` || got.status != http.StatusOK {
		t.Error(got)
	}
}

func TestEmptyDocumentTypeIsAll(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	all := s.documents("")
	if len(all) != 18 {
		t.Errorf("%d documents", len(all))
	}
	if d := cmp.Diff(all, s.documents("?documentType=")); d != "" {
		t.Error(d)
	}
}

func TestLimitKeepsTheNewest(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	all := s.documents("")
	for _, tc := range []struct {
		query string
		want  []item
	}{{"?limit=1", all[:1]}, {"?limit=10", all[:10]}, {"?limit=500", all}, {"?limit=", all}} {
		if d := cmp.Diff(tc.want, s.documents(tc.query)); d != "" {
			t.Errorf("%s: %s", tc.query, d)
		}
	}
	if got := s.documents("?documentType=bills&limit=2"); len(got) != 2 || got[1].Period != "202602" {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"0", "-1", "x", "1.5", "99999999999", "1&limit=2", "%2B1"} {
		s.want(http.StatusBadRequest, 28, s.call(s.key, http.MethodGet, "/documents?limit="+bad, "", onContract(s.contract.ID)...))
	}
	s.want(http.StatusBadRequest, 28, s.call(s.key, http.MethodGet, "/documents?documentType=bills&documentType=invoices", "", onContract(s.contract.ID)...))
}

func TestNoDocumentsAreAnEmptyArray(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	empty := s.put(contract("empty", "BA1", "NOTES"))
	if got := s.call(s.key, http.MethodGet, "/documents?documentType=bills", "", onContract(empty.ID)...); got.body != "[]" {
		t.Error(got)
	}
}

func TestZipped(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	c := s.put(contract("r", "BA1", "NOTES"))
	key := s.administrator("BA1", "NOTES")
	d := document("d", c.ID, customerspace.TypeInvoices, "202603")
	d.Filename = "facture été.pdf"
	content := "%PDF-\x00\xff"
	file := "/documents/" + s.document(d, content) + "/file"
	for _, query := range []string{"", "?zipped=", "?zipped=0"} {
		got := s.call(key, http.MethodGet, file+query, "", "Accept", "application/json")
		if got.body != content || got.header.Get("Content-Type") != "application/pdf" ||
			got.header.Get("Content-Disposition") != "attachment; filename*=utf-8''facture%20%C3%A9t%C3%A9.pdf" {
			t.Errorf("%s: %s, %v", query, got, got.header)
		}
	}
	got := s.call(key, http.MethodGet, file+"?zipped=1", "")
	z, err := zip.NewReader(bytes.NewReader([]byte(got.body)), int64(len(got.body)))
	if err != nil || len(z.File) != 1 || z.File[0].Name != d.Filename || got.header.Get("Content-Type") != "application/zip" ||
		!strings.HasSuffix(got.header.Get("Content-Disposition"), ".zip") {
		t.Fatalf("%v, %v", err, got.header)
	}
	r, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(r); err != nil || string(unpacked) != content {
		t.Errorf("%q, %v", unpacked, err)
	}
	for _, bad := range []string{"2", "true", "1&zipped=0"} {
		s.want(http.StatusBadRequest, 28, s.call(key, http.MethodGet, file+"?zipped="+bad, ""))
	}
}

func TestMediaTypeFollowsTheName(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for name, want := range map[string]string{
		"a.PDF": "application/pdf", "a.csv": "text/csv; charset=utf-8", "a.txt": "text/plain; charset=utf-8", "a.json": "application/json",
		"a.xml": "application/xml", "a.zip": "application/zip", "a": "application/octet-stream", "a.html": "application/octet-stream",
		"a.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		d := document(name, s.contract.ID, customerspace.TypeReports, "202603")
		d.Filename = name
		got := s.call(s.key, http.MethodGet, "/documents/"+s.document(d, "<html>")+"/file", "")
		if got.header.Get("Content-Type") != want || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, got.header)
		}
	}
}

const userBody = `{
  "civility": "M",
  "lastName": "Doe",
  "firstName": "John",
  "email": "john.doe@orange.com",
  "login": "john.doe",
  "fixPhone": "0102030405",
  "mobilePhone": "",
  "roles": {"contracts": ["visitor"]}
}`

const contractBody = `{"billingAccountId":"BA1","offerCode":"NOTES","contractName":"New","supportLevel":"BSC","referentCivility":"M",` +
	`"referentName":"Doe","referentFirstName":"John","referentMail":"john.doe@orange.com","referentFixPhone":"0102030405",` +
	`"referentMobilePhone":"0607080900","referenceExt1":"ext1","referenceExt2":"ext2","referenceExt3":"ext3"}`

// Source 001 writes /contracts in its headings and /contract in its curl lines, and a last slash now and then.
func TestPostPathsOfHeadingsAndCurlLines(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, path := range []string{"/contract", "/contracts"} {
		if got := s.call(s.key, http.MethodPost, path+"/"+s.contract.ID+"/user", userBody); got.status != http.StatusCreated || got.body != userBody {
			t.Errorf("%s: %s", path, got)
		}
		for _, slash := range []string{"", "/"} {
			made := into[struct{ ID string }](s.space, http.StatusCreated, s.call(s.key, http.MethodPost, path+slash, contractBody))
			if len(made.ID) != len("OCB0009293") {
				t.Errorf("%s%s: %q", path, slash, made.ID)
			}
		}
	}
	s.want(http.StatusMethodNotAllowed, 61, s.call(s.key, http.MethodGet, "/contracts/", ""))
	s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, "/document", ""))
	s.want(http.StatusMethodNotAllowed, 61, s.call(s.key, http.MethodDelete, "/contracts", ""))
	s.want(http.StatusMethodNotAllowed, 61, s.call(s.key, http.MethodPost, "/documents", "{}"))
}

// curl's --data-raw says that its body is a form.
func TestBodiesAreJSONWhateverTheContentTypeSays(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, media := range []string{"", "application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8", "nonsense"} {
		got := s.call(s.key, http.MethodPost, "/contracts", contractBody, "Content-Type", media)
		if got.status != http.StatusCreated {
			t.Errorf("%s: %s", media, got)
		}
	}
}

func TestBodiesThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	user := "/contracts/" + s.contract.ID + "/user"
	without := func(body, field string) string { return strings.Replace(body, `"`+field+`"`, `"x"`, 1) }
	with := func(body, old, text string) string { return strings.Replace(body, old, text, 1) }
	for _, tc := range []struct {
		name, target, body string
		status, code       int
		says               string
	}{
		{"nothing", user, "", 400, 21, ""},
		{"blanks", "/contracts", "  \n", 400, 21, ""},
		{"half", "/contracts", `{"a":`, 400, 22, ""},
		{"a form", user, "login=john.doe", 400, 22, ""},
		{"no UTF-8", "/contracts", "{\"a\":\"\xff\"}", 400, 22, ""},
		{"an array", user, "[]", 400, 22, "object"},
		{"no login", user, without(userBody, "login"), 400, 23, "login"},
		{"no last name", user, without(userBody, "lastName"), 400, 23, "lastName"},
		{"no roles", user, without(userBody, "roles"), 400, 23, "roles.contracts"},
		{"no role", user, with(userBody, `["visitor"]`, `[]`), 400, 23, "roles.contracts"},
		{"unknown role", user, with(userBody, `["visitor"]`, `["visitor", "king"]`), 400, 24, "roles.contracts"},
		{"short login", user, with(userBody, `"login": "john.doe"`, `"login": "john.do"`), 400, 24, "login"},
		{"long login", user, with(userBody, `"login": "john.doe"`, `"login": "`+strings.Repeat("x", 65)+`"`), 400, 24, "login"},
		{"odd login", user, with(userBody, `"login": "john.doe"`, `"login": "john doe"`), 400, 24, "login"},
		{"odd email", user, with(userBody, `"john.doe@orange.com"`, `"John <john.doe@orange.com>"`), 400, 24, "email"},
		{"a number", user, with(userBody, `"M"`, `5`), 400, 24, "civility"},
		{"NUL", user, with(userBody, `"M"`, `"\u0000"`), 400, 24, "civility"},
		{"no billing account", "/contracts", without(contractBody, "billingAccountId"), 400, 23, "billingAccountId"},
		{"no offer", "/contracts", without(contractBody, "offerCode"), 400, 23, "offerCode"},
		{"no name", "/contracts", without(contractBody, "contractName"), 400, 23, "contractName"},
		{"no referent", "/contracts", without(contractBody, "referentName"), 400, 23, "referentName"},
		{"odd mail", "/contracts", with(contractBody, "john.doe@orange.com", "x"), 400, 24, "referentMail"},
		{"long text", "/contracts", with(contractBody, `"ext3"`, `"`+strings.Repeat("x", 256)+`"`), 400, 24, "referenceExt3"},
		{"huge", "/contracts", `{"a":"` + strings.Repeat("x", 70<<10) + `"}`, 413, 66, ""},
	} {
		got := s.call(s.key, http.MethodPost, tc.target, tc.body)
		if got.status != tc.status || got.code() != tc.code || !strings.Contains(got.body, tc.says) {
			t.Errorf("%s: got %s, not %d with code %d about %q", tc.name, got, tc.status, tc.code, tc.says)
		}
	}
	if got := s.call(s.key, http.MethodGet, "/contracts", ""); strings.Count(got.body, "contractType") != 1 {
		t.Errorf("something was made: %s", got)
	}
}

func TestNewContract(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	made := into[struct{ ID string }](s.space, http.StatusCreated, s.call(s.key, http.MethodPost, "/contract/", contractBody))
	got := s.call(s.key, http.MethodGet, "/contract", "", onContract(made.ID)...)
	want := `{"name":"New","contractType":"standard","offer":{"name":"Offer NOTES","id":"NOTES"},"customer":{"id":"C-BA1","name":"Société BA1","segment":"SME"},` +
		`"updatedAt":"2026-03-31T12:00:00.000Z","id":"` + made.ID + `","createdAt":"2026-03-31T12:00:00.000Z",` +
		`"contact":{"lastName":"Doe","firstName":"John","name":"John Doe","email":"john.doe@orange.com","title":"M"}}`
	if d := cmp.Diff(want, got.body); d != "" {
		t.Error(d)
	}
	// Beyond the perimeter, whether the billing account exists or not.
	s.put(contract("foreign", "BA2", "NOTES"))
	for _, account := range []string{"BA2", "NOBODY"} {
		got := s.call(s.key, http.MethodPost, "/contracts", strings.Replace(contractBody, "BA1", account, 1))
		s.want(http.StatusForbidden, 50, got)
	}
	s.want(http.StatusForbidden, 50, s.call(s.key, http.MethodPost, "/contracts", strings.Replace(contractBody, `"NOTES"`, `"MAIL"`, 1)))
	// A billing account of the perimeter that has no contract yet.
	fresh := s.administrator("BA9", "HONEY")
	body := strings.NewReplacer("BA1", "BA9", `"NOTES"`, `"HONEY"`).Replace(contractBody)
	made = into[struct{ ID string }](s.space, http.StatusCreated, s.call(fresh, http.MethodPost, "/contracts/", body))
	got = s.call(fresh, http.MethodGet, "/contract", "", onContract(made.ID)...)
	if !strings.Contains(got.body, `"offer":{"name":"HONEY","id":"HONEY"}`) || !strings.Contains(got.body, `"customer":{"id":"BA9","name":"BA9","segment":""}`) {
		t.Error(got)
	}
}

// A client sees what it is declared on, from the call that declares it, and acts where it is a manager.
func TestClientIsDeclaredOnContracts(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		s := serve(b, customerspace.Options{})
		first, second := s.put(contract("1", "BA1", "NOTES")), s.put(contract("2", "BA1", "MAIL"))
		admin, client := s.administrator("BA1", "NOTES,MAIL"), s.client("John.Doe")
		seen := func(key string, want ...string) {
			t.Helper()
			var ids []string
			for _, c := range into[[]struct{ ID string }](s, http.StatusOK, s.call(key, http.MethodGet, "/contracts", "")) {
				ids = append(ids, c.ID)
			}
			if d := cmp.Diff(want, ids); d != "" {
				t.Error(d)
			}
		}
		seen(client)
		post := func(key, id, body string) reply {
			return s.call(key, http.MethodPost, "/contract/"+id+"/user", body)
		}
		s.want(http.StatusNotFound, 60, post(client, first.ID, userBody))
		s.want(http.StatusCreated, 0, post(admin, first.ID, userBody))
		seen(client, first.ID)
		// A visitor reads.
		s.want(http.StatusForbidden, 50, post(client, first.ID, userBody))
		s.want(http.StatusForbidden, 50, s.call(client, http.MethodPost, "/contracts", contractBody))
		s.want(http.StatusNotFound, 60, post(client, second.ID, userBody))
		// A manager also changes, and is a manager of what it makes.
		s.want(http.StatusCreated, 0, post(admin, first.ID, strings.Replace(userBody, `["visitor"]`, `["visitor", "manager"]`, 1)))
		jane := strings.ReplaceAll(userBody, "john.doe", "jane.doe")
		s.want(http.StatusCreated, 0, post(client, first.ID, jane))
		made := into[struct{ ID string }](s, http.StatusCreated, s.call(client, http.MethodPost, "/contracts", contractBody))
		seen(client, first.ID, made.ID)
		seen(s.client("jane.doe"), first.ID)
		s.want(http.StatusCreated, 0, post(client, made.ID, jane))
		s.want(http.StatusForbidden, 50, s.call(client, http.MethodPost, "/contracts", strings.Replace(contractBody, "BA1", "BA2", 1)))
	})
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	admin, blockedKey := s.account(customerspace.NewAccount{
		Type: customerspace.AccountAdministrator, Login: "blocked.account", Perimeter: customerspace.Perimeter{BillingAccounts: []string{"BA1"}, Offers: []string{"NOTES"}},
	})
	revoked, revokedKey := s.account(customerspace.NewAccount{Type: customerspace.AccountClient, Login: "revoked.account"})
	_, shortKey := s.account(customerspace.NewAccount{Type: customerspace.AccountClient, ExpiresAt: noon.Add(time.Minute)})
	if err := s.BlockAccount(t.Context(), admin.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeKey(t.Context(), revoked.ID, revoked.Keys[0].ID); err != nil {
		t.Fatal(err)
	}
	stale := s.token
	s.clock.at = noon.Add(time.Hour)
	good := s.issue(clientID)
	for _, tc := range []struct {
		name, authorization, key string
		status, code             int
	}{
		{"both", "Bearer " + good, s.key, 200, 0},
		{"lower case", "bearer " + good, s.key, 200, 0},
		{"no token", "", s.key, 401, 40},
		{"no scheme", good, s.key, 401, 40},
		{"basic", "Basic " + good, s.key, 401, 40},
		{"empty token", "Bearer ", s.key, 401, 40},
		{"another token", "Bearer nonsense", s.key, 401, 41},
		{"the key as token", "Bearer " + s.key, s.key, 401, 41},
		{"old token", "Bearer " + stale, s.key, 401, 42},
		{"no key", "Bearer " + good, "", 401, 40},
		{"another key", "Bearer " + good, s.key + "x", 401, 41},
		{"the token as key", "Bearer " + good, good, 401, 41},
		{"revoked key", "Bearer " + good, revokedKey, 401, 41},
		{"old key", "Bearer " + good, shortKey, 401, 42},
		{"blocked account", "Bearer " + good, blockedKey, 403, 52},
	} {
		got := s.bare(http.MethodGet, "/contracts", "", "Authorization", tc.authorization, "X-API-Key", tc.key)
		if got.status != tc.status || got.code() != tc.code {
			t.Errorf("%s: got %s, not %d with code %d", tc.name, got, tc.status, tc.code)
		}
		if (got.header.Get("WWW-Authenticate") != "") != (tc.status == 401) {
			t.Errorf("%s: WWW-Authenticate is %q", tc.name, got.header.Get("WWW-Authenticate"))
		}
		if strings.Contains(got.body, s.key) || strings.Contains(got.body, good) {
			t.Errorf("%s: a secret is in the answer", tc.name)
		}
	}
}

// A key opens the space for two years, to the instant.
func TestKeyIsGoodForTwoYears(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	end := time.Date(2028, 3, 31, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]int{end.Add(-time.Millisecond): 200, end: 401, end.AddDate(10, 0, 0): 401} {
		s.clock.at = at
		s.token = s.issue(clientID)
		got := s.call(s.key, http.MethodGet, "/contracts", "")
		if got.status != want || want == 401 && got.code() != 42 {
			t.Errorf("at %s: %s", at, got)
		}
	}
}

// The key of one account opens nothing that only another one reaches.
func TestKeyOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	theirs := s.put(contract("theirs", "BA2", "NOTES"))
	id := s.document(document("theirs", theirs.ID, customerspace.TypeBills, "202603"), "secret")
	key := s.administrator("BA2", "NOTES")
	if got := s.call(key, http.MethodGet, "/documents/"+id+"/file", ""); got.body != "secret" {
		t.Error(got)
	}
	s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, "/documents/"+id+"/file", ""))
	s.want(http.StatusNotFound, 60, s.call(s.key, http.MethodGet, "/contract", "", onContract(theirs.ID)...))
	s.want(http.StatusNotFound, 60, s.call(key, http.MethodGet, "/documents", "", onContract(s.contract.ID)...))
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	b := open(t, "", database.Options{})
	s := serve(b, customerspace.Options{Subscribed: func(_ context.Context, application string) (bool, error) {
		if application == "broken" {
			return false, io.ErrUnexpectedEOF
		}
		return application == "other", nil
	}})
	key := s.administrator("BA1", "NOTES")
	s.want(http.StatusForbidden, 50, s.call(key, http.MethodGet, "/contracts", ""))
	s.token = s.issue("other")
	s.want(http.StatusOK, 0, s.call(key, http.MethodGet, "/contracts", ""))
}

func TestTooManyCalls(t *testing.T) {
	t.Parallel()
	b := open(t, "", database.Options{})
	s := serve(b, customerspace.Options{Calls: 6}) // one more in ten seconds
	key := s.administrator("BA1", "NOTES")
	call := func(want int) reply {
		t.Helper()
		got := s.call(key, http.MethodGet, "/contracts", "")
		if got.status != want {
			t.Errorf("%s, not %d", got, want)
		}
		return got
	}
	for range 6 {
		call(http.StatusOK)
	}
	for range 3 { // refused calls are not counted
		if got := call(http.StatusTooManyRequests); got.header.Get("Retry-After") != "10" || got.code() != 53 {
			t.Errorf("%s, Retry-After %q", got, got.header.Get("Retry-After"))
		}
	}
	s.clock.at = noon.Add(9500 * time.Millisecond)
	if got := call(http.StatusTooManyRequests); got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	s.clock.at = noon.Add(10 * time.Second)
	call(http.StatusOK)
	call(http.StatusTooManyRequests)
	// Another application has its own count; a call without a good token has none.
	s.want(http.StatusUnauthorized, 41, s.bare(http.MethodGet, "/contracts", "", "Authorization", "Bearer x", "X-API-Key", key))
	s.token = s.issue("other")
	call(http.StatusOK)
}

// What a database would choke on is not there, for the one and for the other.
func TestTextsThatNoDatabaseTakes(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		s := serve(b, customerspace.Options{})
		key := s.administrator("BA1", "NOTES")
		for _, bad := range []string{"%00", "a%00b", "%ff", "%ed%a0%80", "x"} {
			s.want(http.StatusNotFound, 60, s.call(key, http.MethodGet, "/documents/"+bad+"/file", ""))
			s.want(http.StatusNotFound, 60, s.call(key, http.MethodPost, "/contracts/"+bad+"/user", userBody))
		}
		s.want(http.StatusUnauthorized, 41, s.call("a\xff", http.MethodGet, "/contracts", ""))
	})
}
