package steps

import (
	"context"
	"fmt"
	"maps"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/compare"
)

// Rejudgement is what a suite makes of a recording.
type Rejudgement struct {
	// SameSuite says that the recording was judged by the same features and contract pack; Differences are then all that
	// the replay came to otherwise, and mean that the results are not those of the recording.
	SameSuite   bool
	Differences []string
	// Results are what this suite comes to.
	Results reports.Results
	// Changes are, by another suite, the requirements and scenarios that come to something else. What that suite asks
	// for and the recording does not hold is broken there: it can't be judged from this recording.
	Changes compare.Report
}

// Rejudge judges a recording again, offline. Of the options it takes Pack, Extra and Version.
func Rejudge(ctx context.Context, recorded reports.Results, o Options) (Rejudgement, error) {
	replayed, err := Replay(ctx, recorded, o)
	if err != nil {
		return Rejudgement{}, err
	}
	j := Rejudgement{SameSuite: replayed.Suite.Digest == recorded.Suite.Digest, Results: replayed}
	if j.SameSuite {
		j.Differences = reports.Differences(recorded, replayed)
		return j, nil
	}
	j.Changes = compare.Runs(recorded, replayed, compare.Replays{Suite: &replayed})
	return j, nil
}

// Compare compares two runs. Where suite or profile differ it judges A's recording by this suite, and with B's profile,
// to tell what changed: that takes the suite that judged B. Of the options it takes Pack, Extra and Version.
func Compare(ctx context.Context, a, b reports.Results, o Options) (compare.Report, error) {
	plain := compare.Runs(a, b, compare.Replays{})
	sameProfile := !compare.Redeclared(plain.Profile)
	if plain.SameSuite && sameProfile {
		return plain, nil
	}
	if digest := Digest(o.Pack, o.Extra); digest != b.Suite.Digest {
		plain.NotRejudged = fmt.Sprintf("B was judged by another suite than this one (%s)", digest)
		return plain, nil
	}
	var again compare.Replays
	if !plain.SameSuite {
		r, err := Replay(ctx, a, o)
		if err != nil {
			plain.NotRejudged = err.Error()
			return plain, ctx.Err()
		}
		again.Suite = &r
	}
	if !sameProfile {
		r, err := Replay(ctx, declaredAs(a, b), o)
		if err != nil && again.Suite == nil {
			plain.NotRejudged = err.Error()
			return plain, ctx.Err()
		}
		if err == nil {
			again.Profile = &r
		}
	}
	return compare.Runs(a, b, again), ctx.Err()
}

// declaredAs is A's recording with B's declaration; who was called, and how, stays A's.
func declaredAs(a, b reports.Results) reports.Results {
	declared := maps.Clone(b.Profile)
	for _, name := range append(compare.Reaching(), "triggers") {
		if v, there := a.Profile[name]; there {
			declared[name] = v
		} else {
			delete(declared, name)
		}
	}
	a.Profile = declared
	return a
}
