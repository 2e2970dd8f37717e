package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// The members of the Common Test Report Format (ctrf.io) that we write.
type (
	ctrfReport struct {
		ReportFormat string      `json:"reportFormat"`
		SpecVersion  string      `json:"specVersion"`
		GeneratedBy  string      `json:"generatedBy,omitempty"`
		Results      ctrfResults `json:"results"`
	}
	ctrfResults struct {
		Tool    ctrfTool       `json:"tool"`
		Summary ctrfSummary    `json:"summary"`
		Tests   []ctrfTest     `json:"tests"`
		Extra   map[string]any `json:"extra"`
	}
	ctrfTool struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	ctrfSummary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Pending int   `json:"pending"`
		Skipped int   `json:"skipped"`
		Other   int   `json:"other"`
		Start   int64 `json:"start"` // milliseconds since 1970
		Stop    int64 `json:"stop"`
	}
	ctrfTest struct {
		Name      string         `json:"name"`
		Status    string         `json:"status"`
		Duration  int64          `json:"duration"` // milliseconds
		RawStatus string         `json:"rawStatus"`
		Suite     []string       `json:"suite,omitempty"`
		Message   string         `json:"message,omitempty"`
		Trace     string         `json:"trace,omitempty"`
		Tags      []string       `json:"tags,omitempty"`
		Extra     map[string]any `json:"extra,omitempty"`
	}
)

// CTRF writes a test per scenario in the Common Test Report Format. Broken and inconclusive are "other"; a warning is
// passed; rawStatus keeps our word for it. A run that must not pass though no test says so gets one more that does.
func CTRF(w io.Writer, r Results) error {
	r = r.In(r.Lang)
	name := r.Suite.Name
	if name == "" {
		name = "clementine"
	}
	out := ctrfReport{ReportFormat: "CTRF", SpecVersion: "0.0.0", GeneratedBy: visible(name), Results: ctrfResults{
		Tool:    ctrfTool{Name: visible(name), Version: visible(r.Suite.Version)},
		Summary: ctrfSummary{Start: r.StartedAt.UnixMilli(), Stop: r.StartedAt.UnixMilli() + max(r.DurationMs, 0)},
		Tests:   []ctrfTest{},
		Extra: map[string]any{
			"verdict": r.Verdict, "sentence": sentence(r, labelsFor(r.Lang)), "partner": visible(r.Partner.Name), "mode": visible(r.Mode),
			"contract": visible(r.Suite.Contract), "digest": visible(r.Suite.Digest), "seed": r.Seed, "selection": visible(r.Selection),
			"interrupted": r.Interrupted, "requirements": Count(r.Requirements),
		},
	}}
	for _, s := range r.Scenarios {
		out.Results.add(ctrfTestOf(s, labelsFor(r.Lang)))
	}
	if sum := out.Results.Summary; ExitCode(r) != exitPassed && sum.Failed+sum.Other == 0 {
		out.Results.add(ctrfTest{Name: "verdict", Status: "other", RawStatus: string(Broken), Suite: []string{"Clementine"},
			Message: sentence(r, labelsFor(r.Lang))})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write ctrf report: %w", err)
	}
	return nil
}

func (c *ctrfResults) add(t ctrfTest) {
	c.Tests = append(c.Tests, t)
	c.Summary.Tests++
	switch t.Status {
	case "passed":
		c.Summary.Passed++
	case "failed":
		c.Summary.Failed++
	case "skipped":
		c.Summary.Skipped++
	default:
		c.Summary.Other++
	}
}

func ctrfTestOf(s Scenario, l labels) ctrfTest {
	t := ctrfTest{Name: visible(s.Name), Duration: max(s.DurationMs, 0), RawStatus: string(s.Verdict), Trace: evidence(s, l),
		Extra: map[string]any{"id": visible(s.ID), "exchanges": orEmpty(s.Exchanges)}}
	if t.Name == "" {
		t.Name = visible(s.ID)
	}
	for _, id := range s.Requirements {
		t.Tags = append(t.Tags, visible(id))
	}
	if s.Feature != "" {
		t.Suite = []string{visible(s.Feature)}
	}
	switch s.Verdict {
	case Passed, Warning:
		t.Status = "passed"
	case Failed:
		t.Status = "failed"
	case Skipped:
		t.Status = "skipped"
	default:
		t.Status = "other"
	}
	if s.Verdict != Passed {
		t.Message = headline(s, l)
	}
	return t
}
