package customerspace_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

func long() bool { return os.Getenv("CLEMENTINE_LONG") != "" }

// The oracle: what there is and who is let in, in plain structs, without a line of the code that is tested.
type (
	fileModel struct {
		id, kind, content string
		month             int
	}
	contractModel struct {
		id, account, offer string
		files              []fileModel
		users              map[string]bool // login to manager
	}
	accountModel struct {
		id, login, key   string
		client           bool
		accounts, offers []string
		blocked, revoked bool
	}
	model struct {
		contracts []*contractModel
		accounts  []*accountModel
	}
)

func (a *accountModel) reaches(c *contractModel) bool {
	if a.client {
		_, declared := c.users[a.login]
		return declared
	}
	for _, account := range a.accounts {
		for _, offer := range a.offers {
			if account == c.account && offer == c.offer {
				return true
			}
		}
	}
	return false
}

func (a *accountModel) manages(c *contractModel) bool {
	return a.reaches(c) && (!a.client || c.users[a.login])
}

// explorer plays random calls of random accounts against the API and the oracle.
type explorer struct {
	*space
	random *rand.Rand
	model  model
	cases  int
	kinds  map[string]int // calls by what they were and how they were answered
	serial int
}

const accountsOfWorld, offersOfWorld = 4, 3

func (x *explorer) account() string { return fmt.Sprintf("BA%d", x.random.IntN(accountsOfWorld)) }
func (x *explorer) offer() string   { return fmt.Sprintf("OFFER%d", x.random.IntN(offersOfWorld)) }

