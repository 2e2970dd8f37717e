package backoffice_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func (f *fixture) read(t *testing.T, id billing.SubscriptionID) billing.Subscription {
	t.Helper()
	s, err := f.store.Subscription(t.Context(), f.scope, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lastAct is the newest act on a thing.
func (f *fixture) lastAct(t *testing.T, kind billing.AuditKind, id string) billing.AuditEntry {
	t.Helper()
	got, err := f.store.Audit(t.Context(), f.scope, billing.AuditFilter{Kinds: []billing.AuditKind{kind}, ID: id}, billing.Page{Size: 1})
	if err != nil || len(got.Items) == 0 {
		t.Fatalf("no act on %s %s: %v", kind, id, err)
	}
	return got.Items[0]
}

func TestFormsOfASubscription(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	path := "/subscriptions/" + string(f.first.ID)
	for _, tt := range []struct {
		name, path, action string
		form               url.Values
		check              func(s billing.Subscription) bool
	}{
		{"patch", "/patch", "patch", url.Values{"reference": {"NEW-1"}, "label": {"New label"}, "offer": {"NOTES-L"}, "envelope": {"SALES"}},
			func(s billing.Subscription) bool {
				return s.Reference == "NEW-1" && s.Label == "New label" && s.Offer == "NOTES-L" && s.Envelope == "SALES"
			}},
		{"hold", "/holds", "hold", url.Values{"from": {"2026-09-01"}, "to": {"2026-09-10"}, "reason": {"Because"}},
			func(s billing.Subscription) bool {
				h := s.Holds[len(s.Holds)-1]
				return h.Interval == billing.Until(day(t, "2026-09-01"), day(t, "2026-09-10")) && h.Reason == "Because"
			}},
		{"release", "/holds/" + string(f.first.Holds[0].ID) + "/remove", "release", url.Values{"reason": {"Because"}},
			func(s billing.Subscription) bool { return len(s.Holds) == 1 && s.Holds[0].ID != f.first.Holds[0].ID }},
		{"revise", "/revisions", "revise", url.Values{"from": {"2026-10-01"}, "reason": {"Because"}, "lines": {"A \\| B\n  Seat | 3 | 4,5\n  Rebate | 1 | -0.05\n"}},
			func(s billing.Subscription) bool {
				r := s.Revisions[len(s.Revisions)-1]
				return r.From == day(t, "2026-10-01") && r.Amount == 1345 && r.Lines[0].Label == "A | B"
			}},
		{"end", "/end", "end", url.Values{"endDate": {"2026-12-31"}, "reason": {"Because"}},
			func(s billing.Subscription) bool { return s.Term.To == day(t, "2027-01-01") }},
		{"reopen", "/end", "end", url.Values{"endDate": {""}, "reason": {"Because"}},
			func(s billing.Subscription) bool { return s.Term.Open() }},
	} {
		tt.form.Set("version", f.version(t, f.first.ID))
		got := b.post(t, path, path+tt.path, tt.form)
		if got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d: %s", tt.name, got.status, textOf(got.parse(t)))
		}
		if s := f.read(t, f.first.ID); !tt.check(s) {
			t.Errorf("%s: the subscription is now %+v", tt.name, s)
		}
		act := f.lastAct(t, billing.AuditSubscription, string(f.first.ID))
		if act.Action != tt.action || act.Actor.Client != "back-office" || act.Actor.Kind != billing.ActorAdmin || act.Actor.Reason != tt.form.Get("reason") {
			t.Errorf("%s: the trace says %s by %+v", tt.name, act.Action, act.Actor)
		}
		shown := b.get(t, strings.TrimPrefix(got.header.Get("Location"), "/backoffice"))
		if shown.status != http.StatusOK || !strings.Contains(shown.body, `class="notice" role="status"`) {
			t.Errorf("%s: it leads to %d without a notice", tt.name, shown.status)
		}
	}
	got := b.post(t, path, path+"/delete", url.Values{"version": {f.version(t, f.first.ID)}, "reason": {"By mistake"}})
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/backoffice/subscriptions?done=deleted" {
		t.Fatalf("delete: %d to %s", got.status, got.header.Get("Location"))
	}
	if got := b.get(t, path); got.status != http.StatusNotFound {
		t.Errorf("after it was deleted, the page answers %d", got.status)
	}
}

