package harness

import (
	"slices"
	"sort"
	"strings"

	"github.com/clementine-ope/clementine/reports"
)

// Scenario is one scenario with what it came to, ready to be folded. World is nil where it did not run.
type Scenario struct {
	reports.Scenario                   // without verdict, findings, notes and exchanges
	World            *World            // nil: not run
	Skipped          map[string]string // requirement -> reason why it does not apply to this partner
	Folder           string            // of its feature, for the order of the report
	Own              []string          // requirements of its tags that the catalogue does not know
}

// Fold turns what all scenarios saw into verdicts, once they have ended.
//
// A requirement fails only by a finding that cites it. One cause, one failure: the findings of a requirement that needs
// a failed one are follow-ons and leave it inconclusive, and so is what a scenario did not reach.
func (r *Run) Fold(scenarios []Scenario, lang string) ([]reports.Requirement, []reports.Scenario) {
	f := &folding{run: r, scenarios: scenarios, failed: map[string]bool{}, rows: map[string]*reports.Requirement{}}
	f.order(lang)
	f.followOns()
	out := make([]reports.Scenario, 0, len(scenarios))
	for i := range scenarios {
		out = append(out, f.scenario(&scenarios[i]))
	}
	rows := make([]reports.Requirement, 0, len(f.ids))
	for _, id := range f.ids {
		row := f.rows[id]
		f.waiting(row)
		if row.Verdict == "" {
			row.Verdict, row.Reason = reports.Skipped, "not selected"
		}
		sort.Strings(row.Scenarios)
		rows = append(rows, *row)
	}
	return rows, out
}

type folding struct {
	run       *Run
	scenarios []Scenario
	ids       []string // catalogue order, own ones last
	rows      map[string]*reports.Requirement
	failed    map[string]bool // requirements with a finding of their own
}

func (f *folding) order(lang string) {
	for _, q := range f.run.pack.Requirements() {
		f.ids = append(f.ids, q.ID)
		f.rows[q.ID] = &reports.Requirement{ID: q.ID, Level: q.Level, Text: q.TextIn(lang), Source: q.Source, Scenarios: []string{}}
	}
	for _, s := range f.scenarios {
		for _, id := range s.Own {
			if f.rows[id] == nil {
				f.ids = append(f.ids, id)
				f.rows[id] = &reports.Requirement{ID: id, Level: "own", Text: s.Name, Source: s.Feature, Scenarios: []string{}}
			}
		}
	}
}

// followOns marks the findings that follow from another failure, and finds the requirements that fail by themselves.
func (f *folding) followOns() {
	cited := map[string]bool{}
	f.each(func(w *World, fd *finding) {
		if f.run.mingled[w.id] && (strings.HasPrefix(fd.Requirement, "PO-") || strings.HasPrefix(fd.Requirement, "US-") || len(fd.via) > 0) {
			fd.FollowOf = "GEN-05"
		}
		if fd.FollowOf == "" && f.run.verdictOf(*fd) == reports.Failed {
			cited[fd.Requirement] = true
		}
	})
	for _, id := range f.ids {
		f.failed[id] = cited[id] && f.cause(id, cited) == ""
	}
	f.each(func(_ *World, fd *finding) {
		switch {
		case fd.FollowOf != "":
		case f.cause(fd.Requirement, f.failed) != "":
			fd.FollowOf = f.cause(fd.Requirement, f.failed)
		default:
			fd.FollowOf = f.general(fd)
		}
	})
	// A sequence whose findings all follow from a use case does not fail by itself.
	for _, id := range f.ids {
		f.failed[id] = f.failed[id] && f.stands(id)
	}
}

// general names the failed requirement of which a finding is only a special case, or what that one waits for.
func (f *folding) general(fd *finding) string {
	for _, id := range fd.via {
		if f.failed[id] {
			return id
		}
	}
	for _, id := range fd.via {
		if c := f.cause(id, f.failed); c != "" {
			return c
		}
	}
	return ""
}

func (f *folding) stands(id string) bool {
	stands := false
	f.each(func(_ *World, fd *finding) {
		stands = stands || fd.Requirement == id && fd.FollowOf == "" && f.run.verdictOf(*fd) == reports.Failed
	})
	return stands
}

// cause names the first requirement that id needs and that is among failed; "" if none is.
func (f *folding) cause(id string, failed map[string]bool) string {
	for _, n := range f.run.pack.Needs(id) {
		if failed[n] {
			return n
		}
	}
	return ""
}

func (f *folding) each(do func(*World, *finding)) {
	for _, s := range f.scenarios {
		if s.World == nil {
			continue
		}
		for i := range s.World.findings {
			do(s.World, &s.World.findings[i])
		}
	}
}

