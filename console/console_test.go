package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// From an empty console to a judged run of one's own partner, by the forms alone; then what a reviewer does with it.
func TestFromNothingToAJudgedRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	got := b.post("/profiles/new", "/profiles", url.Values{
		"partner.name": {"Reference partner"}, "baseURL": {f.partner.URL()}, "mode": {"sync"}, "offer": {"mba2"}, "ping": {"/ping"}, "auth.type": {"none"},
		"offerings[0].code": {"NOTES-S"}, "offerings[0].price": {"4.50"}, "offerings[1].code": {"NOTES-L"},
		"features.changeOffering": {"true"}, "features.endUser": {"true"}, "delays.quiet": {"100ms"},
		"triggers.endUser.add.http.url": {"{base}/customer-tool/{licence}/user/add"}, "triggers.endUser.add.http.method": {"POST"},
		"triggers.endUser.delete.ask": {"Remove the user of {licence}"},
	})
	if got.status != http.StatusOK || !strings.HasSuffix(got.at, "/run") {
		t.Fatalf("setting up answers %d at %s: %s", got.status, got.at, got.text(t))
	}
	profileID := strings.TrimSuffix(strings.TrimPrefix(got.at, "/profiles/"), "/run")
	id := b.run(profileID, url.Values{"mode": {"sync"}, "lang": {"en"}})
	done, events := b.follow(id, "not")
	if done.status != http.StatusOK || strings.Contains(done.text(t), "What failed") {
		t.Fatalf("the reference partner's run: %d %s", done.status, done.text(t))
	}
	for _, want := range []string{`"kind":"scenario"`, `"kind":"exchange"`, `"reload":true`, `POST /productordering/v2/productOrder`, `"verdict":"passed"`} {
		if !strings.Contains(events, want) {
			t.Errorf("the stream has no %s", want)
		}
	}
	results, err := reports.Read(strings.NewReader(b.get("/runs/" + id + "/files/results.json").body))
	if err != nil {
		t.Fatal(err)
	}
	if results.Counts.Failed != 0 || results.Counts.Passed < 40 || !results.Attended {
		t.Errorf("the run counts %+v, attended %v", results.Counts, results.Attended)
	}
	report := b.get("/runs/" + id + "/report?lang=fr")
	if report.status != http.StatusOK || !strings.Contains(report.body, `lang="fr"`) || !strings.HasPrefix(report.header.Get("Content-Security-Policy"), "sandbox") ||
		strings.Contains(report.header.Get("Content-Security-Policy"), "allow-same-origin") {
		t.Errorf("the report answers %d under %q", report.status, report.header.Get("Content-Security-Policy"))
	}
	b.get("/?lang=en")
	for _, name := range []string{"report.clem", "report.html", "junit.xml", "ctrf.json"} {
		if file := b.get("/runs/" + id + "/files/" + name); file.status != http.StatusOK || !strings.Contains(file.header.Get("Content-Disposition"), name) {
			t.Errorf("%s answers %d", name, file.status)
		}
	}
	reviewAndCompare(t, b, profileID, id)
}

func reviewAndCompare(t *testing.T, b *browser, profileID, id string) {
	t.Helper()
	decide := func(form url.Values) page {
		form.Set("by", "A Reviewer")
		form.Set("reason", hostile)
		return b.post("/runs/"+id, "/runs/"+id+"/review", form)
	}
	if got := decide(url.Values{"kind": {"waive"}, "requirement": {"GEN-01"}, "until": {"2099-01-01"}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), "nothing to waive") {
		t.Errorf("waiving what passed answers %d", got.status)
	}
	// The refused ask leaves a requirement inconclusive, which has to be waived first.
	if got := decide(url.Values{"kind": {"accept"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("accepting what could not be judged answers %d", got.status)
	}
	got := decide(url.Values{"kind": {"waive"}, "requirement": {"US-UC5-03"}, "until": {"2099-01-01"}})
	if got.status != http.StatusOK {
		t.Fatalf("waiving answers %d: %s", got.status, got.text(t))
	}
	if got = decide(url.Values{"kind": {"refuse"}}); got.status != http.StatusOK || !strings.Contains(got.text(t), "This run is refused.") {
		t.Errorf("refusing answers %d: %s", got.status, got.text(t))
	}
	if strings.Contains(got.body, "<script>alert") {
		t.Error("a reason is not escaped")
	}
	second := b.run(profileID, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}})
	if done, _ := b.follow(second, "done"); !strings.Contains(done.text(t), "Only PO-UC1 was run") {
		t.Errorf("a partial run reads %s", done.text(t))
	}
	if got := b.get("/compare?a=" + id + "&b=" + second); got.status != http.StatusOK || !strings.Contains(got.text(t), "no longer judged") {
		t.Errorf("the comparison answers %d: %s", got.status, got.text(t))
	}
	list := b.get("/runs?partner=Reference+partner")
	if list.status != http.StatusOK || strings.Count(list.body, "/runs/"+id) < 2 || !strings.Contains(list.text(t), "Trend of Reference partner") {
		t.Errorf("the list answers %d: %s", list.status, list.text(t))
	}
	if got := b.get("/runs?verdict=failed"); strings.Contains(got.body, "/runs/"+id) {
		t.Error("the filter leaves through what did not fail")
	}
	if got := b.post("/runs/"+second, "/runs/"+second+"/delete", nil); got.at != "/runs" || b.get("/runs/"+second).status != http.StatusNotFound {
		t.Error("the run is not removed")
	}
}

