package steps

import (
	"slices"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// proofOf counts the known faults that this run would have noticed. A fault counts where the requirement that it
// breaks was judged, by all the scenarios that it has, and where the profile declares what it takes to show.
func proofOf(o Options, r reports.Results) *reports.Proof {
	known, err := schemas.BuiltinProof()
	if err != nil {
		return &reports.Proof{Status: reports.NotProven, Reason: err.Error()}
	}
	return weigh(o, r, known)
}

func weigh(o Options, r reports.Results, known schemas.Proof) *reports.Proof {
	if known.Digest != r.Suite.Digest {
		return &reports.Proof{Status: reports.NotProven, Reason: reports.ProofOtherSuite}
	}
	judged := map[string]bool{}
	for _, q := range r.Requirements {
		judged[q.ID] = q.Verdict == reports.Passed || q.Verdict == reports.Warning || q.Verdict == reports.Failed
	}
	p := &reports.Proof{Status: reports.Proven}
	partial := len(o.Only) > 0
	for _, f := range known.Faults {
		if f.Mode != r.Mode || f.Verdict == schemas.NotApplicable || partial && !o.selected(f.Requirement) {
			continue
		}
		p.Known++
		switch {
		case f.Verdict != schemas.CaughtByNamed:
			p.Missed++
		case !o.meets(f.Needs):
			p.Undeclared++
		case !judged[f.Requirement] || partial && f.Whole:
			p.Unjudged++
		default:
			p.Noticed++
		}
	}
	return p
}

// selected tells whether --only names the requirement, so that all its scenarios ran. Others that the same scenarios
// judge on the way are judged by a part of theirs only.
func (o *Options) selected(requirement string) bool {
	return slices.ContainsFunc(o.Only, func(want string) bool { return selects(want, requirement) })
}

func (o *Options) meets(needs []string) bool {
	return !slices.ContainsFunc(needs, func(need string) bool {
		ok, _ := o.Profile.Meets(need)
		return !ok
	})
}
