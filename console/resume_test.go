package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// asked waits until a run under way asks a person.
func (b *browser) asked(id string) {
	b.t.Helper()
	for shown := b.get("/runs/" + id); shown.value(b.t, "question") == ""; shown = b.get("/runs/" + id) {
		if !strings.Contains(shown.body, `id="live"`) {
			b.t.Fatalf("the run is over before it has asked: %s", shown.text(b.t))
		}
		b.get("/runs/" + id + "/events")
	}
}

// ended waits until this program does not run a run any more, and answers nothing.
func (b *browser) ended(id string) page {
	b.t.Helper()
	for {
		shown := b.get("/runs/" + id)
		if !strings.Contains(shown.body, `id="live"`) {
			return shown
		}
		b.get("/runs/" + id + "/events?asked=" + shown.value(b.t, "question"))
	}
}

func (b *browser) results(id string) reports.Results {
	b.t.Helper()
	file := b.get("/runs/" + id + "/files/results.json")
	r, err := reports.Read(strings.NewReader(file.body))
	if err != nil {
		b.t.Fatalf("results.json answers %d: %v", file.status, err)
	}
	return r
}

func verdicts(r reports.Results) map[string]string {
	out := map[string]string{}
	for _, q := range r.Requirements {
		out[q.ID] = string(q.Verdict)
	}
	for _, s := range r.Scenarios {
		out[s.ID] = string(s.Verdict)
	}
	return out
}

// whole is what a run comes to that nobody stops.
func whole(t *testing.T, mode profile.Mode, form url.Values) map[string]string {
	t.Helper()
	f := newFixture(t, mode)
	b := newBrowser(t, f.serve(nil))
	id := b.run(b.setUp(reference(f.partner.URL(), mode)), form)
	b.follow(id, "refused")
	return verdicts(b.results(id))
}

// A run that is stopped, and one whose program ends, is listed as such; it goes on live, and comes to what an unbroken one
// comes to.
func TestStoppedRunGoesOn(t *testing.T) {
	t.Parallel()
	long := os.Getenv("CLEMENTINE_LONG") != ""
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		form := url.Values{"mode": {string(mode)}, "seed": {"7"}}
		if !long {
			form["only"] = []string{"PO-UC1", "PO-UC4", "US-UC5"}
		}
		want := whole(t, mode, form)
		for _, engine := range databasetest.Engines(&server) {
			if !long && (mode == profile.Sync) != (engine.Name == "sqlite-memory") {
				continue
			}
			t.Run(string(mode)+" "+engine.Name, func(t *testing.T) {
				t.Parallel()
				f := newFixtureOn(t, mode, engine.Address(t))
				first := f.serve(nil)
				b := newBrowser(t, first)
				id := b.run(b.setUp(reference(f.partner.URL(), mode)), maps.Clone(form))
				b.asked(id)
				b.post("/runs/"+id, "/runs/"+id+"/stop", nil)
				stopped, _ := b.follow(id, "refused")
				if text := stopped.text(t); !strings.Contains(text, "This run was stopped") || !strings.Contains(text, "stopped before its end") {
					t.Errorf("the stopped run reads %s", text)
				}
				if before := b.results(id); !before.Interrupted {
					t.Error("what the stopped run had judged is not kept")
				}
				if list := b.get("/runs").text(t); !strings.Contains(list, "Not finished") {
					t.Errorf("the list reads %s", list)
				}
				if got := b.post("/runs/"+id, "/runs/"+id+"/resume", nil); got.status != http.StatusOK || !strings.Contains(got.body, `id="live"`) {
					t.Fatalf("resuming answers %d at %s: %s", got.status, got.at, got.text(t))
				}
				b.asked(id)
				// The program ends, and another one goes on.
				if err := f.consoles[0].Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				b = newBrowser(t, f.serve(nil))
				if text := b.get("/runs/" + id).text(t); !strings.Contains(text, "This run ended with its program") {
					t.Errorf("the run that ended with its program reads %s", text)
				}
				b.post("/runs/"+id, "/runs/"+id+"/resume", nil)
				done, events := b.follow(id, "refused")
				if !strings.Contains(events, `"kind":"exchange"`) {
					t.Error("the resumed run is not live")
				}
				got := b.results(id)
				if diff := cmp.Diff(want, verdicts(got)); diff != "" {
					t.Errorf("other verdicts than of an unbroken run (-unbroken +resumed):\n%s", diff)
				}
				if len(got.Resumed) != 2 || got.Resumed[0].OrangeRestarted || !got.Resumed[1].OrangeRestarted || got.Resumed[0].Judged == 0 || got.Interrupted {
					t.Errorf("the results say %+v, interrupted %v", got.Resumed, got.Interrupted)
				}
				if text := done.text(t); !strings.Contains(text, "Last resumed") {
					t.Errorf("the finished run does not say that it was resumed: %s", text)
				}
				if text := done.text(t) + b.get("/runs").text(t); strings.Contains(text, "Resume") || strings.Contains(text, "Not finished") {
					t.Errorf("the finished run can still be resumed: %s", text)
				}
			})
		}
	}
}