// some are up to n different values, at least one.
func (x *explorer) some(n int, value func() string) []string {
	out := []string{value()}
	for range x.random.IntN(n) {
		out = append(out, value())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// marker stands in all that belongs to a contract: whoever sees it without reaching the contract has found a leak.
func marker(n int) string { return fmt.Sprintf("MARK-%d-", n) }

var marked = regexp.MustCompile(`MARK-(\d+)-`)

func (x *explorer) build() {
	ctx := x.t.Context()
	for i := range 6 + x.random.IntN(8) {
		m := &contractModel{account: x.account(), offer: x.offer(), users: map[string]bool{}}
		c := contract(marker(i), m.account, m.offer)
		c.Name, c.Contact.LastName = marker(i)+"name", marker(i)+"contact"
		m.id = x.put(c).ID
		for f := range x.random.IntN(4) {
			file := fileModel{
				kind: string(customerspace.DocumentTypes()[x.random.IntN(6)]), month: 1 + x.random.IntN(12), content: fmt.Sprint(marker(i), "content ", f),
			}
			d := document(fmt.Sprint(marker(i), f), m.id, customerspace.DocumentType(file.kind), fmt.Sprintf("2026%02d", file.month))
			file.id = x.document(d, file.content)
			m.files = append(m.files, file)
		}
		x.model.contracts = append(x.model.contracts, m)
	}
	for i := range 5 + x.random.IntN(4) {
		m := &accountModel{client: x.random.IntN(2) == 0, login: fmt.Sprintf("login.%d.x", i)}
		n := customerspace.NewAccount{Type: customerspace.AccountAdministrator, Login: m.login}
		if m.client {
			n.Type = customerspace.AccountClient
			for _, c := range x.model.contracts {
				if x.random.IntN(4) == 0 {
					n.Perimeter.Contracts = append(n.Perimeter.Contracts, c.id)
					c.users[m.login] = true
				}
			}
		} else {
			m.accounts, m.offers = x.some(3, x.account), x.some(2, x.offer)
			n.Perimeter.BillingAccounts, n.Perimeter.Offers = m.accounts, m.offers
		}
		a, key, err := x.CreateAccount(ctx, n)
		if err != nil {
			x.t.Fatal(err)
		}
		m.id, m.key = a.ID, key
		x.model.accounts = append(x.model.accounts, m)
	}
}

// do makes a call as an account, and looks for markers of what it does not reach.
func (x *explorer) do(a *accountModel, kind, method, target, body string, header ...string) reply {
	r := httptest.NewRequestWithContext(x.t.Context(), method, base+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+x.token)
	r.Header.Set("X-API-Key", a.key)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	x.api.ServeHTTP(w, r)
	got := reply{w.Code, w.Result().Header, w.Body.String()}
	x.cases++
	x.kinds[fmt.Sprint(kind, " ", got.status)]++
	for _, m := range marked.FindAllStringSubmatch(got.body+fmt.Sprint(got.header), -1) {
		n := 0
		fmt.Sscan(m[1], &n)
		if !a.reaches(x.model.contracts[n]) {
			x.t.Errorf("leak: %+v sees %s by %s %s: %s", a, m[0], method, target, got)
		}
	}
	return got
}

// refused is the answer that an account gets before anything is looked at; 0 if it is let in.
func (a *accountModel) refused() (status, code int) {
	switch {
	case a.revoked:
		return 401, 41
	case a.blocked:
		return 403, 52
	}
	return 0, 0
}

func (x *explorer) expect(a *accountModel, got reply, status, code int, what string) bool {
	if s, c := a.refused(); s != 0 {
		status, code = s, c
	}
	if got.status != status || got.code() != code {
		x.t.Errorf("%s by %+v: %s, not %d with code %d", what, a, got, status, code)
	}
	return got.status == status && status < 300
}

// pick is a contract's id, and the contract if there is one.
func (x *explorer) pick() (string, *contractModel) {
	if x.random.IntN(8) == 0 {
		return fmt.Sprintf("OCB%07d", 5000+x.random.IntN(5000)), nil
	}
	c := x.model.contracts[x.random.IntN(len(x.model.contracts))]
	return c.id, c
}

func (x *explorer) step() {
	a := x.model.accounts[x.random.IntN(len(x.model.accounts))]
	switch x.random.IntN(12) {
	case 0, 1:
		x.listContracts(a)
	case 2, 3:
		id, c := x.pick()
		got := x.do(a, "contract", http.MethodGet, "/contract", "", onContract(id)...)
		x.expect(a, got, x.found(a, c, 200), x.foundCode(a, c), "contract "+id)
	case 4, 5:
		x.listDocuments(a)
	case 6, 7, 8:
		x.file(a)
	case 9:
		x.user(a)
	case 10:
		x.create(a)
	case 11:
		x.steer(a)
	}
}

func (x *explorer) found(a *accountModel, c *contractModel, status int) int {
	if c == nil || !a.reaches(c) {
		return 404
	}
	return status
}

func (x *explorer) foundCode(a *accountModel, c *contractModel) int {
	if c == nil || !a.reaches(c) {
		return 60
	}
	return 0
}

func (x *explorer) listContracts(a *accountModel) {
	got := x.do(a, "contracts", http.MethodGet, "/contracts", "")
	if !x.expect(a, got, 200, 0, "contracts") {
		return
	}
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(got.body), &list); err != nil {
		x.t.Error(err)
	}
	ids, want := []string{}, []string{}
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	for _, c := range x.model.contracts {
		if a.reaches(c) {
			want = append(want, c.id)
		}
	}
	if d := cmp.Diff(want, ids); d != "" {
		x.t.Errorf("%+v lists (-oracle +seen):\n%s", a, d)
	}
}

func (x *explorer) listDocuments(a *accountModel) {
	id, c := x.pick()
	kind := append([]string{"", "all", "consumptionRatedReports"}, fmt.Sprint(customerspace.DocumentTypes()[x.random.IntN(6)]))[x.random.IntN(4)]
	got := x.do(a, "documents", http.MethodGet, "/documents?documentType="+kind, "", onContract(id)...)
	if !x.expect(a, got, x.found(a, c, 200), x.foundCode(a, c), "documents of "+id) {
		return
	}
	if kind == "all" || kind == "consumptionRatedReports" {
		if got.body != `{"documents":null}` {
			x.t.Error(got)
		}
		return
	}
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(got.body), &list); err != nil {
		x.t.Error(err)
	}
	ids, want := []string{}, []string{}
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	for _, f := range c.files {
		if kind == "" || kind == f.kind {
			want = append(want, f.id)
		}
	}
	slices.Sort(ids)
	slices.Sort(want)
	if d := cmp.Diff(want, ids); d != "" {
		x.t.Errorf("%+v lists documents of %s, type %q (-oracle +seen):\n%s", a, id, kind, d)
	}
}

