package reports

import "strings"

// The states of a proof.
const (
	Proven    = "proven"
	NotProven = "not proven"
)

// ProofOtherSuite is the reason why runs with another contract pack or with own features are not proven.
const ProofOtherSuite = "the features or the contract pack are not those that were proven"

// Proof is what a run may say of itself: how many of the known partner faults in this mode it would have noticed.
// Noticed + Undeclared + Unjudged + Missed = Known. All are 0 where it is not proven.
type Proof struct {
	Status  string `json:"status"` // proven | not proven
	Reason  string `json:"reason"` // why not proven; empty otherwise
	Noticed int    `json:"noticed"`
	Known   int    `json:"known"`
	// Undeclared counts faults that need what the profile does not declare.
	Undeclared int `json:"undeclared"`
	// Unjudged counts faults whose requirement this run did not judge: skipped, inconclusive or broken.
	Unjudged int `json:"unjudged"`
	// Missed counts faults that the suite is known to miss.
	Missed int `json:"missed"`
}

// proofLine is the proof in one sentence; empty where there is none.
func proofLine(r Results, l labels) string {
	p := r.Proof
	switch {
	case p == nil:
		return ""
	case p.Status != Proven:
		line := l.T("proofNotProven")
		if p.Reason != "" {
			line += l.T("colon") + l.shortened(visible(l.T(p.Reason)), textField)
		}
		return line
	}
	parts := []string{l.f("proofNoticed", p.Noticed, p.Known)}
	for _, left := range []struct {
		key   string
		count int
	}{{"proofUndeclared", p.Undeclared}, {"proofUnjudged", p.Unjudged}, {"proofMissed", p.Missed}} {
		if left.count > 0 {
			parts = append(parts, l.n(left.key, left.count))
		}
	}
	return strings.Join(parts, l.T("semicolon"))
}