// Several programs on one database: one of them runs a run, the others say so, and can stop it; only when its lease has run
// out does another one take it over, and the first one then keeps nothing.
func TestOneProgramRunsARun(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			f := newFixtureOn(t, profile.Sync, engine.Address(t))
			first, second := newBrowser(t, f.serve(nil)), newBrowser(t, f.serve(nil))
			profileID := first.setUp(reference(f.partner.URL(), profile.Sync))
			form := url.Values{"mode": {"sync"}, "only": {"US-UC5"}, "seed": {"7"}}
			id := first.run(profileID, form)
			first.asked(id)
			if text := second.get("/runs/" + id).text(t); !strings.Contains(text, "under way in another program") {
				t.Errorf("elsewhere the run reads %s", text)
			}
			for _, action := range []string{"resume", "discard"} {
				if got := second.post("/runs/"+id, "/runs/"+id+"/"+action, nil); got.status != http.StatusConflict {
					t.Errorf("%s of a run under way elsewhere answers %d", action, got.status)
				}
			}
			path := "/profiles/" + profileID + "/run"
			if got := second.post(path, path, form); got.status != http.StatusConflict {
				t.Errorf("a second run of the partner, elsewhere, answers %d", got.status)
			}
			second.post("/runs/"+id, "/runs/"+id+"/stop", nil)
			if done := first.ended(id); !strings.Contains(done.text(t), "This run was stopped") {
				t.Errorf("the run that was stopped elsewhere reads %s", done.text(t))
			}
			first.post("/runs/"+id, "/runs/"+id+"/resume", nil)
			first.asked(id)
			late := newBrowser(t, f.serve(func(o *console.Options) { o.Now = func() time.Time { return time.Now().Add(time.Hour) } }))
			if text := late.get("/runs/" + id).text(t); !strings.Contains(text, "This run was cut off") {
				t.Errorf("an hour later the run reads %s", text)
			}
			late.post("/runs/"+id, "/runs/"+id+"/resume", nil)
			// The first one learns of it, and lets go.
			first.ended(id)
			late.follow(id, "refused")
			if got := late.results(id); got.Interrupted || len(got.Resumed) != 2 {
				t.Errorf("the run that was taken over: interrupted %v, resumed %+v", got.Interrupted, got.Resumed)
			}
		})
	}
}

// What can't go on says why and waits; what is given up, decided on or removed is gone.
func TestRunsThatDoNotGoOn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	profileID := b.setUp(reference(f.partner.URL(), profile.Sync))
	stopped := func() string {
		id := b.run(profileID, url.Values{"mode": {"sync"}, "only": {"US-UC5"}})
		b.asked(id)
		b.post("/runs/"+id, "/runs/"+id+"/stop", nil)
		b.ended(id)
		return id
	}
	waits := func(id string) bool { return strings.Contains(b.get("/runs").body, "/runs/"+id+"/resume") }
	id := stopped()
	newer := newBrowser(t, f.serve(func(o *console.Options) { o.Version = "newer" }))
	got := newer.post("/runs/"+id, "/runs/"+id+"/resume", nil)
	if text := got.text(t); got.status != http.StatusConflict || !strings.Contains(text, "the version of Clementine was test, is newer") || !waits(id) {
		t.Errorf("resuming with another version answers %d: %s", got.status, text)
	}
	if got := b.post("/runs/"+id, "/runs/"+id+"/discard", nil); got.status != http.StatusOK || waits(id) || b.get("/runs/"+id).status != http.StatusOK {
		t.Errorf("giving up answers %d at %s", got.status, got.at)
	}
	if got := b.post("/runs/"+id, "/runs/"+id+"/resume", nil); got.status != http.StatusNotFound {
		t.Errorf("resuming what was given up answers %d", got.status)
	}
	id = stopped()
	b.post("/runs/"+id, "/runs/"+id+"/review", url.Values{"kind": {"refuse"}, "by": {"R"}, "reason": {"stopped"}})
	if waits(id) {
		t.Error("what was decided on can be resumed")
	}
	id = stopped()
	b.post("/runs/"+id, "/runs/"+id+"/delete", nil)
	if waits(id) || b.get("/runs/"+id).status != http.StatusNotFound {
		t.Error("what was removed can be resumed")
	}
	id = stopped()
	b.post("/profiles/"+profileID, "/profiles/"+profileID+"/delete", nil)
	if waits(id) {
		t.Error("a run of a set-up that was removed can be resumed")
	}
}

// Somebody else's run that is not over is not there.
func TestWhoResumes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(guarded)
	acme, other, orange := signedIn(t, s, "acme@acme.test", password), signedIn(t, s, "other@acme.test", password), signedIn(t, s, "", token)
	id := acme.run(acme.setUp(reference(f.partner.URL(), profile.Sync)), url.Values{"mode": {"sync"}, "only": {"US-UC5"}})
	acme.asked(id)
	acme.post("/runs/"+id, "/runs/"+id+"/stop", nil)
	acme.ended(id)
	for _, action := range []string{"resume", "discard", "stop"} {
		if got := other.post("/profiles/new", "/runs/"+id+"/"+action, nil); got.status != http.StatusNotFound {
			t.Errorf("somebody else's %s answers %d", action, got.status)
		}
	}
	if strings.Contains(other.get("/runs").body, id) {
		t.Error("somebody else's list shows it")
	}
	orange.post("/runs/"+id, "/runs/"+id+"/resume", nil)
	if done, _ := orange.follow(id, "refused"); !strings.Contains(done.text(t), "Only US-UC5 was run") {
		t.Errorf("resumed by a reviewer: %s", done.text(t))
	}
	if got := acme.results(id); got.Interrupted {
		t.Error("the resumed run is interrupted")
	}
}