// A question that nobody answers does not hold a run, and its place, for ever.
func TestUnansweredQuestionEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(func(o *console.Options) { o.Patience = time.Millisecond }))
	id := b.run(b.setUp(reference(f.partner.URL(), profile.Sync)), url.Values{"mode": {"sync"}, "only": {"US-UC5"}})
	b.follow(id, "not")
	if file := b.get("/runs/" + id + "/files/results.json"); !strings.Contains(file.body, "nobody answered within 1ms") {
		t.Errorf("the run of a question without an answer: %d", file.status)
	}
}

// A run that is stopped keeps what it has judged.
func TestStoppedRunIsKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	profileID := b.setUp(reference(f.partner.URL(), profile.Sync))
	id := b.run(profileID, url.Values{"mode": {"sync"}, "only": {"US-UC5"}})
	for b.get("/runs/"+id).value(t, "question") == "" {
		b.get("/runs/" + id + "/events")
	}
	path := "/profiles/" + profileID + "/run"
	if got := b.post(path, path, url.Values{"mode": {"sync"}}); got.status != http.StatusConflict || !strings.Contains(got.body, `href="`+console.Base+"/runs/"+id+`"`) {
		t.Errorf("a second run of the same partner answers %d, and does not lead to the first one: %s", got.status, got.text(t))
	}
	if got := b.post("/runs/"+id, "/runs/"+id+"/answer", url.Values{"question": {"another"}, "answer": {"done"}}); !strings.Contains(got.text(t), "answered already") {
		t.Errorf("answering another question: %s", got.text(t))
	}
	b.post("/runs/"+id, "/runs/"+id+"/stop", nil)
	if done, _ := b.follow(id, "done"); !strings.Contains(done.text(t), "stopped before its end") {
		t.Errorf("the stopped run reads %s", done.text(t))
	}
	whole := b.run(profileID, url.Values{"mode": {"sync"}, "only": {"US-UC5"}})
	if done, _ := b.follow(whole, "done"); !strings.Contains(done.body, `<option value="`+id+`"`) {
		t.Errorf("the earlier run is not offered beside the later one: %s", done.text(t))
	}
	if strings.Contains(b.get("/runs/"+id).body, `<option value="`+whole+`"`) {
		t.Error("a later run is offered as the earlier one")
	}
	compared := b.get("/compare?a=" + id + "&b=" + whole).text(t)
	if !strings.Contains(compared, "This run was stopped") || !strings.Contains(compared, "the interruption") || strings.Contains(compared, "the partner ") {
		t.Errorf("beside a whole run the stopped one reads %s", compared)
	}
	if turned := b.get("/compare?a=" + whole + "&b=" + id).text(t); !strings.Contains(turned, "Turn them round") || strings.Contains(compared, "Turn them round") {
		t.Errorf("the later run named first reads %s", turned)
	}
}

// Pages are parsed when they are first shown: this is what a program that starts no longer finds out.
func TestEveryPageIsInOrder(t *testing.T) {
	t.Parallel()
	c, err := console.New(t.Context(), newFixture(t, profile.Sync).options)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Check(), c.Close(t.Context())); err != nil {
		t.Error(err)
	}
}
