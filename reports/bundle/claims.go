package bundle

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
)

// Claims says, in sentences, what a verification without problems proves, and what it does not. They hold once the
// replay has come to the same verdicts too. decisions is how many there are in the review.
func Claims(v Verification, x Expect, decisions int) []string {
	var out []string
	out = append(out, "Consistency: these verdicts follow from these exchanges, and nobody changed an exchange without writing the whole file anew.")
	if x.Challenge != "" {
		out = append(out, fmt.Sprintf("Freshness: every id that was sent derives from the challenge %q, so the run was made by somebody who knew it. That the partner's server answered is not proven by it.", x.Challenge))
	}
	known := 0
	for i, s := range v.Signed {
		later := func(other Signature) bool { return bytes.Equal(other.PublicKey, s.PublicKey) }
		if slices.ContainsFunc(v.Signed[i+1:], later) {
			continue // the last one of a key says all that its earlier ones say
		}
		if !x.knows(s.PublicKey) {
			out = append(out, fmt.Sprintf("Nothing more from the signature by key %s: verify with that key if you have it from somebody you trust.", s.KeyID))
			continue
		}
		known++
		out = append(out, fmt.Sprintf("Origin: the holder of key %s signed exactly this run%s, and nothing of it has changed since. How they came by the run is their word.", s.KeyID, covering(s.Decisions, decisions)))
		for _, other := range v.Signed {
			if slices.Contains(s.Over, other.digest()) {
				out = append(out, fmt.Sprintf("Countersignature: the holder of key %s saw the signature by key %s and signed after it.", s.KeyID, other.KeyID))
			}
		}
	}
	out = append(out, v.attestations(x)...)
	if known == 0 {
		out = append(out, "Origin unproven: no key that you gave has signed. Whoever can write a file can write another consistent one, its chain included.")
	}
	if known == 0 && decisions > 0 {
		out = append(out, "The review is unproven too: anybody can add a decision in anybody's name.")
	}
	return out
}

// attestations says who signed the test result.
func (v Verification) attestations(x Expect) []string {
	var out []string
	for _, a := range v.Attested {
		if a.PublicKey != nil && x.knows(a.PublicKey) {
			out = append(out, fmt.Sprintf("Statement: the holder of key %s signed the in-toto test result of this run, which says what the run says. It covers no review.", a.KeyID))
		} else {
			out = append(out, fmt.Sprintf("Nothing more from the statement signed by key %s: verify with that key if you have it from somebody you trust.", a.KeyID))
		}
	}
	return out
}

// knows reports whether a key is one of those that the reviewer expects.
func (x Expect) knows(key ed25519.PublicKey) bool {
	return slices.ContainsFunc(x.Keys, func(k ed25519.PublicKey) bool { return bytes.Equal(k, key) })
}

func covering(signed, decisions int) string {
	switch {
	case decisions == 0:
		return ""
	case signed == decisions:
		return fmt.Sprintf(" and its review (decisions: %d)", decisions)
	}
	return fmt.Sprintf(" and %d of the %d decisions of its review", signed, decisions)
}
