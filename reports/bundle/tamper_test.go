package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// tampering is one way to alter a bundle. Where it is of the kind that recomputes what is derived, only a signature or a
// challenge shows it.
type tampering struct {
	name string
	do   func(t *testing.T, in map[string][]byte)
	// altered is the exchange that has to be named; -1 where none has.
	altered int
	// needs is empty where the bundle itself shows it, "key" or "challenge" where it takes what the reviewer knows.
	needs string
}

// results edits results.json and nothing else.
func results(change func(object)) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) { edit(t, in, "results.json", change) }
}

func entry(name string, change func(object)) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) { edit(t, in, name, change) }
}

// anew packs other results, with every hash recomputed, and keeps review and signature of the bundle there was.
func anew(change func(*reports.Results)) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) {
		r := sample()
		change(&r)
		maps.Copy(in, entries(t, file(t, packed(t, r))))
	}
}

// anewReviewed does so with the review made again, in the same names.
func anewReviewed(change func(*reports.Results)) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) {
		r := sample()
		change(&r)
		maps.Copy(in, entries(t, file(t, reviewed(t, r))))
	}
}

func exchangeTamperings() []tampering {
	list := func(v object) []any { return v["exchanges"].([]any) }
	return []tampering{
		{"an answer's body", results(func(v object) { at(v, "exchanges", 2, "response", "body")["text"] = `[1,2,3]` }), 2, ""},
		{"a request's body", results(func(v object) { at(v, "exchanges", 1, "request", "body")["text"] = `{}` }), 1, ""},
		{"a header", results(func(v object) { at(v, "exchanges", 3, "response", "headers")["Content-Type"] = []any{"text/plain"} }), 3, ""},
		{"a header more", results(func(v object) { at(v, "exchanges", 0, "response", "headers")["X-More"] = []any{"1"} }), 0, ""},
		{"a time", results(func(v object) { at(v, "exchanges", 4)["at"] = "2026-03-05T09:31:00Z" }), 4, ""},
		{"a duration", results(func(v object) { at(v, "exchanges", 4)["durationMs"] = 1 }), 4, ""},
		{"a status", results(func(v object) { at(v, "exchanges", 1, "response")["status"] = 201 }), 1, ""},
		{"an address", results(func(v object) { at(v, "exchanges", 2, "request")["url"] = "http://elsewhere/" }), 2, ""},
		{"a member that no version knows", results(func(v object) { at(v, "exchanges", 2)["more"] = true }), 2, ""},
		{"an exchange dropped", results(func(v object) { v["exchanges"] = slices.Delete(list(v), 1, 2) }), 1, ""},
		{"the last exchange dropped", results(func(v object) { v["exchanges"] = list(v)[:4] }), 4, ""},
		{"all exchanges dropped", results(func(v object) { v["exchanges"] = []any{} }), 0, ""},
		{"two exchanges swapped", results(func(v object) { l := list(v); l[1], l[3] = l[3], l[1] }), 1, ""},
		{"an exchange put in", results(func(v object) { v["exchanges"] = slices.Insert(list(v), 2, list(v)[0]) }), 2, ""},
		{"an exchange added at the end", results(func(v object) { v["exchanges"] = append(list(v), list(v)[0]) }), 5, ""},
	}
}

