package api_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/internal/oauth"
)

// access is one row of the isolation table: a call, and what each sort of caller is answered.
type access struct {
	route  string // as the router names it
	target string
	body   string
	media  string // of the body; JSON if it is empty
	owner  int    // a writer on offer A, whose subscription it is
	other  int    // a writer on offer B
	zero   int    // a writer without offers
	reads  int    // a reader on offer A
	omni   int    // an omniscient reader
	admin  int
	public bool // nobody needs a token
}

// secret is in the words of all that belongs to offer A.
const secret = "HIDDEN"

func accesses(f fixture) []access {
	sub := "/billing/v1/subscriptions/" + f.subscription
	const one = "/billing/v1/subscriptions/:id"
	const budget = "/billing/v1/budgets/:offer/:envelope/:year"
	row := simple("A", "EA", "new", "2026-01-01", "5")
	price := `{"from":"2026-03-01","lines":[{"label":"n","quantity":"1","unitPrice":"9"}]}`
	client := "/billing/v1/clients/" + f.owner.id
	all := func(route, target string) access {
		return access{route: route, target: target, owner: 200, other: 200, zero: 200, reads: 200, omni: 200, admin: 200}
	}
	item := func(route, target string) access {
		return access{route: route, target: target, owner: 200, other: 404, zero: 404, reads: 200, omni: 200, admin: 200}
	}
	act := func(route, target, body string, done int) access {
		return access{route: route, target: target, body: body, owner: done, other: 404, zero: 404, reads: 403, omni: 403, admin: done}
	}
	admins := func(route, target, body string, done int) access {
		return access{route: route, target: target, body: body, owner: 403, other: 403, zero: 403, reads: 403, omni: 403, admin: done}
	}
	open := func(route, target string) access {
		a := all(route, target)
		a.public = true
		return a
	}
	create := act("POST /billing/v1/subscriptions", "/billing/v1/subscriptions", row, 201)
	create.other, create.zero = 422, 422
	imports := act("POST /billing/v1/imports", "/billing/v1/imports", strings.ReplaceAll(row, "\n", " "), 200)
	imports.other, imports.zero, imports.media = 200, 200, "application/x-ndjson"
	return []access{
		all("GET /billing/v1/subscriptions", "/billing/v1/subscriptions"),
		create,
		item("GET "+one, sub),
		act("PATCH "+one, sub, `{"label":"x"}`, 200),
		act("DELETE "+one, sub, "", 204),
		imports,
		act("POST "+one+"/holds", sub+"/holds", `{"from":"2026-05-01","to":"2026-05-02"}`, 201),
		act("DELETE "+one+"/holds/:holdId", sub+"/holds/"+f.hold, "", 200),
		act("POST "+one+"/revisions", sub+"/revisions", price, 201),
		act("POST "+one+"/end", sub+"/end", `{"endDate":"2026-12-31"}`, 200),
		all("GET /billing/v1/costs/monthly", "/billing/v1/costs/monthly?month=2026-03"),
		all("GET /billing/v1/costs/yearly", "/billing/v1/costs/yearly?year=2026"),
		all("GET /billing/v1/budgets", "/billing/v1/budgets?year=2026"),
		item("GET "+budget, "/billing/v1/budgets/A/EA/2026"),
		act("PUT "+budget, "/billing/v1/budgets/A/EA/2027", `{"amount":"5"}`, 201),
		act("DELETE "+budget, "/billing/v1/budgets/A/EA/2026", "", 204),
		all("GET /billing/v1/offers", "/billing/v1/offers"),
		admins("POST /billing/v1/offers", "/billing/v1/offers", `{"code":"N","name":"n","currency":"EUR"}`, 201),
		item("GET /billing/v1/offers/:code", "/billing/v1/offers/A"),
		all("GET /billing/v1/envelopes", "/billing/v1/envelopes"),
		admins("POST /billing/v1/envelopes", "/billing/v1/envelopes", `{"code":"N","label":"n"}`, 201),
		item("GET /billing/v1/envelopes/:code", "/billing/v1/envelopes/EA"),
		admins("GET /billing/v1/clients", "/billing/v1/clients", "", 200),
		admins("POST /billing/v1/clients", "/billing/v1/clients", `{"name":"n"}`, 201),
		admins("GET /billing/v1/clients/:id", client, "", 200),
		admins("PUT /billing/v1/clients/:id/access", client+"/access", `{"offers":["B"],"omniscient":false,"role":"reader"}`, 200),
		admins("POST /billing/v1/clients/:id/secret", client+"/secret", "", 201),
		admins("POST /billing/v1/clients/:id/suspend", client+"/suspend", "", 200),
		admins("POST /billing/v1/clients/:id/activate", client+"/activate", "", 200),
		all("GET /billing/v1/suspects", "/billing/v1/suspects"),
		act("POST /billing/v1/suspects/:id/decision", "/billing/v1/suspects/"+f.suspect+"/decision", `{"decision":"keep","reason":"both are right"}`, 200),
		all("GET /billing/v1/audit", "/billing/v1/audit"),
		admins("GET /billing/v1/reconciliations", "/billing/v1/reconciliations", "", 200),
		admins("POST /billing/v1/reconciliations", "/billing/v1/reconciliations", "", 201),
		open("GET /billing/v1/openapi.json", "/billing/v1/openapi.json"),
		open("GET /billing/v1/docs", "/billing/v1/docs"),
		open("GET /billing/v1/contexts/:kind", "/billing/v1/contexts/Subscription"),
	}
}

