package bundle_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

func TestWhatIsReadIsWhatWasPacked(t *testing.T) {
	t.Parallel()
	first, second := file(t, packed(t, sample())), file(t, packed(t, sample()))
	if !bytes.Equal(first, second) {
		t.Error("the same run makes two files")
	}
	got, err := read(t, first).Results()
	if err != nil {
		t.Fatal(err)
	}
	var want, have bytes.Buffer
	if err := reports.Write(&want, sample()); err != nil {
		t.Fatal(err)
	}
	if err := reports.Write(&have, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), have.String()); diff != "" {
		t.Error(diff)
	}
}

func TestAReviewInTheResultsIsLeftOut(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Review = &reports.Review{Day: "2026-01-01", Decisions: []reports.Decision{{Kind: reports.Refuse, Reason: "x", By: "x"}}}
	b := packed(t, r)
	if v := b.Verify(bundle.Expect{}); len(v.Problems) > 0 || len(b.Decisions()) > 0 {
		t.Errorf("%v, %d decisions", v.Problems, len(b.Decisions()))
	}
}

func TestARunWithoutExchanges(t *testing.T) {
	t.Parallel()
	r := reports.Results{Version: reports.Version, Verdict: reports.VerdictBroken, Mode: "sync"}
	b := read(t, file(t, packed(t, r)))
	if v := b.Verify(bundle.Expect{}); len(v.Problems) > 0 || b.Manifest.Chain.Head != b.Manifest.Chain.Genesis {
		t.Errorf("%v, head %s", v.Problems, b.Manifest.Chain.Head)
	}
}

// What comes from outside is bounded and can't leave its place.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	good := entries(t, file(t, packed(t, sample())))
	with := func(name string, raw []byte) []byte {
		in := map[string][]byte{name: raw}
		for n, r := range good {
			if n != name {
				in[n] = r
			}
		}
		return zipped(t, in)
	}
	without := func(name string) []byte {
		in := map[string][]byte{}
		for n, r := range good {
			if n != name {
				in[n] = r
			}
		}
		return zipped(t, in)
	}
	manyEntries := map[string][]byte{}
	for i := range 300 {
		manyEntries[fmt.Sprint(i)] = nil
	}
	whole := file(t, packed(t, sample()))
	for _, tc := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"no zip file", []byte("PK\x03\x04 but no more"), "zip"},
		{"half a file", whole[:len(whole)/2], "zip"},
		{"a bomb", bomb(t, "results.json"), "longer than 64 MiB"},
		{"a bomb in the manifest", bomb(t, "manifest.json"), "longer than 16 MiB"},
		{"many entries", zipped(t, manyEntries), "300 entries are more than 200"},
		{"a way out", with("../../etc/passwd", nil), "no name that a bundle may have"},
		{"a way to the root", with("/etc/passwd", nil), "no name that a bundle may have"},
		{"a way on another system", with(`..\boot.ini`, nil), "no name that a bundle may have"},
		{"an entry twice", twice(t), "there twice"},
		{"no manifest", without("manifest.json"), "manifest.json is missing"},
		{"no results", without("results.json"), "results.json is missing"},
		{"another format", with("manifest.json", []byte(`{"format":"other"}`)), `format is "other"`},
		{"another version", with("manifest.json", []byte(`{"format":"clementine bundle","version":2}`)), "version 2 is not known"},
		{"another version of the review", with("review.json", []byte(`{"version":2}`)), "review.json: version 2"},
		{"a decision that is none", with("review.json", []byte(`{"version":1,"decisions":[{"decision":5,"link":""}]}`)), "decision 1"},
		{"too many signatures", with("signatures.json", []byte(`{"version":1,"signatures":[`+strings.Repeat(`{},`, 100)+`{}]}`)), "101 signatures are more than 100"},
		{"too many signatures of a statement", with("test-result.dsse.json", []byte(`{"signatures":[`+strings.Repeat(`{},`, 100)+`{}]}`)), "101 signatures are more than 100"},
		{"a statement that is no JSON", with("test-result.dsse.json", []byte(`{`)), "test-result.dsse.json"},
		{"a key of another length", with("signatures.json", []byte(`{"version":1,"signatures":[{"publicKey":"AAAA"}]}`)), "publicKey has 3 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := bundle.Read(bytes.NewReader(tc.raw))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("read: %v, want %q", err, tc.want)
			}
		})
	}
}

