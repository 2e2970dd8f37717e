package steps_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

// replayed replays results as they would be read from their file, and fails where the replay comes to something else.
func replayed(t *testing.T, r reports.Results, o steps.Options) reports.Results {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var read reports.Results
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	again, err := steps.Replay(t.Context(), read, steps.Options{Pack: o.Pack, Extra: o.Extra, Version: o.Version})
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	if diffs := reports.Differences(read, again); len(diffs) > 0 {
		t.Errorf("the replay comes to something else:\n%s", strings.Join(diffs[:min(len(diffs), 12)], "\n"))
	}
	return again
}

// A replay judges the bytes of the recording: other bytes, another verdict.
func TestReplayJudgesTheRecordedBytes(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]func(*reports.Results){
		"an answer": func(r *reports.Results) {
			for i := range r.Exchanges {
				e := &r.Exchanges[i]
				if b := e.Response.Body; e.Kind == "call" && b != nil && strings.Contains(b.Text, `"completed"`) {
					b.Text = strings.Replace(b.Text, `"completed"`, `"failed"`, 1)
					return
				}
			}
		},
		"an event": func(r *reports.Results) {
			for i := range r.Exchanges {
				e := &r.Exchanges[i]
				if b := e.Request.Body; e.Kind == "event" && b != nil && strings.Contains(b.Text, `"completed"`) {
					b.Text = strings.Replace(b.Text, `"completed"`, `"acknowledged"`, 1)
					return
				}
			}
		},
		"a request": func(r *reports.Results) {
			for i := range r.Exchanges {
				if e := &r.Exchanges[i]; e.Kind == "call" && e.Request.Method == http.MethodPost {
					e.Request.URL += "/elsewhere"
					return
				}
			}
		},
		"a verdict": func(r *reports.Results) { r.Requirements[0].Verdict = reports.Failed },
		"the course": func(r *reports.Results) {
			for i := range r.Scenarios {
				for j := range r.Scenarios[i].Course {
					if turn := &r.Scenarios[i].Course[j]; turn.Op == "await" {
						turn.Value = -1
						return
					}
				}
			}
		},
		"the seed": func(r *reports.Results) { r.Seed++ },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "async", partner.Seam{}, 0)
			o := l.options(t, steps.Options{Only: []string{"PO-UC2", "GEN-01"}})
			r, err := steps.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			alter(&r)
			again, err := steps.Replay(t.Context(), r, o)
			if err != nil {
				t.Fatal(err)
			}
			if len(reports.Differences(r, again)) == 0 {
				t.Error("the replay reached the same verdicts over an altered recording")
			}
		})
	}
}