func resultTamperings() []tampering {
	return []tampering{
		{"the verdict of the run", results(func(v object) { v["verdict"] = "passed" }), -1, ""},
		{"the verdict of a requirement", results(func(v object) { at(v, "requirements", 1)["verdict"] = "passed" }), -1, ""},
		{"the verdict of a scenario", results(func(v object) { at(v, "scenarios", 1)["verdict"] = "passed" }), -1, ""},
		{"a requirement dropped", results(func(v object) { v["requirements"] = v["requirements"].([]any)[:1] }), -1, ""},
		{"a finding dropped", results(func(v object) { at(v, "scenarios", 1)["findings"] = []any{} }), -1, ""},
		{"what a finding saw", results(func(v object) { at(v, "scenarios", 1, "findings", 0)["seen"] = "3 licences" }), -1, ""},
		{"a step", results(func(v object) { at(v, "scenarios", 1, "steps", 0)["verdict"] = "passed" }), -1, ""},
		{"the course", results(func(v object) { at(v, "scenarios", 1, "course", 0)["v"] = 2 }), -1, ""},
		{"the counts", results(func(v object) { at(v, "counts")["failed"] = 0 }), -1, ""},
		{"the seed", results(func(v object) { v["seed"] = 43 }), -1, ""},
		{"the start", results(func(v object) { v["startedAt"] = "2026-11-01T00:00:00Z" }), -1, ""},
		{"the partner", results(func(v object) { at(v, "partner")["name"] = "Other" }), -1, ""},
		{"the suite", results(func(v object) { at(v, "suite")["digest"] = "sha256:cc" }), -1, ""},
		{"the selection", results(func(v object) { v["selection"] = "GEN" }), -1, ""},
		{"the challenge, taken out", results(func(v object) { delete(v, "challenge") }), -1, ""},
		{"the profile in the results", results(func(v object) { at(v, "profile")["offer"] = "mba2-beta" }), -1, ""},
		{"a review in the results", results(func(v object) {
			v["review"] = object{"day": "2026-01-01", "decisions": []any{object{"kind": "accept", "reason": "x", "by": "x", "at": "2026-01-01T00:00:00Z"}}}
		}), -1, ""},
		{"spaces", func(_ *testing.T, in map[string][]byte) { in["results.json"] = append(in["results.json"], ' ') }, -1, ""},
		{"text that is no JSON", func(_ *testing.T, in map[string][]byte) { in["results.json"] = []byte("{") }, -1, ""},
		{"the profile beside them", entry("profile.json", func(v object) { v["offer"] = "mba2-beta" }), -1, ""},
		{"both profiles", func(t *testing.T, in map[string][]byte) {
			edit(t, in, "profile.json", func(v object) { v["offer"] = "mba2-beta" })
			edit(t, in, "results.json", func(v object) { at(v, "profile")["offer"] = "mba2-beta" })
		}, -1, ""},
		{"the profile taken out", func(_ *testing.T, in map[string][]byte) { delete(in, "profile.json") }, -1, ""},
	}
}

func manifestTamperings() []tampering {
	return []tampering{
		{"the seed in the manifest", entry("manifest.json", func(v object) { at(v, "header")["seed"] = 43 }), -1, ""},
		{"the challenge in the manifest", entry("manifest.json", func(v object) { at(v, "header")["challenge"] = "other-challenge" }), -1, ""},
		{"a member that no version knows in the header", entry("manifest.json", func(v object) { at(v, "header")["more"] = true }), -1, ""},
		{"the head of the chain", entry("manifest.json", func(v object) { at(v, "chain")["head"] = strings.Repeat("0", 64) }), -1, ""},
		{"a link", entry("manifest.json", func(v object) { at(v, "chain")["links"].([]any)[2] = strings.Repeat("0", 64) }), 2, ""},
		{"the last links dropped", entry("manifest.json", func(v object) { c := at(v, "chain"); c["links"] = c["links"].([]any)[:3] }), 3, ""},
		{"a digest", entry("manifest.json", func(v object) { at(v, "contents")["results.json"] = "sha256:00" }), -1, ""},
	}
}