// bomb is a small file whose entry unpacks to more than any results.
func bomb(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 80 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func twice(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for range 2 {
		if _, err := z.Create("manifest.json"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDecideRefuses(t *testing.T) {
	t.Parallel()
	waive := func(requirement, until string) reports.Decision {
		return reports.Decision{Kind: reports.Waive, Requirement: requirement, Until: until, Reason: "x", By: "x", At: start}
	}
	accept := reports.Decision{Kind: reports.Accept, Reason: "x", By: "x", At: start}
	partial, interrupted := sample(), sample()
	partial.Selection, interrupted.Interrupted = "GEN", true
	for _, tc := range []struct {
		name string
		run  reports.Results
		d    reports.Decision
		want string
	}{
		{"no kind", sample(), reports.Decision{Reason: "x", By: "x"}, "accept, waive or refuse"},
		{"no name", sample(), reports.Decision{Kind: reports.Refuse, Reason: "x"}, "needs a name"},
		{"what passed", sample(), waive("GEN-01", "2026-12-31"), "GEN-01 is passed: there is nothing to waive"},
		{"what there is not", sample(), waive("X-1", "2026-12-31"), "no requirement X-1"},
		{"no day", sample(), waive("PO-UC2-02", "next year"), "YYYY-MM-DD"},
		{"a day that is over", sample(), waive("PO-UC2-02", "2026-03-04"), "has run out already"},
		{"what failed and is not waived", sample(), accept, "PO-UC2-02 did not pass and is not waived"},
		{"a refusal with a day", sample(), reports.Decision{Kind: reports.Refuse, Until: "2026-12-31", Reason: "x", By: "x"}, "only a waiver"},
		{"a partial run", partial, accept, "partial"},
		{"an interrupted run", interrupted, accept, "interrupted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := packed(t, tc.run)
			if err := b.Decide(tc.d); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("decide: %v, want %q", err, tc.want)
			}
			if len(b.Decisions()) > 0 {
				t.Error("it was added all the same")
			}
		})
	}
}

// A waiver of the cause covers what waits for it, until it runs out; then the run is accepted no longer.
func TestAWaiverRunsOut(t *testing.T) {
	t.Parallel()
	b := read(t, file(t, reviewed(t, sample())))
	for day, want := range map[string]string{"2026-12-31": reports.Accepted, "2027-01-01": reports.Lapsed} {
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Reviewed(on)
		if err != nil {
			t.Fatal(err)
		}
		if s := r.Standing(); s.State != want {
			t.Errorf("%s: %+v, want %s", day, s, want)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	private, public, id, err := bundle.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := bundle.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := bundle.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if bundle.KeyID(pub) != id || !pub.Equal(key.Public()) {
		t.Error("the two files are no pair")
	}
	for _, text := range [][]byte{nil, []byte("hello"), public} {
		if _, err := bundle.ParsePrivateKey(text); err == nil {
			t.Errorf("%q was taken for a private key", text)
		}
	}
	if _, err := bundle.ParsePublicKey(private); err == nil || !strings.Contains(err.Error(), "PRIVATE KEY") {
		t.Errorf("a private key was taken for a public one: %v", err)
	}
}

// A key's second signature takes the place of its first; another key's stays.
func TestSignatures(t *testing.T) {
	t.Parallel()
	partner, _ := key("p")
	orange, _ := key("o")
	b := packed(t, sample())
	b.Sign(partner)
	if err := b.Decide(reports.Decision{Kind: reports.Refuse, Reason: "x", By: "x", At: start}); err != nil {
		t.Fatal(err)
	}
	b.Sign(orange)
	b.Sign(orange)
	v := read(t, file(t, b)).Verify(bundle.Expect{})
	if len(v.Problems) > 0 || len(v.Signed) != 2 || v.Signed[0].Decisions != 0 || v.Signed[1].Decisions != 1 {
		t.Errorf("%v, signed %+v", v.Problems, v.Signed)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f, packed(f, sample())))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		b, err := bundle.Read(bytes.NewReader(raw))
		if err == nil {
			b.Verify(bundle.Expect{})
		}
	})
}

// A review names the keys that signed all of it: a decision after the signature is nobody's.
func TestReviewedNamesWhoSigned(t *testing.T) {
	t.Parallel()
	b, err := bundle.New(sample())
	if err != nil {
		t.Fatal(err)
	}
	private, _, id, err := bundle.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := bundle.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	refuse := reports.Decision{Kind: reports.Refuse, Reason: "r", By: "A", At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)}
	signers := func() []string {
		r, err := b.Reviewed(refuse.At)
		if err != nil {
			t.Fatal(err)
		}
		return r.Review.Signers
	}
	for i, want := range [][]string{nil, {id}, nil} {
		switch i {
		case 1:
			b.Sign(key)
		default:
			if err := b.Decide(refuse); err != nil {
				t.Fatal(err)
			}
		}
		if got := signers(); !slices.Equal(got, want) {
			t.Errorf("%d: signed by %v, want %v", i, got, want)
		}
	}
}
