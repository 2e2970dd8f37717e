package prove

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// Version is the version of prove.json. Fields are added, never renamed or removed, within a version.
const Version = 1

// Matrix is what a proof came to: one row for each defect, variant and hostile partner, in each mode.
type Matrix struct {
	Version    int          `json:"version"`
	Suite      Suite        `json:"suite"`
	Full       bool         `json:"full"`              // whether each defect met the whole suite
	Partial    bool         `json:"partial,omitempty"` // whether only one mode was run, or some names
	StartedAt  time.Time    `json:"startedAt"`
	DurationMs int64        `json:"durationMs"`
	Summary    Summary      `json:"summary"`
	Defects    []DefectRow  `json:"defects"`
	Variants   []VariantRow `json:"variants"`
	Hostile    []HostileRow `json:"hostile,omitempty"`
	// Diverged are the runs whose recording did not come to the same verdicts again.
	Diverged []Divergence `json:"diverged,omitempty"`
}

// Suite says which checks were proven: a proof is worth nothing for others.
type Suite struct {
	Version  string `json:"version"`
	Contract string `json:"contract"`
	Digest   string `json:"digest"`
}

// Outcome is what a run came to.
type Outcome string

// The outcomes of defects, best first, then those of variants.
const (
	Caught        Outcome = "caught"         // the requirement named for it failed; an advice warned
	Elsewhere     Outcome = "elsewhere"      // another requirement failed, and the one named did not
	Missed        Outcome = "missed"         // nothing failed
	NotApplicable Outcome = "not applicable" // the requirement named was skipped with this profile
	Green         Outcome = "green"
	FalseAlarm    Outcome = "false alarm"
)

// Summary counts rows by outcome.
type Summary struct {
	Names         int `json:"names"`   // different defects
	Defects       int `json:"defects"` // rows
	Caught        int `json:"caught"`  // of them, by the requirement named
	Elsewhere     int `json:"elsewhere"`
	Missed        int `json:"missed"`
	NotApplicable int `json:"notApplicable"`
	Repeated      int `json:"repeated"` // of all rows, those of a run of their own
	// AlsoFailed is how many requirements fail besides the one named, over all rows.
	AlsoFailed   int `json:"alsoFailed"`
	VariantNames int `json:"variantNames"` // different variants
	Variants     int `json:"variants"`     // rows
	Green        int `json:"green"`
	FalseAlarms  int `json:"falseAlarms"`
	HostileNames int `json:"hostileNames"`       // different hostile partners
	Hostile      int `json:"hostile"`            // rows
	NotEnded     int `json:"notEnded"`           // of them, without a verdict in time
	Replayed     int `json:"replayed,omitempty"` // recordings of runs with defects and variants
	Diverged     int `json:"diverged,omitempty"` // of them, those that came to other verdicts
}

// DefectRow is what the suite said of one defect in one mode.
type DefectRow struct {
	Name        string       `json:"name"`
	Mode        profile.Mode `json:"mode"`
	Family      string       `json:"family"`
	Requirement string       `json:"requirement"`
	How         string       `json:"how"`
	Outcome     Outcome      `json:"outcome"`
	// Needs are what a profile must declare for it to show (profile.Meets).
	Needs []string `json:"needs,omitempty"`
	// Whole says that it met the whole suite.
	Whole bool `json:"whole,omitempty"`
	// Repeated says that it was not caught beside the other runs, and that this is what a run of its own came to.
	Repeated bool `json:"repeated,omitempty"`
	// By lists the requirements that failed besides the one named, or in its place.
	By []string `json:"by,omitempty"`
	// Warned and Inconclusive list the other requirements that came to that.
	Warned       []string `json:"warned,omitempty"`
	Inconclusive []string `json:"inconclusive,omitempty"`
	// Reason says why it was missed or does not apply, as far as the suite knows.
	Reason     string `json:"reason,omitempty"`
	DurationMs int64  `json:"durationMs"`
}

