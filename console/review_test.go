package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
)

// What keeps a decision from being taken stands at its field, by the field's name, and the form is as it was filled in.
func TestRefusedDecisions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	setUp := b.setUp(strings.Replace(reference(f.wrongPartner(), profile.Sync), "Reference partner", "Wrong partner", 1))
	id := b.run(setUp, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}, "more": {"GEN-01"}})
	shown, _ := b.follow(id, "not")
	for _, want := range []string{"What to do next: change in your server", "GEN-01 in the report", "Seed"} {
		if !strings.Contains(shown.text(t), want) {
			t.Errorf("no %q on the page: %s", want, shown.text(t))
		}
	}
	if !strings.Contains(shown.body, "/report#GEN-01") || !strings.Contains(b.get("/runs/"+id+"/report").body, `id="GEN-01"`) {
		t.Error("the page does not lead to the finding in the report")
	}
	waiver := func(change string, value string) url.Values {
		form := url.Values{"kind": {"waive"}, "requirement": {"GEN-01"}, "until": {"2099-01-01"}, "by": {"A Reviewer"}, "reason": {"mended in <May>"}}
		form.Set(change, value)
		return form
	}
	for field, tc := range map[string]struct {
		form  url.Values
		label string
	}{
		"by":          {waiver("by", " "), "Your name : a decision needs a name"},
		"reason":      {waiver("reason", ""), "Reason : a decision needs a reason"},
		"until":       {waiver("until", "2001-01-01"), "Last day of the waiver : a waiver until 2001-01-01 has run out already"},
		"requirement": {waiver("requirement", "PO-UC1-01"), "Requirement that is waived : PO-UC1-01 is"},
		"kind":        {waiver("kind", "accept"), "Decision : a partial run"},
	} {
		got := b.post("/runs/"+id, "/runs/"+id+"/review", tc.form)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), tc.label) || strings.Count(got.body, `id="`+field+`-problem"`) != 1 {
			t.Errorf("%s: %d, %s", field, got.status, got.text(t))
		}
		if field != "reason" && !strings.Contains(got.body, "mended in &lt;May&gt;") {
			t.Errorf("%s: the reason is lost", field)
		}
	}
	if french := b.post("/runs/"+id+"?lang=fr", "/runs/"+id+"/review", waiver("by", "")).text(t); !strings.Contains(french, "La décision n’a pas été prise") || strings.Contains(french, "needs a name") {
		t.Errorf("in French: %s", french)
	}
}