// fixture is a database with something of each kind in offer A, and callers of every sort.
type fixture struct {
	*world

	subscription, hold, suspect        string
	owner, other, zero, reads, omni    *user
	suspended, ended, rotated, foreign *user
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	w := newWorld(t)
	w.catalogue([]string{"A", "B"}, "EA", "EB")
	f := fixture{world: w}
	f.owner, f.other, f.zero = w.writer("A"), w.writer("B"), w.writer()
	f.reads = w.user(billing.NewClient{Name: "reads", Role: billing.RoleReader, Offers: []billing.OfferCode{"A"}})
	f.omni = w.user(billing.NewClient{Name: "omni", Omniscient: true})
	f.suspended, f.rotated = w.writer("A"), w.writer("A")
	last := api.Today(noon) + 1
	f.ended = w.user(billing.NewClient{Name: "ended", Role: billing.RoleWriter, Offers: []billing.OfferCode{"A"}, Expires: &last})

	body := strings.Replace(simple("A", "EA", secret+"-1", "2026-01-01", "7777.77"), `"Line"`, `"`+secret+` line"`, 1)
	s := w.create(f.owner, body)
	twin := w.create(f.owner, strings.Replace(body, secret+"-1", secret+"-2", 1))
	w.create(f.other, simple("B", "EB", "plain", "2026-01-01", "3"))
	w.want(http.StatusCreated, nil, f.owner, http.MethodPut, "/billing/v1/budgets/A/EA/2026", `{"amount":"77770.01"}`)
	w.want(http.StatusCreated, nil, f.other, http.MethodPut, "/billing/v1/budgets/B/EB/2026", `{"amount":"10"}`)
	w.want(http.StatusCreated, &s, f.owner, http.MethodPost, "/billing/v1/subscriptions/"+s.ID+"/holds", `{"from":"2026-02-01","to":"2026-02-02"}`)
	f.subscription, f.hold = s.ID, s.Holds[0].ID
	suspects := list[api.Suspect](w, f.owner, "/billing/v1/suspects")
	if len(suspects) != 1 || !strings.HasSuffix(suspects[0].Subscription, twin.ID) {
		t.Fatalf("suspects: %+v", suspects)
	}
	f.suspect = suspects[0].ID

	// Their tokens were good when they were issued.
	w.want(http.StatusOK, nil, w.admin, http.MethodPost, "/billing/v1/clients/"+f.suspended.id+"/suspend", "")
	w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/clients/"+f.rotated.id+"/secret", "")
	f.foreign = foreign(t, f.owner)
	return f
}

// foreign is a partner application of the same id and secret as u, with a token of its own registry.
func foreign(t *testing.T, u *user) *user {
	t.Helper()
	application := func(context.Context, string) (oauth.Stored, bool, error) {
		return oauth.Stored{ID: u.id, SecretDigest: sha256.Sum256([]byte(u.secret)), Offers: []string{"A"}}, true, nil
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	body := "grant_type=client_credentials&client_id=" + u.id + "&client_secret=" + u.secret
	a, err := oauth.NewDirectory("applications", application, nil).Answer(t.Context(), http.MethodPost, header, []byte(body))
	if err != nil || a.Token == "" {
		t.Fatalf("no token of the other directory: %v", err)
	}
	return &user{id: u.id, secret: u.secret, token: a.Token}
}

func TestIsolation(t *testing.T) {
	t.Parallel()
	names := accesses(fixture{owner: &user{}})
	for i := range names {
		t.Run(names[i].route, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			a := accesses(f)[i]
			f.strangers(t, a)
			for _, c := range []struct {
				name   string
				user   *user
				status int
				sees   bool
			}{
				{"zero", f.zero, a.zero, false},
				{"other", f.other, a.other, false},
				{"reads", f.reads, a.reads, true},
				{"omniscient", f.omni, a.omni, true},
				{"owner", f.owner, a.owner, true},
			} {
				got := f.ask(c.user, a)
				if got.status != c.status {
					t.Errorf("%s is answered %s, want %d", c.name, got, c.status)
				}
				if !c.sees && (strings.Contains(got.String(), secret) || strings.Contains(got.String(), "7777")) {
					t.Errorf("%s sees what is not its own: %s", c.name, got)
				}
			}
			fresh := newFixture(t)
			a = accesses(fresh)[i]
			if got := fresh.ask(fresh.admin, a); got.status != a.admin {
				t.Errorf("an admin is answered %s, want %d", got, a.admin)
			}
		})
	}
}

