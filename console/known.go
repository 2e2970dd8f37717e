package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/reports/baseline"
)

// knownPage is a run beside the baseline that was given with it, on the day on which it ended.
type knownPage struct {
	Outcome                   string // holds | stops | undecided | interrupted
	Known, New, RunOut, Stale int
	Doubtful                  []string
	Rows                      []knownRow
	Unreadable                string // the baseline can't be read any more
}

// knownRow is a finding or an entry that ends a gate.
type knownRow struct {
	Kind                                  string // new | runOut | stale
	Requirement, Scenario, Expected, Seen string
	Until, Reason, Fingerprint            string
}

// beside is what a run comes to beside its baseline; nil without one.
func beside(run archive.Run, r reports.Results, by caller) *knownPage {
	if run.Baseline == "" {
		return nil
	}
	f, err := baseline.Read(strings.NewReader(run.Baseline))
	if err != nil {
		return &knownPage{Outcome: "undecided", Unreadable: printed(by.lang, err.Error())}
	}
	o := f.Check(r, overAt(r))
	d := &knownPage{
		Outcome: map[int]string{0: "holds", 1: "stops", 3: "undecided", 130: "interrupted"}[o.ExitCode()],
		Known:   len(o.Known), New: len(o.New), RunOut: len(o.RunOut), Stale: len(o.Stale), Doubtful: o.Doubtful,
	}
	for _, b := range o.New {
		d.Rows = append(d.Rows, knownRow{Kind: "new", Requirement: b.Requirement, Scenario: b.Scenario, Expected: said(by.lang, b.Expected), Seen: said(by.lang, b.Seen), Fingerprint: b.Fingerprint})
	}
	entries := func(kind string, all []baseline.Known) {
		for _, k := range all {
			d.Rows = append(d.Rows, knownRow{
				Kind: kind, Requirement: k.Requirement, Scenario: k.Scenario, Expected: said(by.lang, k.Expected), Seen: said(by.lang, k.Seen),
				Until: k.Until, Reason: k.Reason, Fingerprint: k.Fingerprint,
			})
		}
	}
	entries("runOut", o.RunOut)
	entries("stale", o.Stale)
	return d
}

// overAt is when a run was over, about.
func overAt(r reports.Results) time.Time {
	at := r.StartedAt.Add(time.Duration(r.DurationMs) * time.Millisecond)
	for _, part := range r.Resumed {
		if part.At.After(at) {
			at = part.At
		}
	}
	return at
}

// downloadBaseline writes what failed in a run as known, for the next run.
func (c *Console) downloadBaseline(w http.ResponseWriter, r *http.Request, by caller) error {
	results, err := c.results(r, by, r.PathValue("id"))
	if err != nil {
		return err
	}
	why, until := strings.TrimSpace(r.URL.Query().Get("reason")), r.URL.Query().Get("until")
	if _, err := time.Parse(time.DateOnly, until); err != nil || why == "" {
		c.site.Error(w, r, http.StatusUnprocessableEntity, "error.baseline")
		return nil
	}
	var out bytes.Buffer
	if err := baseline.Write(&out, baseline.Of(results, why, until)); err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="baseline.yaml"`)
	_, _ = out.WriteTo(w) // a browser that has gone
	return nil
}