// file asks for a document of any contract, for one that there is not, and for one by the header of another contract.
func (x *explorer) file(a *accountModel) {
	named, other := x.pick()
	_, c := x.pick()
	id, content := "00000000-0000-4000-8000-000000000000", ""
	if c == nil || len(c.files) == 0 {
		c = nil
	} else {
		f := c.files[x.random.IntN(len(c.files))]
		id, content = f.id, f.content
	}
	var header []string
	if x.random.IntN(3) == 0 {
		header = onContract(named)
		if other != c {
			c = nil
		}
	}
	got := x.do(a, "file", http.MethodGet, "/documents/"+id+"/file", "", header...)
	if x.expect(a, got, x.found(a, c, 200), x.foundCode(a, c), "file "+id) && got.body != content {
		x.t.Errorf("file %s is %s", id, got)
	}
}

func (x *explorer) user(a *accountModel) {
	id, c := x.pick()
	role := []string{"visitor", "manager"}[x.random.IntN(2)]
	login := x.model.accounts[x.random.IntN(len(x.model.accounts))].login
	body := strings.NewReplacer(`"john.doe"`, `"`+strings.ToUpper(login)+`"`, "visitor", role).Replace(userBody)
	status, code := x.found(a, c, 201), x.foundCode(a, c)
	if status == 201 && !a.manages(c) {
		status, code = 403, 50
	}
	got := x.do(a, "user", http.MethodPost, "/contract/"+id+"/user", body)
	if x.expect(a, got, status, code, "user of "+id) {
		c.users[login] = role == "manager"
	}
}

func (x *explorer) create(a *accountModel) {
	if len(x.model.contracts) > 40 {
		return
	}
	account, offer := x.account(), x.offer()
	may := slices.Contains(a.accounts, account) && slices.Contains(a.offers, offer)
	for _, c := range x.model.contracts {
		may = may || a.client && c.account == account && a.manages(c)
	}
	status, code := 201, 0
	if !may {
		status, code = 403, 50
	}
	n := len(x.model.contracts)
	body := strings.NewReplacer("BA1", account, "NOTES", offer, `"New"`, `"`+marker(n)+`new"`).Replace(contractBody)
	got := x.do(a, "create", http.MethodPost, "/contracts", body)
	if !x.expect(a, got, status, code, "create in "+account+" "+offer) {
		return
	}
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(got.body), &made); err != nil {
		x.t.Fatal(err)
	}
	c := &contractModel{id: made.ID, account: account, offer: offer, users: map[string]bool{}}
	if a.client {
		c.users[a.login] = true
	}
	x.model.contracts = append(x.model.contracts, c)
}

// steer changes what the account reaches, or ends or renews its access; what it held before counts for nothing then.
func (x *explorer) steer(a *accountModel) {
	ctx := x.t.Context()
	var err error
	switch choice := x.random.IntN(8); {
	case choice == 0 && !a.revoked:
		var all []customerspace.Account
		all, err = x.Accounts(ctx)
		for _, account := range all {
			if account.ID == a.id {
				err = x.RevokeKey(ctx, a.id, account.Keys[len(account.Keys)-1].ID)
			}
		}
		a.revoked = true
	case choice == 1 && x.random.IntN(4) == 0:
		a.blocked, err = true, x.BlockAccount(ctx, a.id)
	case a.revoked:
		x.clock.at = x.clock.at.Add(1e6) // keys are listed by age
		_, a.key, err = x.NewKey(ctx, a.id, noon.AddDate(1, 0, 0))
		a.revoked = false
	case a.client:
		var p customerspace.Perimeter
		for _, c := range x.model.contracts {
			manager, declared := c.users[a.login]
			delete(c.users, a.login)
			if x.random.IntN(4) == 0 {
				p.Contracts = append(p.Contracts, c.id)
				c.users[a.login] = manager || !declared
			}
		}
		_, err = x.SetPerimeter(ctx, a.id, p)
	default:
		a.accounts, a.offers = x.some(3, x.account), x.some(2, x.offer)
		_, err = x.SetPerimeter(ctx, a.id, customerspace.Perimeter{BillingAccounts: a.accounts, Offers: a.offers})
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// No account ever sees a contract out of its reach, and none is refused what is within it.
func TestIsolation(t *testing.T) {
	t.Parallel()
	worlds, steps := 6, 120
	if long() {
		worlds, steps = 400, 320
	}
	for _, engine := range databasetest.Engines(&server) {
		if engine.Name == "sqlite-file" {
			continue // it is the same engine as in memory
		}
		n := worlds
		if engine.Name == "postgresql" {
			n = max(1, worlds/10)
		}
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			cases, kinds := 0, map[string]int{}
			t.Run("worlds", func(t *testing.T) {
				for seed := range n {
					s := serve(open(t, engine.Address(t), database.Options{}), customerspace.Options{})
					x := &explorer{space: s, random: rand.New(rand.NewPCG(uint64(seed), 22)), kinds: map[string]int{}}
					x.build()
					for range steps {
						x.step()
					}
					mu.Lock()
					cases += x.cases
					for kind, count := range x.kinds {
						kinds[kind] += count
					}
					mu.Unlock()
					if t.Failed() {
						t.Fatalf("world of seed %d", seed)
					}
				}
			})
			t.Logf("%d cases in %d worlds: %v", cases, n, kinds)
			// A test that never gets through, or is never turned away, shows nothing.
			for _, kind := range []string{
				"contracts 200", "contract 200", "contract 404", "documents 200", "documents 404", "file 200", "file 404", "user 201", "user 404",
				"create 201", "create 403", "file 401", "file 403",
			} {
				if kinds[kind] == 0 && engine.Name != "postgresql" {
					t.Errorf("no case of %s", kind)
				}
			}
		})
	}
}

