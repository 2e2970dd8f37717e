package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/wire"
)

var update = flag.Bool("update", false, "write the goldens anew")

func TestAbsentMeansAbsent(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"order":                    wire.ProductOrder{},
		"update":                   wire.Update{},
		"request":                  wire.UpdateRequest{},
		"licence":                  wire.UserService{},
		"operations":               wire.Operations{},
		"licence operations":       wire.LicenceOperations{},
		"event":                    wire.Event{},
		"contact":                  wire.Contact{},
		"item":                     wire.OrderItem{},
		"configuration":            wire.EndUserConfiguration{},
		"change":                   wire.Change{},
		"right":                    wire.Right{},
		"end user operation":       wire.EndUserOperation{},
		"resource operation":       wire.ResourceOperation{},
		"right operation":          wire.RightOperation{},
		"characteristic operation": wire.CharacteristicOperation{},
	} {
		b, err := json.Marshal(v)
		if err != nil || string(b) != "{}" {
			t.Errorf("%s: %s, %v; want {}", name, b, err)
		}
	}
}

func reference(id string) wire.Reference { return wire.Reference{Type: "orange", ID: id} }

func samples() map[string]any {
	url := wire.Resource{Type: "URL", Characteristic: []wire.Characteristic{{Name: "url", Value: "https://example.com/f1"}}}
	login := wire.LoginKeyValue{Key: "login", Value: "user-1"}
	user := wire.EndUser{
		ID: "usr_1", ExternalReference: reference("EU-1"), GivenName: "Example", FamilyName: "User", Email: "user@example.com",
		FixedTelephoneNumber: wire.Phone{CC: "33", SN: "102030405"}, MobileTelephoneNumber: wire.Phone{CC: "33", SN: "602030405"},
	}
	notes := wire.Offering{Name: "Notes", ExternalReference: reference("NOTES-S")}
	return map[string]any{
		"order.json": wire.ProductOrder{
			ID: "ord_1", ExternalReference: reference("O-1"), State: wire.Completed, Category: "production",
			OrderDate: "2026-03-01T09:00:00.000Z", RequestedStartDate: "2026-03-02T09:00:00.000Z",
			CompletionDate: "2026-03-01T09:00:01.000Z",
			Note:           wire.Note{Text: "done", Date: "2026-03-01T09:00:01.000Z", Author: "Acme SaaS"},
			Customer: wire.Customer{
				ID: "cus_1", ExternalReference: reference("C-1"), TradingName: "Pâtisserie Exemple",
				Registration:   wire.Registration{Type: "SIREN", Value: "123456789"},
				PostalAddress:  wire.Address{StreetNumber: "1", StreetName: "rue Exemple", PostalCode: "75000", City: "Paris", Country: "FR"},
				Characteristic: []wire.Characteristic{{Name: "segment", Value: "small"}},
			},
			RelatedContact: []wire.Contact{{
				ID: "con_1", ExternalReference: reference("K-1"), Role: wire.FleetManager, GivenName: "Example",
				FamilyName: "Manager", Email: "fleet@example.com", FixedTelephoneNumber: wire.Phone{CC: "33", SN: "102030405"},
			}},
			OrderItem: []wire.OrderItem{{
				ID: "itm_1", Action: wire.Add, State: wire.Completed, ProductOffering: notes,
				ProductRef: wire.ProductRef{
					ID: "flt_1", UserServiceQuantity: 2, Characteristic: []wire.Characteristic{{Name: "storageSize", Value: "50"}},
				},
				EndUserConfiguration: []wire.EndUserConfiguration{{RealizingResource: url}},
			}},
		},
		"licence.json": wire.UserService{
			ID: "lic_1", RelatedProductRefID: "flt_1", State: wire.Inactive, ExternalState: wire.Suspended,
			ProductOffering: notes, EndUser: user, RealizingResource: []wire.Resource{url},
			Right:                 []wire.Right{{LoginKeyValue: login, Email: "fleet@example.com"}},
			ServiceCharacteristic: []wire.Characteristic{{Name: "storageSize", Value: "50"}},
		},
		"update-request.json": wire.UpdateRequest{ExternalReference: reference("U-1"), UserServices: []wire.Change{
			{ID: "lic_1", ExternalState: wire.Suspended},
			{ID: "lic_2", ProductOfferingOperation: wire.OfferingOperation{
				Action: wire.Swap, ProductOffering: wire.Offering{ExternalReference: reference("NOTES-L")},
			}},
		}},
		"event-operations.json": wire.Event{Type: wire.Updated, Time: "2026-03-01T09:00:01.000Z", Resource: wire.Operations{
			UserServices: []wire.LicenceOperations{{
				ID:                             "lic_1",
				EndUserOperation:               []wire.EndUserOperation{{Action: wire.Add, EndUser: user}},
				RealizingResourceOperation:     []wire.ResourceOperation{{Action: wire.Modify, RealizingResource: url}},
				RightOperation:                 []wire.RightOperation{{Action: wire.Modify, LoginKeyValue: login, Email: "user@example.com"}},
				ServiceCharacteristicOperation: []wire.CharacteristicOperation{{Action: wire.Modify, Characteristic: wire.Characteristic{Name: "storageSize", Value: "100"}}},
			}},
		}},
		"token.json":       wire.Token{TokenType: "Bearer", AccessToken: "opaque", ExpiresIn: 3600},
		"token-error.json": wire.TokenError{Code: "invalid_client", Description: "The client is not known."},
		"error.json":       wire.MissingField("customer"),
	}
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for name, v := range samples() {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, '\n')
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(b)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want, ok := samples()["order.json"].(wire.ProductOrder)
	if !ok {
		t.Fatal("no order among the samples")
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got wire.ProductOrder
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	paris := time.FixedZone("", 3600)
	if got := wire.Time(time.Date(2026, 3, 1, 10, 0, 0, 5_900_000, paris)); got != "2026-03-01T09:00:00.005Z" {
		t.Error(got)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err          *wire.Error
		status, code int
	}{
		{wire.MissingBody(), http.StatusBadRequest, 21},
		{wire.InvalidBody("Not JSON."), http.StatusBadRequest, 22},
		{wire.MissingField("a"), http.StatusBadRequest, 23},
		{wire.InvalidField("a", "is odd"), http.StatusBadRequest, 24},
		{wire.MissingParameter("a"), http.StatusBadRequest, 27},
		{wire.MissingCredentials(), http.StatusUnauthorized, 40},
		{wire.InvalidCredentials(), http.StatusUnauthorized, 41},
		{wire.NotFound("such licence"), http.StatusNotFound, 60},
		{wire.MethodNotAllowed("PUT"), http.StatusMethodNotAllowed, 61},
		{wire.Conflict("It has a user."), http.StatusConflict, 65},
		{wire.TooLarge(10), http.StatusRequestEntityTooLarge, 66},
		{wire.Internal(), http.StatusInternalServerError, 1},
	} {
		if tt.err.Status != tt.status || tt.err.Code != tt.code {
			t.Errorf("%v: %d, code %d; want %d, code %d", tt.err, tt.err.Status, tt.err.Code, tt.status, tt.code)
		}
		if tt.err.Message == "" || tt.err.Description == "" || tt.err.Error() != tt.err.Message+": "+tt.err.Description {
			t.Errorf("%+v says too little", tt.err)
		}
	}
}

// What was read and written once is written the same again, unless the sender broke the rule on empty values itself.
func FuzzProductOrder(f *testing.F) {
	for _, v := range samples() {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second wire.ProductOrder
		if json.Unmarshal(body, &first) != nil {
			return
		}
		once, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(once, []byte("{}")) {
			return
		}
		if err := json.Unmarshal(once, &second); err != nil {
			t.Fatalf("%v in %s", err, once)
		}
		twice, err := json.Marshal(second)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%v:\n%s\n%s", err, once, twice)
		}
	})
}
