package steps

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/features"
	"github.com/clementine-ope/clementine/reports"
)

// Spot is one scenario of a claim that was run again.
type Spot struct {
	ID, Name      string
	Claimed, Live reports.Verdict
	Reason        string            // of the live verdict
	Findings      []reports.Finding // of the live run
}

// Differs reports whether the live run judged the scenario, and to another verdict.
func (s Spot) Differs() bool { return s.Judged() && s.Live != s.Claimed }

// Judged reports whether the live run came to a verdict about the partner.
func (s Spot) Judged() bool {
	return s.Live == reports.Passed || s.Live == reports.Warning || s.Live == reports.Failed
}

// Draw picks at most n of the scenarios that a run judged, at random by the seed, and returns their ids in the run's
// order. Those that look back over a whole run are left out: a few scenarios are none.
func Draw(claim reports.Results, n int, seed uint64) []string {
	var judged []int
	for i, s := range claim.Scenarios {
		told := s.Verdict == reports.Passed || s.Verdict == reports.Warning || s.Verdict == reports.Failed
		if told && !looksBack(s.ID) {
			judged = append(judged, i)
		}
	}
	random := rand.New(rand.NewPCG(seed, uint64(len(judged)))) //nolint:gosec // which scenarios, told by the seed
	random.Shuffle(len(judged), func(i, j int) { judged[i], judged[j] = judged[j], judged[i] })
	judged = judged[:min(max(n, 0), len(judged))]
	slices.Sort(judged)
	var ids []string
	for _, i := range judged {
		ids = append(ids, claim.Scenarios[i].ID)
	}
	return ids
}

// looksBack reports whether a scenario is one of those that run at the end: its id begins with its file.
func looksBack(id string) bool {
	file, _, _ := strings.Cut(id, "/")
	_, err := fs.Stat(features.FS, path.Join(features.Closing, file+".feature"))
	return err == nil
}

// SpotCheck runs n scenarios that the claim judged again, live, and sets their verdicts beside the claim's. Seed of the
// options decides which, and makes the ids; 0 is arbitrary. The results are those of the live run. A claim in which
// nothing was judged is a *CannotJudgeError, and so is one by another suite.
func SpotCheck(ctx context.Context, claim reports.Results, n int, o Options) ([]Spot, reports.Results, error) {
	if Digest(o.Pack, o.Extra) != claim.Suite.Digest {
		return nil, reports.Results{}, &CannotJudgeError{Blame: "configuration", Sentence: "the claim was judged by another suite than this one, so verdicts can't be compared: use that version, with the same --contract and --features."}
	}
	if o.Seed == 0 {
		o.Seed = arbitrary()
	}
	o.Only = Draw(claim, n, o.Seed)
	if len(o.Only) == 0 {
		return nil, reports.Results{}, &CannotJudgeError{Blame: "configuration", Sentence: "the claim has no scenario with a verdict: there is nothing to run again."}
	}
	live, err := Run(ctx, o)
	if err != nil {
		return nil, live, err
	}
	var out []Spot
	for _, id := range o.Only {
		is := func(s reports.Scenario) bool { return s.ID == id }
		was := claim.Scenarios[slices.IndexFunc(claim.Scenarios, is)]
		spot := Spot{ID: id, Name: was.Name, Claimed: was.Verdict, Live: reports.Broken, Reason: "it did not run"}
		if i := slices.IndexFunc(live.Scenarios, is); i >= 0 {
			s := live.Scenarios[i]
			spot.Live, spot.Reason, spot.Findings = s.Verdict, s.Reason, s.Findings
		}
		out = append(out, spot)
	}
	return out, live, nil
}
