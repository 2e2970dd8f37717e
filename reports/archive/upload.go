package archive

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// PutBundle keeps a run that was made elsewhere, by the bundle that came, with its review and its signatures. Id, owner,
// offer, who uploaded it, when and what was found out about it come from run, all else from the bundle.
func (a *Archive) PutBundle(ctx context.Context, run Run, b *bundle.Bundle) error {
	r, err := b.Results()
	if err != nil {
		return fmt.Errorf("read the results of a bundle: %w", err)
	}
	data, err := bytesOf(b)
	if err != nil {
		return err
	}
	run.Content = b.Digest()
	review := reports.Open
	for _, d := range b.Decisions() {
		if state, decides := stateAfter(d); decides {
			review = state
		}
	}
	return a.insert(ctx, described(run, r), review, data, nil)
}

// described is a run with what its results say of it.
func described(run Run, r reports.Results) Run {
	run.Partner, run.Contract, run.Mode = r.Partner.Name, r.Partner.Contract, r.Mode
	run.Verdict, run.Problem, run.Selection, run.Interrupted = r.Verdict, "", r.Selection, r.Interrupted
	run.Suite, run.Digest, run.Counts = r.Suite.Version, r.Suite.Digest, reports.Count(r.Requirements)
	run.StartedAt, run.Duration = r.StartedAt, time.Duration(r.DurationMs)*time.Millisecond
	return run
}

// stateAfter is the review of a run after a decision; false for one that leaves it as it is.
func stateAfter(d reports.Decision) (state string, decides bool) {
	state, decides = map[string]string{reports.Accept: reports.Accepted, reports.Refuse: reports.Refused}[d.Kind]
	return state, decides
}