// forgeries recompute all that a file holds of itself.
func forgeries() []tampering {
	better := func(r *reports.Results) { r.Exchanges[3].Response.Body = body(`{"state":"completed"}`) }
	return []tampering{
		{"the chain's tail", anew(better), -1, "key"},
		{"the chain's tail, and the review", anewReviewed(better), -1, "key"},
		{"the verdict, everything recomputed", anewReviewed(func(r *reports.Results) { r.Requirements[0].Reason = "fine" }), -1, "key"},
		{"another seed, everything recomputed", anewReviewed(func(r *reports.Results) { r.Seed++ }), -1, "key"},
		{"another profile, everything recomputed", anewReviewed(func(r *reports.Results) { r.Profile = map[string]any{"offer": "mba2-beta"} }), -1, "key"},
		{"a time, everything recomputed", anewReviewed(func(r *reports.Results) { r.Exchanges[2].At = r.Exchanges[2].At.Add(time.Hour) }), -1, "key"},
		{"an exchange dropped, everything recomputed", anewReviewed(func(r *reports.Results) {
			r.Exchanges, r.Scenarios[2].Exchanges = r.Exchanges[:4], r.Scenarios[2].Exchanges[:1]
		}), -1, "key"},
		{"another partner's run", anewReviewed(func(r *reports.Results) { r.Partner.Name = "Other" }), -1, "key"},
		{"another partner's run, with its challenge", func(t *testing.T, in map[string][]byte) {
			anewReviewed(func(r *reports.Results) { r.Partner.Name, r.Challenge = "Other", "other-challenge" })(t, in)
			delete(in, "signatures.json")
		}, -1, "challenge"},
		{"an older run without a challenge", func(t *testing.T, in map[string][]byte) {
			anewReviewed(func(r *reports.Results) { r.Challenge = "" })(t, in)
			delete(in, "signatures.json")
		}, -1, "challenge"},
		{"another partner's run, whole and signed by another key", wholly("o", func(r *reports.Results) { r.Partner.Name = "Other" }), -1, "key"},
		{"another partner's run, whole and signed by the same reviewer", wholly("k", func(r *reports.Results) { r.Partner.Name, r.Challenge = "Other", "other-challenge" }), -1, "challenge"},
		{"an older run of this partner, whole and signed by the same reviewer", wholly("k", func(r *reports.Results) { r.Challenge = "older-challenge" }), -1, "challenge"},
		{"another partner's results in this bundle", swapped("results.json"), -1, ""},
		{"another partner's profile in this bundle", swapped("profile.json"), -1, ""},
		{"another partner's manifest in this bundle", swapped("manifest.json"), -1, ""},
		{"another partner's signature in this bundle", swapped("signatures.json"), -1, "key"},
	}
}

// wholly replaces the bundle with another run's, reviewed and signed.
func wholly(signer string, change func(*reports.Results)) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) {
		clear(in)
		maps.Copy(in, signedBy(t, signer, change))
	}
}

// swapped replaces one entry with that of another partner's bundle, which the same reviewer has signed.
func swapped(name string) func(*testing.T, map[string][]byte) {
	return func(t *testing.T, in map[string][]byte) {
		in[name] = signedBy(t, "k", func(r *reports.Results) {
			r.Partner.Name, r.Profile = "Other", map[string]any{"offer": "mba2-beta"}
			r.Exchanges[1].Response.Body = body(`[]`)
		})[name]
	}
}

func signedBy(t *testing.T, signer string, change func(*reports.Results)) map[string][]byte {
	t.Helper()
	r := sample()
	change(&r)
	b := reviewed(t, r)
	private, _ := key(signer)
	b.Sign(private)
	return entries(t, file(t, b))
}

