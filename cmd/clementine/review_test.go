package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// expected runs a command and checks its exit code and what it says.
func expected(t *testing.T, code int, says string, args ...string) outcome {
	t.Helper()
	got := command(t, nil, "", args...)
	if got.code != code || !strings.Contains(got.out+got.errOut, says) {
		t.Fatalf("%v: exit %d, want %d and %q\n%s%s", args, got.code, code, says, got.out, got.errOut)
	}
	return got
}

// The path of a reviewer, from files and commands alone: get a bundle, verify and read it, compare it with the last one,
// run a few scenarios again, waive what may stay until a day, accept, sign, send back.
func TestTheReviewersPath(t *testing.T) {
	t.Parallel()
	const challenge = "K7WQ-2026-11"
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	right, wrong := referencePartner(t, "sync"), referencePartner(t, "sync", "--defect", "swap-drops-login")
	expected(t, clementine.ExitPassed, "PASSED", append([]string{"run", "--out", at("last")}, right...)...)
	expected(t, clementine.ExitFailed, "US-UC4-03", append([]string{"run", "--challenge", challenge, "--out", at("new")}, wrong...)...)
	last, claim := at("last/report.clem"), at("new/report.clem")

	expected(t, 0, "partner    Reference partner (contract demo)", "report", "verify", claim, "--challenge", challenge)
	expected(t, 0, "Freshness", "report", "verify", claim, "--challenge", challenge)
	expected(t, 1, "not the one that was given", "report", "verify", claim, "--challenge", "another-challenge")
	expected(t, 1, "the challenge of the run is none", "report", "verify", last, "--challenge", challenge)
	expected(t, 0, "challenge  "+challenge, "report", "text", claim)
	expected(t, 1, "US-UC4-03: passed -> failed, because of the partner", "report", "compare", last, claim)
	expected(t, 0, "because of the partner", "report", "compare", claim, last)
	expected(t, 0, "All came to the verdict that was claimed", append([]string{"report", "spot", claim, "-n", "6", "--seed", "3", "--out", at("spot")}, wrong...)...)
	expected(t, 0, "Consistent", "report", "verify", at("spot/results.json"))
	expected(t, 1, "DIFFERS: the claim says failed", append([]string{"report", "spot", claim, "-n", "60", "--seed", "3"}, right...)...)

	// What the partner disputes is one page, which names the evidence in the bundle.
	listed := expected(t, 0, "US-UC4-03, migration/", "report", "dispute", claim)
	id, _, _ := strings.Cut(listed.out, " ")
	page := expected(t, 0, "We keep the login elsewhere.", "report", "dispute", claim, "--finding", id, "--claim", "We keep the login elsewhere.", "--by", "A. Partner")
	for _, want := range []string{id, "sha256:", "link of the exchange in its chain", "curl -sS", "A. Partner"} {
		if !strings.Contains(page.out, want) {
			t.Errorf("no %q in the dispute", want)
		}
	}
	expected(t, 0, "nothing to dispute", "report", "dispute", last)
	expected(t, 2, "--finding needs --claim", "report", "dispute", claim, "--finding", id)
	expected(t, 2, "has no finding nothing", "report", "dispute", claim, "--finding", "nothing", "--claim", "x")
	expected(t, 2, "--finding ID is missing", "report", "dispute", claim, "--claim", "x")

	decide := []string{"--by", "A. Reviewer", "--reason", "in their next release"}
	expected(t, 2, "US-UC4-03 did not pass and is not waived", append([]string{"report", "review", claim, "--accept"}, decide...)...)
	expected(t, 2, "there is nothing to waive", append([]string{"report", "review", claim, "--waive", "GEN-01", "--until", "2099-12-31"}, decide...)...)
	expected(t, 1, "Nobody has decided", "report", "review", claim)
	expected(t, 0, "written", append([]string{"report", "review", claim, "--waive", "US-UC4-03", "--until", "2099-12-31", "-o", at("back.clem")}, decide...)...)
	expected(t, 0, "written", append([]string{"report", "review", at("back.clem"), "--accept"}, decide...)...)
	expected(t, 0, "orange.pub written", "report", "keygen", at("orange"))
	expected(t, 0, "written", "report", "sign", at("back.clem"), "--key", at("orange.key"))

	expected(t, 0, "signed exactly this run and its review (decisions: 2)", "report", "verify", at("back.clem"), "--key", at("orange.pub"), "--challenge", challenge)
	expected(t, 1, "no signature by key", "report", "verify", claim, "--key", at("orange.pub"))
	expected(t, 0, "US-UC4-03 waived until 2099-12-31", "report", "review", at("back.clem"))
	expected(t, 1, "run out, counts as failed: US-UC4-03", "report", "review", at("back.clem"), "--on", "2100-01-01")
	expected(t, 0, "US-UC4-03 waived until 2099-12-31: in their next release (A. Reviewer", "report", "text", at("back.clem"))
	expected(t, 0, "dérogation jusqu’au 31/12/2099", "report", "text", "--lang", "fr", at("back.clem"))
	expected(t, 0, `<skipped message="US-UC4-03 waived until`, "report", "junit", at("back.clem"))
	expected(t, 0, `<failure type="failed"`, "report", "junit", "--on", "2100-01-01", at("back.clem"))
	expected(t, 0, `id="sec-review"`, "report", "html", at("back.clem"))

	// The partner's signature stays under the reviewer's, and a statement says the same to other tools.
	expected(t, 0, "partner.pub written", "report", "keygen", at("partner"))
	expected(t, 0, "written", "report", "sign", claim, "--key", at("partner.key"), "-o", at("two.clem"))
	expected(t, 0, "written", append([]string{"report", "review", at("two.clem"), "--refuse"}, decide...)...)
	expected(t, 0, "written", "report", "sign", at("two.clem"), "--key", at("orange.key"), "--dsse")
	both := expected(t, 0, "Countersignature: ", "report", "verify", at("two.clem"), "--key", at("orange.pub"), "--key", at("partner.pub"))
	if strings.Count(both.out, "Origin: ") != 2 || !strings.Contains(both.out, "Statement: ") {
		t.Errorf("not both signatures, or no statement:\n%s", both.out)
	}

	// A decision that the partner adds in the reviewer's name shows.
	expected(t, 0, "written", append([]string{"report", "review", at("back.clem"), "--waive", "US-UC4-03", "--until", "2199-12-31", "-o", at("forged.clem")}, decide...)...)
	expected(t, 1, "decision 3 of the review was added after the signature", "report", "verify", at("forged.clem"), "--key", at("orange.pub"))
}

