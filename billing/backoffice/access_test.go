package backoffice_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/backoffice"
)

// as are the ways in, by name: a browser each.
func (f *fixture) as(t *testing.T) map[string]*browser {
	t.Helper()
	server := f.serve(t, guarded)
	return map[string]*browser{
		"stranger": newBrowser(t, server), "house": signedIn(t, server, "", token),
		"reader": signedIn(t, server, string(f.reader.id), f.reader.secret), "writer": signedIn(t, server, string(f.writer.id), f.writer.secret),
		"omniscient": signedIn(t, server, string(f.seer.id), f.seer.secret),
	}
}

// find is the first subscription of an offer.
func (f *fixture) find(t *testing.T, offer billing.OfferCode) billing.Subscription {
	t.Helper()
	got, err := f.store.Subscriptions(t.Context(), f.scope, billing.Filter{Offers: []billing.OfferCode{offer}},
		billing.Order{By: billing.OrderByReference, Ascending: true}, billing.Page{Size: 1})
	if err != nil || len(got.Items) == 0 {
		t.Fatalf("no subscription of %s: %v", offer, err)
	}
	return got.Items[0]
}

func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	as := f.as(t)
	other := "/subscriptions/" + string(f.find(t, "VAULT").ID)
	for _, tt := range []struct {
		path                                        string
		stranger, reader, writer, omniscient, house int
	}{
		{"/", 303, 200, 200, 200, 200},
		{"/subscriptions/" + string(f.script.ID), 303, 200, 200, 200, 200},
		{other, 303, 404, 404, 200, 200},
		{"/offers/NOTES-L", 303, 404, 200, 200, 200},
		{"/offers/NO-SUCH", 303, 404, 404, 404, 404},
		{"/subscriptions/export?format=csv", 303, 200, 200, 200, 200},
		{"/subscriptions/new", 303, 403, 200, 403, 200},
		{"/clients", 303, 403, 403, 403, 200},
		{"/clients/" + string(f.reader.id), 303, 403, 403, 403, 200},
		{"/reconcile", 303, 403, 403, 403, 200},
		{"/trace", 303, 200, 200, 200, 200},
		{"/duplicates", 303, 200, 200, 200, 200},
		{"/api", 303, 200, 200, 200, 200},
		{"/no-such-page", 303, 404, 404, 404, 404},
	} {
		for who, want := range map[string]int{
			"stranger": tt.stranger, "reader": tt.reader, "writer": tt.writer, "omniscient": tt.omniscient, "house": tt.house,
		} {
			if got := as[who].get(t, tt.path); got.status != want {
				t.Errorf("%s reads %s: %d, want %d", who, tt.path, got.status, want)
			}
		}
	}
}

// What a client does not see must not show: not in lists, totals, choices, exports or traces.
func TestNothingOfOtherOffersShows(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	reader := f.as(t)["reader"]
	paths := append(f.paths(), "/subscriptions/export?format=csv", "/subscriptions?offer=NOTES-S", "/offers/VAULT", "/trace?kind=offer")
	for _, path := range paths {
		got := reader.get(t, path)
		for _, hidden := range []string{"Vault storage", "Meetings Switzerland", "MEET-CHF", "Signature for", "Order desk", "CHF"} {
			if strings.Contains(got.body, hidden) && !strings.Contains(path, hidden) {
				t.Errorf("%s shows %q", path, hidden)
			}
		}
	}
	missing, outside := reader.get(t, "/offers/NO-SUCH"), reader.get(t, "/offers/VAULT")
	if strings.ReplaceAll(missing.body, "NO-SUCH", "VAULT") != outside.body {
		t.Error("an offer of others is not the same page as one that there is not")
	}
}

func TestWhoWritesWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	as := f.as(t)
	own, other := f.find(t, "NOTES-S"), f.find(t, "VAULT")
	end := func(s billing.Subscription) (string, url.Values) {
		return "/subscriptions/" + string(s.ID) + "/end", url.Values{"version": {"1"}, "endDate": {"2027-01-31"}, "reason": {"x"}}
	}
	for _, tt := range []struct {
		who    string
		on     billing.Subscription
		status int
	}{
		{"stranger", own, 401}, {"reader", own, 403}, {"omniscient", own, 403}, {"reader", other, 404}, {"writer", other, 404},
	} {
		path, form := end(tt.on)
		from := "/sign-in"
		if tt.who != "stranger" {
			from = "/subscriptions?text=x"
		}
		form.Set("csrf", as[tt.who].formToken(t, from))
		if got := as[tt.who].send(t, path, form); got.status != tt.status {
			t.Errorf("%s ends one of %s: %d, want %d", tt.who, tt.on.Offer, got.status, tt.status)
		}
	}
	for _, path := range []string{"/offers", "/envelopes", "/clients", "/reconcile", "/clients/" + string(f.reader.id) + "/rotate"} {
		for _, who := range []string{"reader", "writer", "omniscient"} {
			form := url.Values{"code": {"Q"}, "name": {"Q"}, "label": {"Q"}, "currency": {"EUR"}, "role": {"admin"}, "reason": {"x"}}
			form.Set("csrf", as[who].formToken(t, "/subscriptions"))
			if got := as[who].send(t, path, form); got.status != http.StatusForbidden {
				t.Errorf("%s writes %s: %d", who, path, got.status)
			}
		}
	}
	for _, id := range []billing.SubscriptionID{own.ID, other.ID} {
		if s := f.read(t, id); s.Version > 3 || s.Term.To == day(t, "2027-02-01") {
			t.Errorf("%s has been changed", id)
		}
	}
	writable := f.read(t, own.ID)
	path, form := end(writable)
	form.Set("version", f.version(t, own.ID))
	if got := as["writer"].post(t, "/subscriptions/"+string(own.ID), path, form); got.status != http.StatusSeeOther {
		t.Errorf("the writer ends its own: %d", got.status)
	}
	if act := f.lastAct(t, billing.AuditSubscription, string(own.ID)); act.Actor.Client != f.writer.id || act.Actor.Kind != billing.ActorClient {
		t.Errorf("the trace says %+v", act.Actor)
	}
}

// formToken is the token of a browser's forms; every page that is signed in has the form to sign out.
func (b *browser) formToken(t *testing.T, from string) string {
	t.Helper()
	return b.get(t, from).token(t)
}

// A suspension counts at the next request, whatever was signed in before.
func TestSuspendedAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	reader := f.as(t)["reader"]
	if got := reader.get(t, "/"); got.status != http.StatusOK {
		t.Fatalf("before: %d", got.status)
	}
	if _, err := f.store.SetClientStatus(t.Context(), f.actor, f.scope, f.reader.id, billing.ClientSuspended); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/subscriptions", "/api", "/subscriptions/export?format=csv"} {
		if got := reader.get(t, path); got.status != http.StatusUnauthorized || strings.Contains(got.body, "CT-0") {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
}

func TestWrongSecrets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(t, guarded)
	for _, tt := range []struct{ name, secret string }{
		{"", ""}, {"", "wrong"}, {"back-office", f.reader.secret}, {string(f.reader.id), "wrong"}, {string(f.reader.id), token},
		{string(f.reader.id), f.writer.secret}, {"house", token},
	} {
		got := newBrowser(t, server).post(t, "/sign-in", "/sign-in", url.Values{"name": {tt.name}, "secret": {tt.secret}})
		if got.status != http.StatusUnauthorized {
			t.Errorf("%q with %q: %d", tt.name, tt.secret, got.status)
		}
	}
}

// Without a token of its own nobody becomes the back-office, not even with the empty one.
func TestNoTokenNoHouse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(t, func(o *backoffice.Options) { o.Open, o.Token = false, "" })
	got := newBrowser(t, server).post(t, "/sign-in", "/sign-in", url.Values{"name": {""}, "secret": {""}})
	if got.status != http.StatusUnauthorized {
		t.Errorf("an empty token answers %d", got.status)
	}
}

// Reading by an administrator or an omniscient client is traced; a client's reading of its own offers is not.
func TestReadingIsTraced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	as := f.as(t)
	reads := func(id billing.ClientID) []billing.AuditEntry {
		got, err := f.store.Audit(t.Context(), f.scope, billing.AuditFilter{
			Kinds: []billing.AuditKind{billing.AuditRead}, Clients: []billing.ClientID{id},
		}, billing.Page{Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		return got.Items
	}
	for _, who := range []string{"reader", "omniscient", "house"} {
		as[who].get(t, "/subscriptions?offer=NOTES-S&status=active")
	}
	if n := len(reads(f.reader.id)); n != 0 {
		t.Errorf("%d readings of the reader are traced", n)
	}
	for _, id := range []billing.ClientID{f.seer.id, "back-office"} {
		got := reads(id)
		if len(got) != 1 || !strings.Contains(got[0].ID+got[0].After, "/backoffice/subscriptions") || !strings.Contains(got[0].After, "NOTES-S") {
			t.Errorf("the reading of %s is traced as %+v", id, got)
		}
	}
}