// scenario gives each requirement of a scenario its verdict there, and the scenario the worst of them.
func (f *folding) scenario(s *Scenario) reports.Scenario {
	out := s.Scenario
	out.Findings, out.Notes, out.Exchanges = []reports.Finding{}, []string{}, []int{}
	for id, reason := range s.Skipped {
		f.worsen(id, out.ID, reports.Skipped, reason)
	}
	w := s.World
	if w == nil {
		out.Verdict, out.Reason = reports.Skipped, firstReason(s.Skipped)
		return out
	}
	sort.Ints(w.exchanges)
	out.Notes, out.Exchanges = append(out.Notes, w.notes...), append(out.Exchanges, w.exchanges...)
	out.Course = w.course.all()
	if w.attempt > 1 {
		out.Attempt = w.attempt
	}
	out.Verdict = reports.Skipped
	here := map[string]reports.Verdict{}
	for _, fd := range w.findings {
		out.Findings = append(out.Findings, fd.Finding)
		v := f.run.verdictOf(fd)
		if fd.FollowOf != "" {
			v = reports.Inconclusive
		}
		here[fd.Requirement] = reports.Worst(here[fd.Requirement], v)
	}
	for _, id := range w.tags {
		if here[id] == "" {
			v, reason := f.untouched(w, id)
			here[id] = v
			f.worsen(id, out.ID, v, reason)
		}
	}
	for id, v := range here {
		reason := ""
		if v == reports.Inconclusive && w.has(id) {
			reason = f.waitsFor(w, id)
		}
		f.worsen(id, out.ID, v, reason)
		out.Verdict = reports.Worst(out.Verdict, v)
	}
	if out.Verdict == reports.Skipped {
		out.Reason = firstReason(w.skips)
	}
	switch {
	case w.broken != "":
		out.Reason = w.broken
	case w.blockedBy != "":
		out.Reason = "stopped: " + f.stopped(w)
	}
	return out
}

func (w *World) has(id string) bool {
	return slices.ContainsFunc(w.findings, func(fd finding) bool { return fd.Requirement == id })
}

func (f *folding) waitsFor(w *World, id string) string {
	for _, fd := range w.findings {
		if fd.Requirement == id && fd.FollowOf != "" {
			return "waits for " + fd.FollowOf
		}
	}
	return ""
}

// untouched is the verdict of a tag without a finding: judged, skipped, not reached, or forgotten by the suite.
func (f *folding) untouched(w *World, id string) (reports.Verdict, string) {
	switch {
	case w.judgedSet[id] && w.broken == "":
		return reports.Passed, ""
	case w.skips[id] != "":
		return reports.Skipped, w.skips[id]
	case w.broken != "":
		return reports.Broken, w.broken
	case w.blockedBy != "":
		return reports.Inconclusive, "not reached: " + f.stopped(w)
	}
	return reports.Broken, "the scenario ended without judging it"
}

// stopped says why a scenario ended early: the requirement that failed, by its root, or what else stood in the way.
func (f *folding) stopped(w *World) string {
	on := w.blockedOn
	for i := len(w.findings) - 1; i >= 0 && (on == "" || !f.failed[on]); i-- {
		fd := w.findings[i]
		if f.run.verdictOf(fd) != reports.Failed || w.blockedOn == "" && !w.unusable {
			continue
		}
		if on = fd.Requirement; fd.FollowOf != "" {
			on = fd.FollowOf
		}
	}
	if on == "" || !f.failed[on] {
		return w.blockedBy
	}
	return on + " failed"
}

// waiting makes a requirement inconclusive that needs a failed one: what held so far may not hold once that is mended.
func (f *folding) waiting(row *reports.Requirement) {
	c := f.cause(row.ID, f.failed)
	if c == "" || row.Verdict == "" || row.Verdict == reports.Skipped {
		return
	}
	if worse := reports.Worst(row.Verdict, reports.Inconclusive); worse != row.Verdict || row.Verdict == reports.Inconclusive {
		row.Verdict, row.Reason = reports.Inconclusive, "waits for "+c
	}
}

func (f *folding) worsen(id, scenario string, v reports.Verdict, reason string) {
	row := f.rows[id]
	if row == nil {
		return
	}
	if !slices.Contains(row.Scenarios, scenario) {
		row.Scenarios = append(row.Scenarios, scenario)
	}
	if worse := reports.Worst(row.Verdict, v); worse != row.Verdict {
		row.Verdict, row.Reason = worse, reason
	}
}

func firstReason(reasons map[string]string) string {
	keys := make([]string, 0, len(reasons))
	for k := range reasons {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	if len(keys) == 0 {
		return ""
	}
	return reasons[keys[0]]
}
