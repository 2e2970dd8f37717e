package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/egress"
	"github.com/clementine-ope/clementine/internal/profile"
)

// Who sees what: strangers, two partners, reviewers.
func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(guarded)
	acme, other, orange := signedIn(t, s, "acme@acme.test", password), signedIn(t, s, "other@acme.test", password), signedIn(t, s, "", token)
	mine := acme.setUp(reference(f.partner.URL(), profile.Sync))
	run := acme.run(mine, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}})
	acme.follow(run, "done")
	for _, tt := range []struct {
		path                string
		acme, other, orange int
	}{
		{"/", 200, 200, 200},
		{"/profiles/new", 200, 200, 200},
		{"/profiles/" + mine, 200, 404, 200},
		{"/profiles/" + mine + "/yaml", 200, 404, 200},
		{"/profiles/" + mine + "/run", 200, 404, 200},
		{"/profiles/none", 404, 404, 404},
		{"/profiles/%00", 404, 404, 404},
		{"/runs", 200, 200, 200},
		{"/runs?partner=%27&verdict=x&mode=y&after=z", 200, 200, 200},
		{"/runs/" + run, 200, 404, 200},
		{"/runs/" + run + "/report", 200, 404, 200},
		{"/runs/" + run + "/files/report.clem", 200, 404, 200},
		{"/runs/" + run + "/files/secrets", 404, 404, 404},
		{"/runs/" + run + "/events", 200, 404, 200}, // it is over, and says so
		{"/runs/none", 404, 404, 404},
		{"/compare?a=" + run + "&b=" + run, 200, 404, 200},
		{"/compare?a=&b=" + run, 404, 404, 404},
		{"/helper", 200, 200, 200},
		{"/helper?profile=" + mine + "&call=uc1", 200, 404, 200},
		{"/helper?profile=" + mine + "&call=none", 404, 404, 404},
		{"/gateway", 403, 403, 200},
		{"/gateway/events", 403, 403, 0},
		{"/requirements", 200, 200, 200},
		{"/no-such-page", 404, 404, 404},
	} {
		for who, each := range map[string]struct {
			b    *browser
			want int
		}{"acme": {acme, tt.acme}, "other": {other, tt.other}, "orange": {orange, tt.orange}} {
			if each.want == 0 {
				continue // it does not end
			}
			if got := each.b.get(tt.path); got.status != each.want {
				t.Errorf("%s reads %s: %d, want %d", who, tt.path, got.status, each.want)
			}
		}
		if got := newBrowser(t, s).get(tt.path); got.at != "/sign-in" {
			t.Errorf("a stranger reads %s: %d at %s", tt.path, got.status, got.at)
		}
	}
	for _, path := range []string{"/", "/runs", "/helper"} {
		if got := other.get(path); strings.Contains(got.body, "Reference partner") {
			t.Errorf("%s shows what is somebody else's", path)
		}
	}
	if got := other.get("/"); strings.Contains(got.body, "<script>alert") {
		t.Error("the account's name is not escaped")
	}
}