func signatureTamperings() []tampering {
	signature := func(change func(object)) func(*testing.T, map[string][]byte) {
		return entry("signatures.json", func(v object) { change(at(v, "signatures", 0)) })
	}
	_, other := key("o")
	return []tampering{
		{"the signature taken out", func(_ *testing.T, in map[string][]byte) { delete(in, "signatures.json") }, -1, "key"},
		{"an empty list of signatures", entry("signatures.json", func(v object) { v["signatures"] = []any{} }), -1, "key"},
		{"another key in the signature", signature(func(s object) { s["publicKey"] = base64.StdEncoding.EncodeToString(other) }), -1, "key"},
		{"another key's name", signature(func(s object) { s["keyID"] = bundle.KeyID(other) }), -1, "key"},
		{"a bit of the signature", signature(func(s object) {
			raw, _ := base64.StdEncoding.DecodeString(s["value"].(string))
			raw[5] ^= 1
			s["value"] = base64.StdEncoding.EncodeToString(raw)
		}), -1, "key"},
		{"fewer decisions signed", signature(func(s object) { s["decisions"] = 1 }), -1, "key"},
		{"more decisions signed", signature(func(s object) { s["decisions"] = 3 }), -1, "key"},
		{"decisions below none", signature(func(s object) { s["decisions"] = -1 }), -1, "key"},
		{"signed again by another key", func(t *testing.T, in map[string][]byte) {
			delete(in, "signatures.json")
			b := read(t, zipped(t, in))
			private, _ := key("o")
			b.Sign(private)
			maps.Copy(in, entries(t, file(t, b)))
		}, -1, "key"},
	}
}

func reviewTamperings() []tampering {
	decisions := func(v object) []any { return v["decisions"].([]any) }
	return []tampering{
		{"a waiver made longer", entry("review.json", func(v object) { at(v, "decisions", 0, "decision")["until"] = "2099-12-31" }), -1, ""},
		{"a reviewer's name", entry("review.json", func(v object) { at(v, "decisions", 1, "decision")["by"] = "Somebody Else" }), -1, ""},
		{"a decision's link", entry("review.json", func(v object) { at(v, "decisions", 0)["link"] = strings.Repeat("0", 64) }), -1, ""},
		{"the first decision dropped", entry("review.json", func(v object) { v["decisions"] = decisions(v)[1:] }), -1, ""},
		{"two decisions swapped", entry("review.json", func(v object) { l := decisions(v); l[0], l[1] = l[1], l[0] }), -1, ""},
		{"a decision put in without a link", entry("review.json", func(v object) {
			v["decisions"] = append(decisions(v), object{"decision": object{"kind": "accept", "reason": "x", "by": "x", "at": "2026-01-01T00:00:00Z"}, "link": ""})
		}), -1, ""},
		{"the last decision dropped", entry("review.json", func(v object) { v["decisions"] = decisions(v)[:1] }), -1, "key"},
		{"the review taken out", func(_ *testing.T, in map[string][]byte) { delete(in, "review.json") }, -1, "key"},
		{"a decision added and chained after signing", func(t *testing.T, in map[string][]byte) {
			b := read(t, zipped(t, in))
			if err := b.Decide(reports.Decision{Kind: reports.Waive, Requirement: "PO-UC3-01", Until: "2099-12-31", Reason: "x", By: "A. Reviewer", At: start}); err != nil {
				t.Fatal(err)
			}
			maps.Copy(in, entries(t, file(t, b)))
		}, -1, "key"},
		{"another run's review", func(t *testing.T, in map[string][]byte) {
			r := sample()
			r.Seed = 7
			in["review.json"] = entries(t, file(t, reviewed(t, r)))["review.json"]
		}, -1, ""},
	}
}

