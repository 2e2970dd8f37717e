package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

const statementEntry = "test-result.dsse.json"

// attested is a reviewed bundle with a signature and a signed statement.
func attested(t testing.TB, signer string) *bundle.Bundle {
	t.Helper()
	private, _ := key(signer)
	b := reviewed(t, sample())
	if err := b.Attest(private); err != nil {
		t.Fatal(err)
	}
	b.Sign(private)
	return b
}

// What is signed of a statement is what the DSSE specification says, to the byte: its own example, and an envelope of
// ours checked by hand.
func TestTheEnvelopeIsDSSE(t *testing.T) {
	t.Parallel()
	if got := string(dsse.PAE("http://example.com/HelloWorld", []byte("hello world"))); got != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("PAE: %q", got)
	}
	var envelope struct {
		PayloadType string `json:"payloadType"`
		Payload     []byte `json:"payload"`
		Signatures  []struct {
			KeyID string `json:"keyid"`
			Sig   []byte `json:"sig"`
		} `json:"signatures"`
	}
	if err := json.Unmarshal(entries(t, file(t, attested(t, "k")))[statementEntry], &envelope); err != nil {
		t.Fatal(err)
	}
	_, public := key("k")
	signed := fmt.Sprintf("DSSEv1 %d %s %d %s", len(envelope.PayloadType), envelope.PayloadType, len(envelope.Payload), envelope.Payload)
	if envelope.PayloadType != "application/vnd.in-toto+json" || len(envelope.Signatures) != 1 || envelope.Signatures[0].KeyID != bundle.KeyID(public) ||
		!ed25519.Verify(public, []byte(signed), envelope.Signatures[0].Sig) {
		t.Errorf("%+v", envelope)
	}
}

func TestTheStatementIsInTotoTestResult(t *testing.T) {
	t.Parallel()
	b := packed(t, sample())
	s, err := b.Statement()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	predicate := at(got, "predicate")
	if got["_type"] != "https://in-toto.io/Statement/v1" || got["predicateType"] != "https://in-toto.io/attestation/test-result/v0.1" || predicate["result"] != "FAILED" {
		t.Errorf("%s", raw)
	}
	if diff := cmp.Diff([]any{"PO-UC2-02"}, predicate["failedTests"]); diff != "" {
		t.Error(diff)
	}
	if len(at(got, "subject", 0, "digest")["sha256"].(string)) != 64 || at(got, "subject", 0)["name"] != "manifest.json" {
		t.Errorf("subject: %v", got["subject"])
	}
}

func TestResultsOfTheStatement(t *testing.T) {
	t.Parallel()
	verdicts := func(run string, of ...reports.Verdict) reports.Results {
		r := reports.Results{Version: reports.Version, Verdict: run, Mode: "sync"}
		for i, v := range of {
			r.Requirements = append(r.Requirements, reports.Requirement{ID: fmt.Sprintf("R-%d", i), Level: reports.Mandatory, Verdict: v})
		}
		return r
	}
	interrupted := verdicts(reports.VerdictPassed, reports.Passed)
	interrupted.Interrupted = true
	for _, tc := range []struct {
		r    reports.Results
		want string
	}{
		{verdicts(reports.VerdictPassed, reports.Passed, reports.Skipped), "PASSED"},
		{verdicts(reports.VerdictPassed, reports.Passed, reports.Warning), "WARNED"},
		{verdicts(reports.VerdictFailed, reports.Passed, reports.Failed, reports.Broken), "FAILED"},
		{verdicts(reports.VerdictBroken, reports.Passed, reports.Broken), "could not be judged"},
		{interrupted, "interrupted"},
	} {
		private, _ := key("k")
		b := packed(t, tc.r)
		s, err := b.Statement()
		if err != nil {
			if !strings.Contains(err.Error(), tc.want) || b.Attest(private) == nil {
				t.Errorf("%s: %v", tc.want, err)
			}
			continue
		}
		if s.Predicate.Result != tc.want {
			t.Errorf("%s, not %s", s.Predicate.Result, tc.want)
		}
	}
}