// VariantRow is what the suite said of one variant in one mode.
type VariantRow struct {
	Name       string       `json:"name"`
	Mode       profile.Mode `json:"mode"`
	Why        string       `json:"why"`
	Outcome    Outcome      `json:"outcome"`
	Alarms     []Alarm      `json:"alarms,omitempty"`
	DurationMs int64        `json:"durationMs"`
}

// Alarm is a requirement that was not passed, and the first finding about it.
type Alarm struct {
	Requirement string          `json:"requirement,omitempty"`
	Verdict     reports.Verdict `json:"verdict,omitempty"`
	Scenario    string          `json:"scenario,omitempty"`
	Expected    string          `json:"expected,omitempty"`
	Seen        string          `json:"seen"`
}

// ExitCode is 1 if a defect was missed, a variant accused, a recording came to something else, or a hostile partner kept
// the judge from a verdict, else 0.
func (m Matrix) ExitCode() int {
	if m.Summary.Missed+m.Summary.FalseAlarms+m.Summary.NotEnded+len(m.Diverged) > 0 {
		return 1
	}
	return 0
}

// close sorts and counts.
func (m *Matrix) close() {
	slices.SortFunc(m.Defects, func(a, b DefectRow) int {
		return cmp.Or(cmp.Compare(a.Requirement, b.Requirement), cmp.Compare(a.Name, b.Name), cmp.Compare(b.Mode, a.Mode))
	})
	slices.SortFunc(m.Variants, func(a, b VariantRow) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Mode, a.Mode))
	})
	slices.SortFunc(m.Diverged, func(a, b Divergence) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Mode, a.Mode)) })
	s := &m.Summary
	s.Diverged = len(m.Diverged)
	names := map[string]bool{}
	for _, row := range m.Defects {
		names[row.Name] = true
		s.Defects++
		s.AlsoFailed += len(row.By)
		if row.Repeated {
			s.Repeated++
		}
		switch row.Outcome {
		case Caught:
			s.Caught++
		case Elsewhere:
			s.Elsewhere++
		case NotApplicable:
			s.NotApplicable++
		default:
			s.Missed++
		}
	}
	s.Names = len(names)
	variantNames := map[string]bool{}
	for _, row := range m.Variants {
		variantNames[row.Name] = true
		s.Variants++
		if row.Outcome == Green {
			s.Green++
		} else {
			s.FalseAlarms++
		}
	}
	s.VariantNames = len(variantNames)
	m.closeHostile()
}

// proveDefect runs the scenarios that name the defect's requirement. Where those say nothing, because only a whole run
// shows it, the defect meets the whole suite. A thorough proof goes on: caught means caught each time.
func (p *prover) proveDefect(ctx context.Context, t task) DefectRow {
	row := p.proveWith(ctx, t)
	row.Needs = p.options.needsOf(t.defect, t.mode)
	if !p.options.Thorough || row.Outcome != Caught {
		return row
	}
	rich, err := declared(t.mode)
	if err != nil {
		row.Outcome, row.Reason = Missed, err.Error()
		return row
	}
	if !row.Whole {
		row.confirm("against the whole suite", p.judgeDefect(ctx, t, nil))
	}
	for _, lean := range leanest(rich, row.Needs) {
		t.profile = lean
		again := p.proveWith(ctx, t)
		row.Whole = row.Whole || again.Whole
		row.confirm("with the leanest profile", again)
	}
	return row
}

// confirm takes over what another run of the same defect came to, where it is worse. What a run could not observe is
// no contradiction: it says so of the requirement, and claims nothing.
func (row *DefectRow) confirm(how string, again DefectRow) {
	unobserved := again.Outcome == NotApplicable && strings.HasPrefix(again.Reason, "not observable")
	if row.Outcome == Caught && again.Outcome != Caught && !unobserved {
		row.Outcome, row.By, row.Reason = again.Outcome, again.By, how+": "+again.Reason
	}
}

func (p *prover) proveWith(ctx context.Context, t task) DefectRow {
	row := p.judgeDefect(ctx, t, p.options.selection(t.defect.Requirement))
	if !row.Whole && row.Outcome != Caught && row.Outcome != NotApplicable && ctx.Err() == nil {
		return p.judgeDefect(ctx, t, nil)
	}
	return row
}

