package steps

import (
	"context"
	"slices"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
)

const (
	checkedCauses = 6  // whose fixes are tried, the first ones
	mendingRounds = 12 // in which a mended recording is judged again, to find what else is to be mended
)

// tryFixes ranks the causes of what failed and tries, for each whose findings say how a message is mended, what comes of
// it: the recorded messages are mended, and the same features judge them again. It calls nobody and changes no verdict.
func tryFixes(ctx context.Context, r *reports.Results, o Options) {
	r.Causes = reports.Rank(*r)
	if len(r.Causes) == 0 || len(harness.Unread(*r)) > 0 {
		return
	}
	m := &mending{options: Options{Pack: o.Pack, Extra: o.Extra}, recording: *r, judged: *r}
	m.recording.Exchanges = slices.Clone(r.Exchanges)
	for i := range r.Causes[:min(len(r.Causes), checkedCauses)] {
		r.Causes[i].Check = m.try(ctx, r.Causes[i])
	}
}

// mending is a recording that is mended cause by cause, with what it was judged to hold.
type mending struct {
	options   Options
	recording reports.Results
	judged    reports.Results
}

// try mends a cause's messages and replays, again and again until there is nothing more to mend. It returns nil where
// nothing could be mended.
func (m *mending) try(ctx context.Context, c reports.Cause) *reports.Check {
	touched := map[int]bool{}
	for range mendingRounds {
		changed := m.mend(c, touched)
		if !changed || ctx.Err() != nil {
			break
		}
		again, err := replay(ctx, m.recording, m.options, true)
		if err != nil {
			return nil
		}
		m.judged = again
	}
	if len(touched) == 0 {
		return nil
	}
	return outcome(m.judged, c, len(touched))
}

// mend applies the fixes of what is found now, and reports whether there was any.
func (m *mending) mend(c reports.Cause, touched map[int]bool) bool {
	changed := false
	for _, s := range m.judged.Scenarios {
		for _, f := range s.Findings {
			if f.Requirement != c.Requirement || f.Fix == nil || f.Exchange < 0 || f.Exchange >= len(m.recording.Exchanges) {
				continue
			}
			if harness.Mend(&m.recording.Exchanges[f.Exchange], *f.Fix) {
				touched[f.Exchange], changed = true, true
			}
		}
	}
	return changed
}

// outcome counts what a cause's scenarios came to.
func outcome(judged reports.Results, c reports.Cause, messages int) *reports.Check {
	check := &reports.Check{Messages: messages}
	for _, s := range judged.Scenarios {
		if !slices.Contains(c.Scenarios, s.ID) && !slices.Contains(c.Waiting, s.ID) {
			continue
		}
		switch s.Verdict {
		case reports.Passed, reports.Skipped, reports.Warning:
			check.Pass++
		case reports.Broken:
			check.Unknown++ // it went on to what was not recorded
		default:
			if slices.ContainsFunc(s.Findings, func(f reports.Finding) bool { return f.Requirement == c.Requirement && f.FollowOf == "" }) {
				check.Still++
			} else {
				check.Other++
			}
		}
	}
	return check
}