// A statement that is not the run's, and one that its signer did not sign, show.
func TestAStatementThatWasAlteredShows(t *testing.T) {
	t.Parallel()
	_, public := key("k")
	payload := func(change func(object)) func(*testing.T, map[string][]byte) {
		return entry(statementEntry, func(v object) {
			var s object
			raw, _ := base64.StdEncoding.DecodeString(v["payload"].(string))
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Error(err)
			}
			change(s)
			raw, _ = json.Marshal(s)
			v["payload"] = base64.StdEncoding.EncodeToString(raw)
		})
	}
	for _, tc := range []tampering{
		{"the result", payload(func(s object) { at(s, "predicate")["result"] = "PASSED" }), -1, ""},
		{"a failed test", payload(func(s object) { at(s, "predicate")["failedTests"] = []any{} }), -1, ""},
		{"the subject", payload(func(s object) { at(s, "subject", 0, "digest")["sha256"] = strings.Repeat("0", 64) }), -1, ""},
		{"the type of the predicate", payload(func(s object) { s["predicateType"] = "https://slsa.dev/provenance/v1" }), -1, ""},
		{"the type of the payload", entry(statementEntry, func(v object) { v["payloadType"] = "text/plain" }), -1, ""},
		{"spaces in what was signed", payload(func(object) {}), -1, ""}, // the same statement, written in another order
		{"a payload that is none", entry(statementEntry, func(v object) { v["payload"] = "e30=" }), -1, ""},
		{"a payload that is no base64", entry(statementEntry, func(v object) { v["payload"] = "*" }), -1, ""},
		{"the signature", entry(statementEntry, func(v object) { at(v, "signatures", 0)["sig"] = base64.StdEncoding.EncodeToString(make([]byte, 64)) }), -1, ""},
		{"no signature", entry(statementEntry, func(v object) { v["signatures"] = []any{} }), -1, ""},
		{"another run's", func(t *testing.T, in map[string][]byte) {
			r := sample()
			r.Seed = 7
			b := packed(t, r)
			private, _ := key("k")
			if err := b.Attest(private); err != nil {
				t.Fatal(err)
			}
			in[statementEntry] = entries(t, file(t, b))[statementEntry]
		}, -1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := entries(t, file(t, attested(t, "k")))
			tc.do(t, in)
			v := read(t, zipped(t, in)).Verify(bundle.Expect{Keys: []ed25519.PublicKey{public}})
			if len(v.Problems) == 0 || v.Whole {
				t.Error("it does not show")
			}
		})
	}
}

// A partner and then a reviewer sign the same statement; only who is known is believed.
func TestTwoSignTheStatement(t *testing.T) {
	t.Parallel()
	b := attested(t, "p")
	orange, public := key("o")
	for range 2 {
		if err := b.Attest(orange); err != nil {
			t.Fatal(err)
		}
		b.Sign(orange)
	}
	x := bundle.Expect{Keys: []ed25519.PublicKey{public}}
	v := read(t, file(t, b)).Verify(x)
	if len(v.Problems) > 0 || len(v.Attested) != 2 || len(v.Signed) != 2 {
		t.Fatalf("%v, %+v", v.Problems, v.Attested)
	}
	said := strings.Join(bundle.Claims(v, x, 2), "\n")
	_, partner := key("p")
	for _, want := range []string{
		"Statement: the holder of key " + bundle.KeyID(public), "Nothing more from the statement signed by key " + bundle.KeyID(partner),
		"Countersignature: the holder of key " + bundle.KeyID(public) + " saw the signature by key " + bundle.KeyID(partner),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	// A key that nobody knows says nothing, and breaks nothing.
	in := entries(t, file(t, b))
	delete(in, "signatures.json")
	if v := read(t, zipped(t, in)).Verify(bundle.Expect{}); len(v.Problems) > 0 || slices.ContainsFunc(v.Attested, func(a bundle.Attestation) bool { return a.PublicKey != nil }) {
		t.Errorf("%v, %+v", v.Problems, v.Attested)
	}
}

// A countersignature is over the signature before it: what is under one can't be taken away or made anew unnoticed.
func TestCountersignatures(t *testing.T) {
	t.Parallel()
	partner, partnerKey := key("p")
	orange, orangeKey := key("o")
	b := packed(t, sample())
	b.Sign(partner)
	if err := b.Decide(reports.Decision{Kind: reports.Refuse, Reason: "x", By: "x", At: start}); err != nil {
		t.Fatal(err)
	}
	b.Sign(orange)
	x := bundle.Expect{Keys: []ed25519.PublicKey{partnerKey, orangeKey}}
	v := read(t, file(t, b)).Verify(x)
	if len(v.Problems) > 0 || len(v.Signed) != 2 || len(v.Signed[0].Over) != 0 || len(v.Signed[1].Over) != 1 {
		t.Fatalf("%v, %+v", v.Problems, v.Signed)
	}
	list := func(v object) []any { return v["signatures"].([]any) }
	for name, do := range map[string]func(object){
		"the first taken away":           func(v object) { v["signatures"] = list(v)[1:] },
		"the second no longer over it":   func(v object) { delete(at(v, "signatures", 1), "over") },
		"the second over something else": func(v object) { at(v, "signatures", 1)["over"] = []any{"sha256:00"} },
		"the first over the second":      func(v object) { at(v, "signatures", 0)["over"] = at(v, "signatures", 1)["over"] },
	} {
		in := entries(t, file(t, b))
		entry("signatures.json", do)(t, in)
		if v := read(t, zipped(t, in)).Verify(bundle.Expect{Keys: []ed25519.PublicKey{orangeKey}}); len(v.Problems) == 0 {
			t.Errorf("%s: it does not show", name)
		}
	}
	// Who was countersigned signs again: the earlier signature stays under the one over it.
	b.Sign(partner)
	v = read(t, file(t, b)).Verify(x)
	if len(v.Problems) > 0 || len(v.Signed) != 3 || !bytes.Equal(v.Signed[0].PublicKey, v.Signed[2].PublicKey) {
		t.Errorf("%v, %+v", v.Problems, v.Signed)
	}
	if said := strings.Join(bundle.Claims(v, x, 1), "\n"); strings.Count(said, "Origin:") != 2 || strings.Count(said, "Countersignature:") != 2 {
		t.Errorf("%s", said)
	}
}
