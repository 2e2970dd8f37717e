// Package compare sets two runs side by side: what was fixed, what broke, what is judged now that was not, and why.
//
// It owns the comparison and its text. It does not replay: the runs that help to tell causes apart come from steps.
package compare

import (
	"slices"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// The kinds of a change.
const (
	Fixed   = "fixed"
	Broken  = "broken"
	Newly   = "newly judged"
	NoMore  = "no longer judged"
	Altered = "changed"        // another verdict, neither for better nor for worse
	Other   = "other findings" // it failed before and after, in another way
)

// What a change comes from.
const (
	Partner   = "partner"
	Suite     = "suite"
	Profile   = "profile"
	Selection = "selection"
	// Interruption: one of the runs was stopped before it had judged this.
	Interruption = "interruption"
)

// Report is the comparison of run A with a later run B.
type Report struct {
	A            Run      `json:"a"`
	B            Run      `json:"b"`
	SamePartner  bool     `json:"samePartner"`
	SameSuite    bool     `json:"sameSuite"`
	Profile      []Field  `json:"profile"` // what was declared otherwise
	Requirements []Change `json:"requirements"`
	Scenarios    []Change `json:"scenarios"`
	// Rejudged says that A's recording was judged by B's suite and profile, where those differ, to tell causes apart.
	Rejudged bool `json:"rejudged"`
	// NotRejudged says why it was not, although they differ; empty otherwise.
	NotRejudged string `json:"notRejudged,omitempty"`
}

// Run is who was judged by what.
type Run struct {
	Partner   reports.Partner `json:"partner"`
	Suite     reports.Suite   `json:"suite"`
	Mode      string          `json:"mode"`
	Selection string          `json:"selection,omitempty"`
	Seed      uint64          `json:"seed"`
	StartedAt time.Time       `json:"startedAt"`
	// Interrupted says that the run was stopped: what it did not reach is nobody's change.
	Interrupted bool           `json:"interrupted,omitempty"`
	Verdict     string         `json:"verdict"`
	Counts      reports.Counts `json:"counts"`
}

// Field is a member of the profile that differs; A or B is empty where it is not there.
type Field struct {
	Path string `json:"path"`
	A    string `json:"a"` // as JSON
	B    string `json:"b"`
}

// Change is a requirement or a scenario that came to something else.
type Change struct {
	ID   string          `json:"id"`
	Text string          `json:"text"`
	Kind string          `json:"kind"`
	A    reports.Verdict `json:"a,omitempty"` // empty where A does not know it
	B    reports.Verdict `json:"b,omitempty"`
	// Because names the causes: partner, suite, profile, selection, interruption. Where Certain is false they could not be told apart.
	Because []string `json:"because"`
	Certain bool     `json:"certain"`
	Reason  string   `json:"reason,omitempty"` // of B's verdict, where it has one
	// New and Gone are findings of a scenario that only B, or only A, has.
	New  []reports.Finding `json:"new,omitempty"`
	Gone []reports.Finding `json:"gone,omitempty"`
}

// Replays are A's recording judged otherwise; nil where that was not asked, or could not be done.
type Replays struct {
	Suite   *reports.Results // by B's suite
	Profile *reports.Results // by B's suite, with B's profile
}

// Runs compares two runs.
func Runs(a, b reports.Results, again Replays) Report {
	r := Report{
		A: runOf(a), B: runOf(b), SamePartner: a.Partner.Name == b.Partner.Name && a.Partner.Contract == b.Partner.Contract,
		SameSuite: a.Suite.Digest == b.Suite.Digest, Profile: Fields(a.Profile, b.Profile), Rejudged: again.Suite != nil || again.Profile != nil,
		Requirements: []Change{}, Scenarios: []Change{},
	}
	w := witness{a: a, b: b, sameSuite: r.SameSuite, sameProfile: !Redeclared(r.Profile), again: again}
	r.Requirements = append(r.Requirements, w.requirements()...)
	r.Scenarios = append(r.Scenarios, w.scenarios()...)
	return r
}

// Broke reports whether a requirement fails now that did not before.
func (r Report) Broke() bool {
	return slices.ContainsFunc(r.Requirements, func(c Change) bool { return c.B == reports.Failed && c.A != reports.Failed })
}

func runOf(r reports.Results) Run {
	return Run{Partner: r.Partner, Suite: r.Suite, Mode: r.Mode, Selection: r.Selection, Seed: r.Seed, StartedAt: r.StartedAt, Interrupted: r.Interrupted, Verdict: r.Verdict, Counts: reports.Count(r.Requirements)}
}

// witness knows both runs and what A's recording comes to otherwise.
type witness struct {
	a, b                   reports.Results
	sameSuite, sameProfile bool
	again                  Replays
}

func (w witness) requirements() []Change {
	index := func(r *reports.Results) map[string]reports.Requirement {
		out := map[string]reports.Requirement{}
		if r != nil {
			for _, q := range r.Requirements {
				out[q.ID] = q
			}
		}
		return out
	}
	a, b, suite, profile := index(&w.a), index(&w.b), index(w.again.Suite), index(w.again.Profile)
	var out []Change
	for _, q := range union(w.a.Requirements, w.b.Requirements, func(q reports.Requirement) string { return q.ID }) {
		before, after := a[q.ID], b[q.ID]
		c := Change{ID: q.ID, Text: q.Text, A: before.Verdict, B: after.Verdict, Reason: after.Reason, Kind: kindOf(before.Verdict, after.Verdict)}
		if c.Kind == "" {
			continue
		}
		w.attribute(&c, before.Reason, after.Reason, suite[q.ID].Verdict, profile[q.ID].Verdict)
		if w.a.Interrupted && leftOpen(w.a, q.ID, c.A) || w.b.Interrupted && leftOpen(w.b, q.ID, c.B) {
			c.doubt(Interruption)
		}
		out = append(out, c)
	}
	return out
}

func (w witness) scenarios() []Change {
	index := func(r *reports.Results) map[string]reports.Scenario {
		out := map[string]reports.Scenario{}
		if r != nil {
			for _, s := range r.Scenarios {
				out[s.ID] = s
			}
		}
		return out
	}
	a, b, suite, profile := index(&w.a), index(&w.b), index(w.again.Suite), index(w.again.Profile)
	var out []Change
	for _, s := range union(w.a.Scenarios, w.b.Scenarios, func(s reports.Scenario) string { return s.ID }) {
		before, after := a[s.ID], b[s.ID]
		c := Change{ID: s.ID, Text: s.Name, A: before.Verdict, B: after.Verdict, Reason: after.Reason, Kind: kindOf(before.Verdict, after.Verdict)}
		c.New, c.Gone = beyond(s.ID, w.b.Breaches(after), w.a.Breaches(before)), beyond(s.ID, w.a.Breaches(before), w.b.Breaches(after))
		if c.Kind == "" && len(c.New)+len(c.Gone) > 0 {
			c.Kind = Other
		}
		// What a run did not select is not among its scenarios.
		left := (c.A == "") != (c.B == "") && w.a.Selection != w.b.Selection
		switch {
		case c.Kind == "", left && !judged(c.A) && !judged(c.B):
			continue
		case left:
			c.Because, c.Certain = []string{Selection}, true
			if !w.sameSuite {
				c.Because, c.Certain = append(c.Because, Suite), false
			}
		default:
			w.attribute(&c, before.Reason, after.Reason, suite[s.ID].Verdict, profile[s.ID].Verdict)
		}
		out = append(out, c)
	}
	return out
}

// beyond lists the findings whose fingerprints the others do not have.
func beyond(scenario string, these, others []reports.Finding) []reports.Finding {
	known := map[string]bool{}
	for _, f := range others {
		known[reports.Fingerprint(scenario, f)] = true
	}
	var out []reports.Finding
	for _, f := range these {
		if print := reports.Fingerprint(scenario, f); !known[print] {
			known[print] = true
			out = append(out, f)
		}
	}
	return out
}

// union lists what b has, in its order, and then what only a has.
func union[T any](a, b []T, id func(T) string) []T {
	out := slices.Clone(b)
	for _, t := range a {
		if !slices.ContainsFunc(b, func(other T) bool { return id(other) == id(t) }) {
			out = append(out, t)
		}
	}
	return out
}

func judged(v reports.Verdict) bool {
	return v == reports.Passed || v == reports.Warning || v == reports.Failed
}

// kindOf is the kind of a change between two verdicts; empty where there is none.
func kindOf(a, b reports.Verdict) string {
	switch {
	case a == b:
		return ""
	case !judged(a) && judged(b):
		return Newly
	case judged(a) && !judged(b):
		return NoMore
	case a == reports.Failed:
		return Fixed
	case b == reports.Failed && judged(a):
		return Broken
	}
	return Altered
}