func (p *prover) judgeDefect(ctx context.Context, t task, only []string) DefectRow {
	d := t.defect
	row := DefectRow{
		Name: d.Name, Mode: t.mode, Family: d.Family, Requirement: d.Requirement, How: d.How,
		Outcome: Missed, Whole: only == nil,
	}
	results, err := p.runDefect(ctx, t, only)
	if err != nil {
		row.Reason = cannotJudge(err)
		return row
	}
	row.DurationMs = results.DurationMs
	for _, r := range results.Requirements {
		if r.ID == d.Requirement {
			row.own(r)
			continue
		}
		switch r.Verdict {
		case reports.Failed:
			row.By = append(row.By, r.ID)
		case reports.Warning:
			row.Warned = append(row.Warned, r.ID)
		case reports.Inconclusive, reports.Broken:
			row.Inconclusive = append(row.Inconclusive, r.ID)
		}
	}
	if row.Outcome == Missed && len(row.By) > 0 {
		row.Outcome = Elsewhere
	}
	return row
}

// own takes the verdict on the requirement that the defect names.
func (row *DefectRow) own(r reports.Requirement) {
	switch {
	case r.Verdict == reports.Failed, r.Verdict == reports.Warning && r.Level == reports.Advice:
		row.Outcome = Caught
	case r.Verdict == reports.Skipped:
		row.Outcome, row.Reason = NotApplicable, r.Reason
	default:
		row.Reason = string(r.Verdict)
		if r.Reason != "" {
			row.Reason += ": " + r.Reason
		}
	}
}

func (p *prover) runDefect(ctx context.Context, t task, only []string) (reports.Results, error) {
	l, err := newLab(t.mode, impatient())
	if err != nil {
		return reports.Results{}, err
	}
	if t.profile != nil {
		t.profile.Delays = l.profile.Delays
		l.profile = t.profile
	}
	l.seam, l.only = t.defect.Seam(), only
	if r, known := p.options.Pack.Requirement(t.defect.Requirement); known && r.Feature == "production" {
		l.profile.Offer = "mba2"
	}
	results, err := l.run(ctx, p.options)
	if err == nil {
		p.replay(ctx, t, results)
	}
	return results, err
}

func (p *prover) proveVariant(ctx context.Context, t task) VariantRow {
	v := t.variant
	row := VariantRow{Name: v.Name, Mode: t.mode, Why: v.Why, Outcome: FalseAlarm}
	results, err := p.runVariant(ctx, t)
	if err != nil {
		row.Alarms = []Alarm{{Seen: cannotJudge(err)}}
		return row
	}
	row.DurationMs = results.DurationMs
	for _, r := range results.Requirements {
		allowed := r.Verdict == reports.Warning && slices.Contains(v.Warns, r.ID)
		if r.Verdict == reports.Passed || r.Verdict == reports.Skipped || allowed {
			continue
		}
		row.Alarms = append(row.Alarms, alarm(results, r))
	}
	if len(row.Alarms) == 0 {
		row.Outcome = Green
	}
	return row
}

// alarm explains a requirement that should have passed.
func alarm(results reports.Results, r reports.Requirement) Alarm {
	a := Alarm{Requirement: r.ID, Verdict: r.Verdict, Seen: r.Reason}
	for _, s := range results.Scenarios {
		for _, f := range s.Findings {
			if f.Requirement == r.ID {
				a.Scenario, a.Expected, a.Seen = s.ID, f.Expected, f.Seen
				return a
			}
		}
	}
	return a
}

func (p *prover) runVariant(ctx context.Context, t task) (reports.Results, error) {
	l, err := newLab(t.mode, patient())
	if err != nil {
		return reports.Results{}, err
	}
	v := t.variant
	l.seam, l.delay, l.basePath = v.Seam(), v.Delay, v.BasePath
	if v.Profile != nil {
		v.Profile(l.profile)
	}
	results, err := l.run(ctx, p.options)
	if err == nil {
		p.replay(ctx, t, results)
	}
	return results, err
}