// strangers are refused before anything else, and all in the same way.
func (f fixture) strangers(t *testing.T, a access) {
	t.Helper()
	f.clock.set(time.Date(2026, 3, 15, 23, 59, 0, 0, time.UTC))
	f.ended.token = f.token(f.ended) // it ends within a minute, the token would in an hour
	f.clock.set(time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC))
	defer f.clock.set(noon)
	for _, c := range []struct {
		name string
		user *user
		code int
	}{
		{"nobody", nil, 40},
		{"a partner application", f.foreign, 41},
		{"a suspended client", f.suspended, 41},
		{"a client with a new secret", f.rotated, 41},
		{"a client that has ended", f.ended, 41},
		{"a client with an old token", f.owner, 42},
		{"a forger", &user{token: "bm90IGEgdG9rZW4"}, 41},
	} {
		got := f.ask(c.user, a)
		if a.public {
			if got.status != http.StatusOK {
				t.Errorf("%s is answered %s", c.name, got)
			}
			continue
		}
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s is answered %s", c.name, got)
			continue
		}
		if p := problemOf(t, got); p.Code != c.code || got.header.Get("WWW-Authenticate") == "" || p.Message == "" || p.Description == "" {
			t.Errorf("%s is answered %+v, want code %d", c.name, p, c.code)
		}
	}
}

func (f fixture) ask(u *user, a access) reply {
	f.t.Helper()
	method, _, _ := strings.Cut(a.route, " ")
	headers := []string{"If-Match", "*"}
	if a.media != "" {
		headers = append(headers, "Content-Type", a.media)
	}
	return f.call(u, method, a.target, a.body, headers...)
}

// A route that is not in the table fails the build.
func TestEveryRouteIsInTheIsolationTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := map[string]bool{}
	for _, a := range accesses(fixture{owner: &user{}}) {
		known[a.route] = true
	}
	served := map[string]bool{}
	for _, r := range w.api.Routes() {
		route := r.Method + " " + r.Path
		served[route] = true
		if r.Path != api.TokenPath && !known[route] {
			t.Errorf("%s is not in the isolation table", route)
		}
	}
	for route := range known {
		if !served[route] {
			t.Errorf("%s is in the isolation table and not served", route)
		}
	}
}

// A client whose rights change is judged by the new ones at its next call, with the token it holds.
func TestRightsChangeAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	path := "/billing/v1/subscriptions/" + f.subscription
	f.want(http.StatusOK, nil, f.owner, http.MethodGet, path, "")
	f.want(http.StatusOK, nil, f.admin, http.MethodPut, "/billing/v1/clients/"+f.owner.id+"/access", `{"offers":["B"],"omniscient":false,"role":"writer"}`)
	f.want(http.StatusNotFound, nil, f.owner, http.MethodGet, path, "")
	f.want(http.StatusOK, nil, f.admin, http.MethodPost, "/billing/v1/clients/"+f.owner.id+"/suspend", "")
	f.want(http.StatusUnauthorized, nil, f.owner, http.MethodGet, path, "")
	f.want(http.StatusOK, nil, f.admin, http.MethodPost, "/billing/v1/clients/"+f.owner.id+"/activate", "")
	f.want(http.StatusNotFound, nil, f.owner, http.MethodGet, path, "")
}

// A cursor and an ETag are worth nothing under another scope.
func TestCursorAndTagBelongToAScope(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var page api.Collection[api.Subscription]
	f.want(http.StatusOK, &page, f.owner, http.MethodGet, "/billing/v1/subscriptions?itemsPerPage=1", "")
	if page.View == nil || page.View.Next == "" {
		t.Fatalf("no next page: %+v", page.View)
	}
	f.want(http.StatusOK, nil, f.owner, http.MethodGet, page.View.Next, "")
	f.want(http.StatusBadRequest, nil, f.omni, http.MethodGet, page.View.Next, "")
	path := "/billing/v1/subscriptions/" + f.subscription
	tag := f.want(http.StatusOK, nil, f.owner, http.MethodGet, path, "").header.Get("ETag")
	f.want(http.StatusPreconditionFailed, nil, f.admin, http.MethodPatch, path, `{"label":"x"}`, "If-Match", tag)
}

// Reads beyond a list of offers are audited, and so is every act of an admin.
func TestOmniscienceIsAudited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.want(http.StatusOK, nil, f.omni, http.MethodGet, "/billing/v1/costs/monthly?month=2026-03&offer=A", "")
	f.want(http.StatusOK, nil, f.owner, http.MethodGet, "/billing/v1/costs/monthly?month=2026-03&offer=A", "")
	entries := list[api.AuditEntry](f.world, f.admin, "/billing/v1/audit?kind=read&actor=omniscient")
	if len(entries) != 1 || entries[0].Client != f.omni.id || !strings.Contains(string(entries[0].After), "month=2026-03") {
		t.Errorf("omniscient reads: %+v", entries)
	}
	if entries := list[api.AuditEntry](f.world, f.admin, "/billing/v1/audit?kind=read&client="+f.owner.id); len(entries) != 0 {
		t.Errorf("a client's own reads: %+v", entries)
	}
	if entries := list[api.AuditEntry](f.world, f.admin, "/billing/v1/audit?actor=admin&kind=offer"); len(entries) != 2 {
		t.Errorf("acts of the admin: %+v", entries)
	}
}