func TestKeysAreKept(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "k")
	expected(t, 0, "key ", "report", "keygen", name)
	before, err := os.ReadFile(name + ".key")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name + ".key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the private key: %v %v", info.Mode(), err)
	}
	expected(t, 2, "is there already", "report", "keygen", name)
	after, err := os.ReadFile(name + ".key")
	if err != nil || string(before) != string(after) {
		t.Errorf("the key was written over: %v", err)
	}
}

// Known findings do not fail a run; new ones do, and so do entries that are stale or have run out.
func TestBaseline(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "baseline.yaml")
	right, wrong := referencePartner(t, "sync"), referencePartner(t, "sync", "--defect", "one-licence-short")
	run := func(partner []string, more ...string) []string {
		return append(append([]string{"run", "--no-reference", "--only", "PO-UC2", "--out", filepath.Join(dir, "out")}, partner...), more...)
	}
	expected(t, 1, "PO-UC2-02", run(wrong)...)
	expected(t, 0, "known findings", "report", "baseline", filepath.Join(dir, "out", "report.clem"), "--reason", "ticket 12", "--until", "2099-12-31", "-o", file)
	expected(t, 0, "0 new, 0 run out, 0 stale", run(wrong, "--baseline", file)...)
	expected(t, 1, "stale, the run does not show it any more: PO-UC2-02 in ", run(right, "--baseline", file)...)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	old := write(t, "old.yaml", strings.ReplaceAll(string(text), "2099-12-31", "2020-12-31"))
	expected(t, 1, "run out on 2020-12-31: PO-UC2-02", run(wrong, "--baseline", old)...)
	none := write(t, "none.yaml", "version: 1\npartner: x\nfindings: []\n")
	expected(t, 1, "new: PO-UC2-02 in ", run(wrong, "--baseline", none)...)
	expected(t, 2, "unknown field", run(wrong, "--baseline", write(t, "bad.yaml", "version: 1\nfindngs: []\n"))...)
	expected(t, 2, "opening --baseline", run(wrong, "--baseline", "nowhere.yaml")...)
}

func TestReviewCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	results := write(t, "results.json", `{"version":1,"verdict":"broken","mode":"sync"}`)
	key := filepath.Join(t.TempDir(), "k")
	expected(t, 0, "key ", "report", "keygen", key)
	for _, tc := range []struct {
		name string
		want string
		args []string
	}{
		{"no bundle", "opening nowhere.clem", []string{"report", "review", "nowhere.clem"}},
		{"results to review", "is results.json, not a bundle", []string{"report", "review", results}},
		{"results to sign", "is results.json, not a bundle", []string{"report", "sign", results, "--key", key + ".key"}},
		{"a public key to sign with", "it holds a PUBLIC KEY", []string{"report", "sign", results, "--key", key + ".pub"}},
		{"a private key to verify with", "it holds a PRIVATE KEY", []string{"report", "verify", results, "--key", key + ".key"}},
		{"a key for results", "only a bundle (report.clem) can be signed", []string{"report", "verify", results, "--key", key + ".pub"}},
		{"a reason alone", "a decision is missing", []string{"report", "review", results, "--reason", "x"}},
		{"no reason", "--reason TEXT and --by NAME", []string{"report", "review", results, "--accept"}},
		{"no day", "--waive needs --until", []string{"report", "review", results, "--waive", "X", "--reason", "x", "--by", "x"}},
		{"a day too many", "--until is the last day of a waiver", []string{"report", "review", results, "--accept", "--until", "2099-01-01", "--reason", "x", "--by", "x"}},
		{"two decisions", "--refuse", []string{"report", "review", results, "--accept", "--refuse", "--reason", "x", "--by", "x"}},
		{"no day to look at", "is a day such as", []string{"report", "text", results, "--on", "tomorrow"}},
		{"no scenarios", "-n must be 1 or more", []string{"report", "spot", results, "-n", "0"}},
		{"a short challenge", "--challenge is 8 to 128", []string{"run", "--profile", write(t, "p.yaml", minimalProfile), "--challenge", "short"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			expected(t, clementine.ExitUsage, tc.want, tc.args...)
		})
	}
}
