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
	for i := range r.Causes[:min(len(r.Causes), checkedCauses)] {
		if ctx.Err() == nil && len(harness.Unread(*r)) == 0 {
			r.Causes[i].Check = mendCause(ctx, *r, o, r.Causes[i])
		}
	}
}

// mendCause replays the run with a cause's messages mended, again and again until there is nothing more to mend.
func mendCause(ctx context.Context, r reports.Results, o Options, c reports.Cause) *reports.Check {
	mended, touched := r, map[int]bool{}
	mended.Exchanges = slices.Clone(r.Exchanges)
	judged := r
	for range mendingRounds {
		changed := false
		for _, s := range judged.Scenarios {
			for _, f := range s.Findings {
				if f.Requirement != c.Requirement || f.Fix == nil || f.Exchange < 0 || f.Exchange >= len(mended.Exchanges) {
					continue
				}
				if harness.Mend(&mended.Exchanges[f.Exchange], *f.Fix) {
					touched[f.Exchange], changed = true, true
				}
			}
		}
		if !changed {
			break
		}
		again, err := replay(ctx, mended, Options{Pack: o.Pack, Extra: o.Extra}, true)
		if err != nil {
			return nil
		}
		judged = again
	}
	if len(touched) == 0 {
		return nil
	}
	return outcome(judged, c, len(touched))
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
			check.Still++
		}
	}
	return check
}