// Every way to tamper with a bundle that answers a challenge and is signed after review is noticed by whoever knows the
// challenge and the key.
func TestEveryTamperingShows(t *testing.T) {
	t.Parallel()
	private, public := key("k")
	b := reviewed(t, sample())
	b.Sign(private)
	whole := file(t, b)
	expect := bundle.Expect{Keys: []ed25519.PublicKey{public}, Challenge: nonce}
	if v := read(t, whole).Verify(expect); len(v.Problems) > 0 || len(v.Signed) != 1 {
		t.Fatalf("as it was written: %v, %d signatures", v.Problems, len(v.Signed))
	}
	all := slices.Concat(exchangeTamperings(), resultTamperings(), manifestTamperings(), forgeries(), signatureTamperings(), reviewTamperings())
	if len(all) < 30 {
		t.Fatalf("only %d ways", len(all))
	}
	for _, tc := range all {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := entries(t, whole)
			tc.do(t, in)
			v := read(t, zipped(t, in)).Verify(expect)
			if len(v.Problems) == 0 {
				t.Fatal("it does not show")
			}
			if tc.altered >= 0 && v.Altered != tc.altered {
				t.Errorf("exchange %d is named, not %d: %v", v.Altered, tc.altered, v.Problems)
			}
			if tc.needs == "challenge" && len((read(t, zipped(t, in))).Verify(bundle.Expect{Challenge: nonce}).Problems) == 0 {
				t.Error("the challenge alone does not show it")
			}
		})
	}
}

// Of an unsigned bundle every edit shows that leaves the chain as it was; what was recomputed as a whole does not, and
// nobody says that it would.
func TestOfAnUnsignedBundleWhatIsNotRecomputedShows(t *testing.T) {
	t.Parallel()
	whole := file(t, reviewed(t, sample()))
	for _, tc := range slices.Concat(exchangeTamperings(), resultTamperings(), manifestTamperings(), reviewTamperings()) {
		if tc.needs != "" {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := entries(t, whole)
			tc.do(t, in)
			v := read(t, zipped(t, in)).Verify(bundle.Expect{})
			if len(v.Problems) == 0 {
				t.Error("it does not show")
			}
			if tc.altered >= 0 && v.Altered != tc.altered {
				t.Errorf("exchange %d is named, not %d: %v", v.Altered, tc.altered, v.Problems)
			}
		})
	}
	in := entries(t, whole)
	anewReviewed(func(r *reports.Results) { r.Exchanges[3].Response.Status = 500 })(t, in)
	b := read(t, zipped(t, in))
	v := b.Verify(bundle.Expect{})
	if len(v.Problems) > 0 {
		t.Errorf("a file written anew has problems: %v", v.Problems)
	}
	if said := strings.Join(bundle.Claims(v, bundle.Expect{}, 2), "\n"); !strings.Contains(said, "Origin unproven") || !strings.Contains(said, "review is unproven") {
		t.Errorf("too much is claimed of it:\n%s", said)
	}
}

// How the file is packed does not matter, and what is beside the run is named and proves nothing.
func TestZippedAgainItHolds(t *testing.T) {
	t.Parallel()
	private, public := key("k")
	b := reviewed(t, sample())
	b.Sign(private)
	in := entries(t, file(t, b))
	in["notes.txt"], in["more/photo.png"] = []byte("hello"), []byte{1}
	again := read(t, zipped(t, in))
	if v := again.Verify(bundle.Expect{Keys: []ed25519.PublicKey{public}, Challenge: nonce}); len(v.Problems) > 0 {
		t.Errorf("zipped again: %v", v.Problems)
	}
	if !slices.Equal(again.Unknown, []string{"notes.txt", "more/photo.png"}) {
		t.Errorf("unknown entries: %v", again.Unknown)
	}
	if !bytes.Equal(file(t, again), file(t, b)) {
		t.Error("written again it is another file")
	}
}

// A number written otherwise is another text: the chain is over what was written, so that no reader has to agree on
// how to write a number.
func TestTheChainIsOverWhatIsWritten(t *testing.T) {
	t.Parallel()
	in := entries(t, file(t, packed(t, sample())))
	in["results.json"] = bytes.Replace(in["results.json"], []byte(`"durationMs": 3`), []byte(`"durationMs": 3.0`), 1)
	var v object
	if err := json.Unmarshal(in["results.json"], &v); err != nil {
		t.Fatal(err)
	}
	if got := read(t, zipped(t, in)).Verify(bundle.Expect{}); got.Altered != 0 {
		t.Errorf("exchange %d is named: %v", got.Altered, got.Problems)
	}
}
