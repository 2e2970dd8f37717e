package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

func TestHTMLLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(` id="([^"]*)"`)
	hrefs := regexp.MustCompile(` href="([^"]*)"`)
	for name, r := range variants() {
		page := rendered(t, reports.HTML, r)
		at := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(page, -1) {
			if at[m[1]] {
				t.Errorf("%s: id %q is there twice", name, m[1])
			}
			at[m[1]] = true
		}
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			if target, ok := strings.CutPrefix(m[1], "#"); !ok || !at[target] {
				t.Errorf("%s: link to %q leads nowhere", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !at[m[1]] {
				t.Errorf("%s: label %q is missing", name, m[1])
			}
		}
	}
	for _, id := range []string{`id="PO-UC2-02"`, `id="x1"`, `id="GEN-01"`} {
		if !strings.Contains(rendered(t, reports.HTML, sample()), id) {
			t.Errorf("no anchor %s", id)
		}
	}
}

func TestHTMLNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := rendered(t, reports.HTML, sample())
	// Upper case is the script's own createObjectURL, by which a file is saved.
	if at := regexp.MustCompile(`(?i:<(link|img|iframe|object|embed|base)\b| src=|@import| style=")|url\(`).FindString(page); at != "" {
		t.Errorf("the page asks for something else: %s", at)
	}
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	if !strings.HasPrefix(policy, "default-src 'none'; ") {
		t.Errorf("policy %s", policy)
	}
	for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		m := regexp.MustCompile(`(?s)<` + tag + `>(.*?)</` + tag + `>`).FindStringSubmatch(page)
		sum := sha256.Sum256([]byte(m[1]))
		if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %s does not let our %s act", policy, tag)
		}
	}
}

func TestHTMLStaysSmall(t *testing.T) {
	t.Parallel()
	if n := len(rendered(t, reports.HTML, whole())); n > 2<<20 {
		t.Errorf("%d bytes for 1,000 exchanges", n)
	}
	flood := whole()
	large := text(`["` + strings.Repeat("x", 200_000) + `"]`)
	for i := range flood.Exchanges {
		flood.Exchanges[i].Response.Body = large
		flood.Scenarios[i%len(flood.Scenarios)].Findings = append(flood.Scenarios[i%len(flood.Scenarios)].Findings,
			reports.Finding{Requirement: flood.Requirements[i%85].ID, Seen: fmt.Sprint(i), Exchange: i})
	}
	for i := range flood.Requirements {
		flood.Requirements[i].Verdict = reports.Failed
	}
	if n := len(rendered(t, reports.HTML, flood)); n > 6<<20 {
		t.Errorf("%d bytes where everything failed with 200 kB bodies", n)
	}
}

func TestHTMLLabels(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Selection, r.Interrupted = "PO-UC2", true
	english := rendered(t, reports.HTML, r)
	r.Lang = "fr"
	french := rendered(t, reports.HTML, r)
	for page, wanted := range map[string][]string{
		english: {`<html lang="en">`, "PARTIAL RUN (only PO-UC2)", "INTERRUPTED", "1 of 8 requirements failed", "mba2-beta", "sha256:0f1e2d3c"},
		french:  {`<html lang="fr">`, "ESSAI PARTIEL (seulement PO-UC2)", "INTERROMPU", "1 sur 8 exigences non conformes", "Constats"},
	} {
		for _, want := range wanted {
			if !strings.Contains(page, want) {
				t.Errorf("no %q in the page", want)
			}
		}
	}
}

func TestHTMLShowsBodies(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Exchanges[1].Response.Body = text(`{"a":1}`)
	r.Exchanges[3].Response.Body = &reports.Body{Base64: "//8=", Bytes: 2}
	r.Exchanges[0].Response.Body = text(strings.Repeat("y", 70_000))
	r.Exchanges[2].Response.Body = text(strings.Repeat("z", 5000))
	page := unpacked(t, rendered(t, reports.HTML, r))
	for _, want := range []string{"{\n  \"a\": 1\n}", "2 bytes that are no text", "cut here: 70000 bytes in all", strings.Repeat("z", 5000)} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
}

// TestEveryLabelExists reads the templates and the code for the keys that they use.
func TestEveryLabelExists(t *testing.T) {
	t.Parallel()
	messages := reports.Messages()
	used := regexp.MustCompile(`\{\{-? ?t "([^"]+)"|\.[Tf]\("([^"]+)"|\.field\([0-9], "([^"]+)"`)
	plural := regexp.MustCompile(`\.n\("([^"]+)"`)
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	for _, file := range append(files, sources...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{}
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			want = append(want, m[1]+m[2]+m[3])
		}
		for _, m := range plural.FindAllStringSubmatch(string(raw), -1) {
			want = append(want, m[1]+"1", m[1]+"N")
		}
		for _, key := range want {
			keys++
			if _, ok := messages[key]; !ok && !slices.Contains([]string{"group ", "review ", "decision ", "claim "}, key) {
				t.Errorf("%s uses %q, which has no words", file, key)
			}
		}
	}
	if keys < 50 {
		t.Errorf("only %d keys were found in the sources", keys)
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, m := range messages {
		if m[0] == "" || m[1] == "" || strings.Join(verbs.FindAllString(m[0], -1), "") != strings.Join(verbs.FindAllString(m[1], -1), "") {
			t.Errorf("%q: %q and %q do not agree", key, m[0], m[1])
		}
	}
}

// What to look at first says what was expected and what was seen where a finding has no hint.
func TestHTMLTopWithoutAHint(t *testing.T) {
	t.Parallel()
	r := sample()
	for i := range r.Scenarios {
		for j := range r.Scenarios[i].Findings {
			f := &r.Scenarios[i].Findings[j]
			f.Hint, f.Expected, f.Path, f.Seen = "", `member "id"`, "$.orderItem[0]", "members action, <b>"
		}
	}
	for lang, want := range map[string]string{
		"en": `expected: member &#34;id&#34; (at $.orderItem[0]); seen: members action, &lt;b&gt;`,
		"fr": `attendu : le membre &#34;id&#34; (chemin $.orderItem[0]) ; constaté : membres action, &lt;b&gt;`,
	} {
		r.Lang = lang
		top, _, _ := strings.Cut(rendered(t, reports.HTML, r), `id="sec-requirements"`)
		top = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(top)
		if !strings.Contains(top, want) {
			t.Errorf("%s: no %s on the first screen: %s", lang, want, top[strings.LastIndex(top, "<h1"):])
		}
	}
}

// Two scenarios of one name are told apart by their features.
func TestHTMLNamesAlikeAreToldApart(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Scenarios[0].Name, r.Scenarios[0].Feature = "The minimal request", "Creating a customer"
	r.Scenarios[1].Name, r.Scenarios[1].Feature = "The minimal request", "Ordering <a fleet>"
	page := rendered(t, reports.HTML, r)
	for _, want := range []string{`>The minimal request (Creating a customer)</a>`, `>The minimal request (Ordering &lt;a fleet&gt;)</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("no link %s", want)
		}
	}
}

// A review that nobody has signed says so, and a signed one by which key.
func TestReviewSaysWhoVouches(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Review = &reports.Review{Day: "2026-03-04", Decisions: []reports.Decision{{Kind: reports.Refuse, Reason: "r", By: "A", At: r.StartedAt}}}
	for want, signers := range map[string][]string{"No signature covers this review": nil, "Signed by key abc, &lt;k&gt;: whose it is": {"abc", "<k>"}} {
		r.Review.Signers = signers
		if page := rendered(t, reports.HTML, r); !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
}
