package bundle

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"time"
)

// Expect is what a reviewer knows from elsewhere than the bundle.
type Expect struct {
	Keys      []ed25519.PublicKey // each of which has to have signed
	Challenge string              // that was given before the run; empty where none was
}

// Verification is what a bundle shows by itself. The verdicts are not part of it: a replay judges them again.
type Verification struct {
	// Problems are what is not as it was written, or not as it was expected; empty where all is.
	Problems []string
	// Whole says that the file is as it was written: what Problems there are is not as it was expected.
	Whole bool
	// Altered is the place of the first exchange that is not the recorded one; -1 where the chain is whole, or where it
	// breaks elsewhere than at an exchange.
	Altered int
	// Signed are the signatures that hold, whoever's they are.
	Signed []Signature
	// Attested are the signatures of the test result, which is then that of this run.
	Attested []Attestation
}

// Attestation is a signature of the test result. It was checked where PublicKey is not nil.
type Attestation struct {
	KeyID     string
	PublicKey ed25519.PublicKey
}

// Verify checks the bundle against itself and against what is expected of it.
func (b *Bundle) Verify(x Expect) Verification {
	v := Verification{Altered: none}
	v.contents(b)
	v.chain(b)
	v.review(b)
	v.signatures(b)
	v.attestation(b, x.Keys)
	v.Whole = len(v.Problems) == 0
	v.expected(b, x.Keys)
	if x.Challenge != "" && b.Manifest.Header.Challenge != x.Challenge {
		v.problem("the challenge of the run is %s, not the one that was given", orNone(b.Manifest.Header.Challenge))
	}
	return v
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%q", s)
}

func (v *Verification) problem(f string, args ...any) {
	v.Problems = append(v.Problems, fmt.Sprintf(f, args...))
}

func (v *Verification) contents(b *Bundle) {
	for _, name := range []string{resultsName, profileName} {
		raw, there := b.entries[name]
		switch {
		case !there:
			v.problem("%s is missing", name)
		case digest(raw) != b.Manifest.Contents[name]:
			v.problem("%s is not the one that the manifest names", name)
		}
	}
	if b.broken != nil {
		v.problem("%s can't be judged: %v", resultsName, b.broken)
	}
	if b.results.Review != nil {
		v.problem("%s holds a review: decisions stand in %s", resultsName, reviewName)
	}
}

// chain checks header and exchanges, and names what is altered.
func (v *Verification) chain(b *Bundle) {
	p, err := split(b.entries[resultsName])
	if err != nil {
		v.problem("%s has no exchanges that can be chained: %v", resultsName, err)
		return
	}
	header, err := b.rawHeader()
	if err != nil {
		v.problem("%s: %v", manifestName, err)
		return
	}
	at, sentence := b.Manifest.Chain.firstAltered(header, p.exchanges)
	if sentence != "" {
		v.Altered = at
		v.problem("the chain breaks: %s", sentence)
	}
	if b.broken == nil {
		v.header(b.Manifest.Header, headerOf(b.results, p))
	}
	if raw, there := b.entries[profileName]; there {
		if profile, err := canonical(raw); err != nil || !bytes.Equal(profile, p.profile) {
			v.problem("%s is not the profile of %s", profileName, resultsName)
		}
	}
}

// header says which member of the header is not that of the results.
func (v *Verification) header(says, is Header) {
	for _, f := range []struct {
		name     string
		says, is any
	}{
		{"partner", says.Partner, is.Partner}, {"suite", says.Suite, is.Suite}, {"mode", says.Mode, is.Mode}, {"selection", says.Selection, is.Selection},
		{"seed", says.Seed, is.Seed}, {"challenge", says.Challenge, is.Challenge}, {"start", says.StartedAt.UTC().Format(time.RFC3339Nano), is.StartedAt.UTC().Format(time.RFC3339Nano)},
		{"verdict", says.Verdict, is.Verdict}, {"counts", says.Counts, is.Counts}, {"number of scenarios", says.Scenarios, is.Scenarios},
		{"number of exchanges", says.Exchanges, is.Exchanges}, {"profile", says.Profile, is.Profile}, {"verdicts, findings or course", says.Rest, is.Rest},
	} {
		if f.says != f.is {
			v.problem("%s: the manifest says %v, %s %v", f.name, f.says, resultsName, f.is)
		}
	}
}

func (v *Verification) review(b *Bundle) {
	if sentence := b.checkDecisions(); sentence != "" {
		v.problem("%s", sentence)
	}
}

// signatures keeps those that hold.
func (v *Verification) signatures(b *Bundle) {
	for _, s := range b.Signatures {
		switch {
		case !b.holds(s):
			v.problem("the signature by key %s does not hold for this bundle", KeyID(s.PublicKey))
		case !b.countersigned(s):
			v.problem("the signature by key %s countersigns one that is no longer there", KeyID(s.PublicKey))
		default:
			v.Signed = append(v.Signed, s)
		}
	}
}

// expected asks for the keys that are: each has signed, and one of them at least signed every decision.
func (v *Verification) expected(b *Bundle, keys []ed25519.PublicKey) {
	covered := 0
	for _, key := range keys {
		found := false
		for _, s := range v.Signed {
			if bytes.Equal(s.PublicKey, key) {
				found, covered = true, max(covered, s.Decisions)
			}
		}
		if !found {
			v.problem("no signature by key %s", KeyID(key))
		}
	}
	if len(keys) > 0 && covered < len(b.decisions) {
		v.problem("decision %d of the review was added after the signature", covered+1)
	}
}