// What is not there and what is not yours: the same statements to the database, and the same answer to the byte.
func TestNotThereAndNotYoursTakeTheSameWay(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var statements []string
			b := open(t, engine.Address(t), database.Options{Statement: func(q string) {
				mu.Lock()
				defer mu.Unlock()
				statements = append(statements, q)
			}})
			s := serve(b, customerspace.Options{})
			theirs := s.put(contract("theirs", "BA2", "NOTES"))
			file := s.document(document("theirs", theirs.ID, customerspace.TypeBills, "202603"), "secret")
			mine := s.put(contract("mine", "BA1", "NOTES"))
			foreign := strings.Replace(contractBody, "BA1", "BA2", 1)
			nobody := strings.Replace(contractBody, "BA1", "BA3", 1)
			for _, key := range []string{s.administrator("BA1", "NOTES"), s.client("jane.doe", mine.ID), s.client("no.contract")} {
				for _, tc := range []struct {
					name, method, yours, there, yourBody, noBody string
					yourHeader, noHeader                         []string
				}{
					{"contract", http.MethodGet, "/contract", "/contract", "", "", onContract(theirs.ID), onContract("OCB7654321")},
					{"documents", http.MethodGet, "/documents", "/documents", "", "", onContract(theirs.ID), onContract("OCB7654321")},
					{"odd type", http.MethodGet, "/documents?documentType=x", "/documents?documentType=x", "", "", onContract(theirs.ID), onContract("OCB7654321")},
					{"file", http.MethodGet, "/documents/" + file + "/file", "/documents/" + strings.Repeat("0", 36) + "/file", "", "", nil, nil},
					{"user", http.MethodPost, "/contract/" + theirs.ID + "/user", "/contract/OCB7654321/user", userBody, userBody, nil, nil},
					{"bad user", http.MethodPost, "/contract/" + theirs.ID + "/user", "/contract/OCB7654321/user", "{}", "{}", nil, nil},
					{"create", http.MethodPost, "/contracts", "/contracts", foreign, nobody, nil, nil},
				} {
					ask := func(target, body string, header []string) (reply, []string) {
						statements = nil
						got := s.call(key, tc.method, target, body, header...)
						delete(got.header, "X-OAPI-Request-Id")
						return got, statements
					}
					yours, yourWay := ask(tc.yours, tc.yourBody, tc.yourHeader)
					there, noWay := ask(tc.there, tc.noBody, tc.noHeader)
					if d := cmp.Diff(there.String()+fmt.Sprint(there.header), yours.String()+fmt.Sprint(yours.header)); d != "" {
						t.Errorf("%s (-not there +not yours):\n%s", tc.name, d)
					}
					if d := cmp.Diff(noWay, yourWay); d != "" || len(noWay) < 2 {
						t.Errorf("%s: statements (-not there +not yours):\n%s", tc.name, d)
					}
				}
			}
		})
	}
}