func (f *fixture) version(t *testing.T, id billing.SubscriptionID) string {
	t.Helper()
	return strconv.Itoa(f.read(t, id).Version)
}

// Refused input changes nothing, says what is wrong where it was sent from, and keeps what was typed.
func TestRefusedForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	path := "/subscriptions/" + string(f.first.ID)
	v := f.version(t, f.first.ID)
	for _, tt := range []struct {
		name, from, path string
		form             url.Values
		status           int
		says             string
	}{
		{"no reason", path, path + "/end", url.Values{"version": {v}, "endDate": {"2026-12-31"}, "reason": {"  "}}, 422, "Reason: is required"},
		{"hold before the term", path, path + "/holds", url.Values{"version": {v}, "from": {"2020-01-01"}, "to": {"2020-01-02"}, "reason": {"x"}}, 422, "must lie inside the term"},
		{"no day", path, path + "/holds", url.Values{"version": {v}, "from": {""}, "reason": {"x"}}, 422, "From: is required"},
		{"no date", path, path + "/holds", url.Values{"version": {v}, "from": {"2026-02-30"}, "reason": {"x"}}, 422, "does not exist"},
		{"line without figures", path, path + "/revisions", url.Values{"version": {v}, "from": {"2026-10-01"}, "reason": {"x"}, "lines": {"A | 1"}}, 422, "Line 1 needs"},
		{"line too far right", path, path + "/revisions", url.Values{"version": {v}, "from": {"2026-10-01"}, "reason": {"x"}, "lines": {"A\n      B | 1 | 1"}}, 422, "Line 2 is too far"},
		{"line of a leaf", path, path + "/revisions", url.Values{"version": {v}, "from": {"2026-10-01"}, "reason": {"x"}, "lines": {"A | 1 | 1\n  B | 1 | 1"}}, 422, "Line 2 is below"},
		{"figure", path, path + "/revisions", url.Values{"version": {v}, "from": {"2026-10-01"}, "reason": {"x"}, "lines": {"A | one | 1"}}, 422, "cannot be read"},
		{"changed meanwhile", path, path + "/end", url.Values{"version": {"1"}, "endDate": {"2026-12-31"}, "reason": {"x"}}, 422, "Somebody has changed it"},
		{"no version", path, path + "/end", url.Values{"endDate": {"2026-12-31"}, "reason": {"x"}}, 400, "could not be read"},
		{"duplicate", "/subscriptions/new", "/subscriptions/new", url.Values{"offer": {"NOTES-S"}, "envelope": {"IT-2026"}, "reference": {"ct-0000 "}, "label": {"kept text"}, "periodicity": {"monthly"}, "startDate": {"2026-01-01"}, "lines": {"A | 1 | 1"}}, 422, string(f.first.ID)},
		{"taken code", "/offers", "/offers", url.Values{"code": {"NOTES-S"}, "name": {"x"}, "currency": {"EUR"}}, 422, "The code NOTES-S exists"},
		{"unknown currency", "/offers", "/offers", url.Values{"code": {"X"}, "name": {"x"}, "currency": {"EUX"}}, 422, "Currency:"},
		{"nameless client", "/clients", "/clients", url.Values{"name": {""}, "role": {"reader"}}, 422, "Name:"},
		{"client without reason", "/clients/" + string(f.reader.id), "/clients/" + string(f.reader.id) + "/rotate", url.Values{}, 422, "Reason: is required"},
		{"unknown status", "/clients/" + string(f.reader.id), "/clients/" + string(f.reader.id) + "/status", url.Values{"status": {"gone"}, "reason": {"x"}}, 400, "could not be read"},
		{"unknown decision", "/duplicates", "/duplicates/x", url.Values{"decision": {"open"}, "reason": {"x"}}, 400, "could not be read"},
	} {
		got := b.post(t, tt.from, tt.path, tt.form)
		root := got.parse(t)
		if got.status != tt.status || !strings.Contains(textOf(root), tt.says) {
			t.Errorf("%s: %d, want %d and %q: %.600s", tt.name, got.status, tt.status, tt.says, textOf(root))
		}
		if tt.status == 422 {
			checkPage(t, tt.name, "en", got)
			for field, values := range tt.form {
				if field != "csrf" && field != "version" && field != "decision" && strings.TrimSpace(values[0]) != "" && !strings.Contains(render(root), strings.Split(values[0], "\n")[0]) {
					t.Errorf("%s: what was typed into %s is lost", tt.name, field)
				}
			}
		}
	}
	if diff := cmp.Diff(f.first, f.read(t, f.first.ID)); diff != "" {
		t.Errorf("refused forms have changed the subscription (-before +after):\n%s", diff)
	}
}

func TestFormsNeedTheirToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	b.get(t, "/")
	for _, path := range []string{
		"/subscriptions/new", "/offers", "/envelopes", "/clients", "/reconcile", "/duplicates/x", "/sign-out",
		"/subscriptions/" + string(f.first.ID) + "/delete", "/clients/" + string(f.reader.id) + "/rotate",
	} {
		if got := b.send(t, path, url.Values{"reason": {"x"}, "version": {"3"}}); got.status != http.StatusForbidden {
			t.Errorf("%s without a token answers %d", path, got.status)
		}
	}
	f.read(t, f.first.ID)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	if got := b.post(t, "/offers", "/offers", url.Values{"code": {"NEW"}, "name": {"New offer"}, "currency": {"eur"}}); got.status != http.StatusSeeOther {
		t.Fatalf("creating an offer answers %d", got.status)
	}
	if got := b.post(t, "/offers", "/envelopes", url.Values{"code": {"E-9"}, "label": {"Ninth"}}); got.status != http.StatusSeeOther {
		t.Fatalf("creating an envelope answers %d", got.status)
	}
	got := b.post(t, "/subscriptions/new", "/subscriptions/new", url.Values{
		"offer": {"NEW"}, "envelope": {"E-9"}, "reference": {"R-1"}, "label": {"First"}, "periodicity": {"monthly"}, "rule": {"daysOfMonth"},
		"startDate": {"2026-02-15"}, "endDate": {"2026-12-31"}, "anchor": {"2026-01-31"}, "lines": {"Seat | 2 | 15"},
	})
	if got.status != http.StatusSeeOther {
		t.Fatalf("creating a subscription answers %d: %s", got.status, textOf(got.parse(t)))
	}
	id := strings.TrimSuffix(strings.TrimPrefix(got.header.Get("Location"), "/backoffice/subscriptions/"), "?done=created")
	s := f.read(t, billing.SubscriptionID(id))
	if s.Term != billing.Until(day(t, "2026-02-15"), day(t, "2026-12-31")) || s.Anchor != day(t, "2026-01-31") ||
		s.Rule != billing.DaysOfMonth || s.Amount() != 3000 || s.CreatedBy != "back-office" {
		t.Errorf("the subscription is %+v", s)
	}
}

func TestSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(t, nil)
	b := newBrowser(t, server)
	got := b.post(t, "/clients", "/clients", url.Values{
		"name": {"New client"}, "role": {"writer"}, "offers": {"SIGN", "VAULT"}, "expires": {"2026-12-31"},
	})
	if got.status != http.StatusOK || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("creating a client answers %d", got.status)
	}
	var codes []string
	for n := range elements(got.parse(t), "code") {
		codes = append(codes, textOf(n))
	}
	if len(codes) != 2 {
		t.Fatalf("the page shows %q", codes)
	}
	id, secret := codes[0], codes[1]
	if got := b.get(t, "/clients/"+id); got.status != http.StatusOK || strings.Contains(got.body, secret) {
		t.Errorf("the client's page answers %d, or has its secret", got.status)
	}
	c, err := f.store.Authenticate(t.Context(), billing.ClientID(id), secret, day(t, "2026-12-30"))
	if err != nil || c.Role != billing.RoleWriter || !cmp.Equal(c.Offers, []billing.OfferCode{"SIGN", "VAULT"}) || c.Expires != day(t, "2026-12-31") {
		t.Errorf("the client is %+v, %v", c, err)
	}
	path := "/clients/" + id
	rotated := b.post(t, path, path+"/rotate", url.Values{"reason": {"Leaked"}})
	if rotated.status != http.StatusOK || strings.Contains(rotated.body, secret) {
		t.Errorf("renewing the secret answers %d", rotated.status)
	}
	if _, err := f.store.Authenticate(t.Context(), billing.ClientID(id), secret, day(t, "2026-08-23")); err == nil {
		t.Error("the old secret still opens")
	}
	if act := f.lastAct(t, billing.AuditClient, id); act.Actor.Reason != "Leaked" {
		t.Errorf("the trace says %+v", act.Actor)
	}
	if got := b.post(t, path, path+"/access", url.Values{"reason": {"Moved"}, "role": {"reader"}, "omniscient": {"yes"}, "offers": {"SIGN"}}); got.status != http.StatusSeeOther {
		t.Errorf("changing the access answers %d", got.status)
	}
	after, err := f.store.Client(t.Context(), f.scope, billing.ClientID(id))
	if err != nil || !after.Omniscient || after.Role != billing.RoleReader || len(after.Offers) != 1 {
		t.Errorf("the client is now %+v, %v", after, err)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	for _, decision := range []billing.Decision{billing.DecisionKeep, billing.DecisionCancel} {
		f := newFixture(t)
		b := newBrowser(t, f.serve(t, nil))
		open, err := f.store.Suspects(t.Context(), f.scope, billing.DecisionOpen, billing.Page{})
		if err != nil || len(open.Items) != 1 {
			t.Fatalf("%d suspects, %v", len(open.Items), err)
		}
		suspect := open.Items[0]
		refused := b.post(t, "/duplicates", "/duplicates/"+suspect.ID, url.Values{"decision": {string(decision)}, "reason": {" "}})
		if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, "Reason: is required") {
			t.Errorf("%s without a reason answers %d", decision, refused.status)
		}
		got := b.post(t, "/duplicates", "/duplicates/"+suspect.ID, url.Values{"decision": {string(decision)}, "reason": {"Looked at both"}})
		if got.status != http.StatusSeeOther {
			t.Fatalf("%s answers %d: %s", decision, got.status, textOf(got.parse(t)))
		}
		_, err = f.store.Subscription(t.Context(), f.scope, suspect.Subscription)
		if gone := err != nil; gone != (decision == billing.DecisionCancel) {
			t.Errorf("%s: the newer subscription is gone: %t", decision, gone)
		}
		shown := b.get(t, "/duplicates?decision="+string(decision))
		if !strings.Contains(shown.body, "Looked at both") {
			t.Errorf("%s: the reason is not shown", decision)
		}
		checkPage(t, "settled by "+string(decision), "en", shown)
	}
}

func TestReconcileNow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	got := b.post(t, "/reconcile", "/reconcile", url.Values{})
	if got.header.Get("Location") != "/backoffice/reconcile?done=clean" {
		t.Errorf("comparing leads to %d %s", got.status, got.header.Get("Location"))
	}
	reports, err := f.store.Reconciliations(t.Context(), f.scope, 10)
	if err != nil || len(reports) != 2 {
		t.Errorf("%d reports, %v", len(reports), err)
	}
}