// Nobody writes what is not theirs, and nothing is taken without the form's token.
func TestWhoWritesWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(guarded)
	acme, other := signedIn(t, s, "acme@acme.test", password), signedIn(t, s, "other@acme.test", password)
	mine := acme.setUp(reference(f.partner.URL(), profile.Sync))
	run := acme.run(mine, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}})
	acme.follow(run, "done")
	for _, tt := range []struct {
		path        string
		acme, other int // 0: it would be done
	}{
		{"/profiles/" + mine, 0, 404},
		{"/profiles/" + mine + "/run", 0, 404},
		{"/profiles/" + mine + "/delete", 0, 404},
		{"/runs/" + run + "/stop", 0, 404},
		{"/runs/" + run + "/answer", 404, 404},
		{"/runs/" + run + "/review", 403, 403},
		{"/runs/" + run + "/delete", 0, 404},
		{"/gateway/faults", 403, 403},
		{"/gateway/faults/remove", 403, 403},
		{"/profiles", 422, 422},
		{"/profiles/yaml", 422, 422},
		{"/helper", 404, 404},
	} {
		if got := other.post("/profiles/new", tt.path, nil); got.status != tt.other {
			t.Errorf("somebody else sends %s: %d, want %d", tt.path, got.status, tt.other)
		}
		if tt.acme != 0 {
			if got := acme.post("/profiles/new", tt.path, nil); got.status != tt.acme {
				t.Errorf("the owner sends %s: %d, want %d", tt.path, got.status, tt.acme)
			}
		}
		if got := acme.send(tt.path, url.Values{"csrf": {"forged"}}); got.status != http.StatusForbidden {
			t.Errorf("a forged form to %s answers %d", tt.path, got.status)
		}
		if got := newBrowser(t, s).post("/sign-in", tt.path, nil); got.status != http.StatusUnauthorized {
			t.Errorf("a stranger sends %s: %d", tt.path, got.status)
		}
	}
	orange := signedIn(t, s, "", token)
	form := url.Values{"kind": {"refuse"}, "by": {"R"}, "reason": {"partial"}}
	if got := orange.post("/runs/"+run, "/runs/"+run+"/review", form); got.status != http.StatusOK {
		t.Fatalf("a reviewer's decision answers %d", got.status)
	}
	if got := acme.post("/runs/"+run, "/runs/"+run+"/delete", nil); got.status != http.StatusConflict {
		t.Errorf("a partner removes a run that was decided on: %d", got.status)
	}
	acme.post("/profiles/"+mine, "/profiles/"+mine+"/delete", nil)
	if got := acme.get("/profiles/" + mine); got.status != http.StatusNotFound {
		t.Errorf("a removed profile answers %d", got.status)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(guarded)
	for _, form := range []url.Values{{"secret": {"wrong"}}, {"secret": {""}}, {"name": {"acme@acme.test"}, "secret": {token}}, {"name": {"nobody@x"}, "secret": {password}}} {
		if got := newBrowser(t, s).post("/sign-in", "/sign-in", form); got.status != http.StatusUnauthorized {
			t.Errorf("%v answers %d", form, got.status)
		}
	}
	if got := newBrowser(t, f.serve(nil)).get("/gateway"); got.status != http.StatusOK {
		t.Errorf("this machine, where it is open, gets %d", got.status)
	}
}

// Whoever has signed in reaches nothing inside, by a run, a trigger or a call by hand; the operator may allow a network.
func TestCallsNothingInside(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(func(o *console.Options) { o.Reach = egress.Guard{} })
	acme := signedIn(t, s, "acme@acme.test", password)
	mine := acme.setUp(reference(f.partner.URL(), profile.Sync))
	run := acme.run(mine, url.Values{"mode": {"sync"}})
	done, _ := acme.follow(run, "done")
	if text := done.text(t); !strings.Contains(text, "Nothing could be judged") || !strings.Contains(text, "127.0.0.1 is not a public address") {
		t.Errorf("a run against this machine reads %s", text)
	}
	got := acme.post("/profiles/new", "/helper", url.Values{"profile": {mine}, "call": {"ping"}})
	if !strings.Contains(got.text(t), "127.0.0.1 is not a public address") {
		t.Errorf("a call by hand to this machine reads %s", got.text(t))
	}
	// Nor does the person at this machine on a partner's behalf, who reaches what it likes on its own.
	person := newBrowser(t, s)
	if done, _ := person.follow(person.run(mine, url.Values{"mode": {"sync"}}), "done"); !strings.Contains(done.text(t), "127.0.0.1 is not a public address") {
		t.Errorf("a partner's profile, run by the person at this machine, reads %s", done.text(t))
	}
	own := person.setUp(reference(f.partner.URL(), profile.Sync))
	if done, _ := person.follow(person.run(own, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}}), "done"); strings.Contains(done.text(t), "Nothing could be judged") {
		t.Errorf("its own profile reads %s", done.text(t))
	}
	if got := acme.get("/runs"); got.status != http.StatusOK || !strings.Contains(got.text(t), "nothing judged") {
		t.Errorf("the list with such a run: %d", got.status)
	}
}
