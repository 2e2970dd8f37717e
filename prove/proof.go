package prove

import (
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/schemas"
)

// Proof is what a run may tell of the suite: the rows of m without what changes from run to run.
func (m Matrix) Proof() schemas.Proof {
	p := schemas.Proof{Version: schemas.ProofVersion, Contract: m.Suite.Contract, Digest: m.Suite.Digest, Faults: []schemas.Fault{}}
	for _, row := range m.Defects {
		p.Faults = append(p.Faults, schemas.Fault{
			Requirement: row.Requirement, Name: row.Name, Mode: string(row.Mode), Needs: row.Needs, Whole: row.Whole,
			Verdict: proofVerdict(row.Outcome),
		})
	}
	return p
}

func proofVerdict(o Outcome) string {
	switch o {
	case Caught:
		return schemas.CaughtByNamed
	case Elsewhere:
		return schemas.CaughtByAnother
	case NotApplicable:
		return schemas.NotApplicable
	}
	return schemas.NotCaught
}

// Contradictions lists where m does not confirm a proof: another suite, another verdict, other needs, and faults that
// only one of them has. A proof of more than m ran is confirmed by what m ran.
func (m Matrix) Contradictions(p schemas.Proof) []string {
	var out []string
	if p.Digest != m.Suite.Digest {
		out = append(out, fmt.Sprintf("the proof is of the suite %s, this is %s", p.Digest, m.Suite.Digest))
	}
	known := map[string]schemas.Fault{}
	for _, f := range p.Faults {
		known[f.Name+" "+f.Mode] = f
	}
	for _, now := range m.Proof().Faults {
		was, there := known[now.Name+" "+now.Mode]
		what := fmt.Sprintf("%s, %s", now.Name, now.Mode)
		switch {
		case !there:
			out = append(out, what+": the proof does not have it")
		case was.Verdict != now.Verdict:
			out = append(out, fmt.Sprintf("%s: the proof says %s, this run %s", what, was.Verdict, now.Verdict))
		case was.Requirement != now.Requirement || !slices.Equal(was.Needs, now.Needs):
			out = append(out, fmt.Sprintf("%s: the proof has it as %s with needs %q, now it is %s with needs %q",
				what, was.Requirement, was.Needs, now.Requirement, now.Needs))
		}
		delete(known, now.Name+" "+now.Mode)
	}
	if !m.Partial {
		for _, f := range p.Faults {
			if _, left := known[f.Name+" "+f.Mode]; left {
				out = append(out, fmt.Sprintf("%s, %s: the proof has it, and there is no such fault", f.Name, f.Mode))
			}
		}
	}
	return out
}
