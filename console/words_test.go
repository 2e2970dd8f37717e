package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/french"
)

// A verdict has one name: on a page of the console, in the report that the page leads to, and on the command line.
func TestVerdictsAreNamedAlike(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	setUp := b.setUp(strings.Replace(reference(f.wrongPartner(), profile.Sync), "Reference partner", "Wrong partner", 1))
	id := b.run(setUp, url.Values{"mode": {"sync"}, "only": {"PO-UC1"}, "more": {"GEN-01"}})
	b.follow(id, "not")
	for _, lang := range []string{"en", "fr"} {
		page := b.get("/runs/" + id + "?lang=" + lang).text(t)
		said := reports.Failed.OfRun(lang)
		if report := b.get("/runs/" + id + "/report").text(t); !strings.Contains(page, said) || !strings.Contains(report, strings.ToUpper(said)) {
			t.Errorf("%s: a failed run is %q, not so on the page: %s", lang, said, page)
		}
		if want := "GEN-01 (" + reports.Failed.In(lang) + ")"; !strings.Contains(page, want) {
			t.Errorf("%s: no %q on the page", lang, want)
		}
	}
	if line, _ := french.Line("failed"); line != reports.Failed.In("fr") {
		t.Errorf("the command line says %q", line)
	}
}

// english are words of which hardly a sentence has none, and that French has not.
var english = regexp.MustCompile(`(?i)\b(the|and|with|which|was|were|is|are|must|your|this|that|from|what|expected|seen|failed to|cannot|unknown)\b`)

// cited are the ids of scenarios, and sources of which only a part is in English.
var cited = regexp.MustCompile(`[a-z_]+/[a-z0-9.-]+|.*\(déduit\)`)

// frenchText is what a page says in French: without what is to be typed, and without what it marks as another language.
func frenchText(n *html.Node, out *strings.Builder) {
	switch {
	case n.Type == html.TextNode:
		out.WriteString(n.Data + "\n")
	case n.Type == html.ElementNode && (strings.Contains(" code pre script style textarea ", " "+n.Data+" ") || attribute(n, "lang") == "en"):
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		frenchText(c, out)
	}
}

func TestPagesInFrench(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	setUp := b.setUp(strings.Replace(reference(f.wrongPartner(), profile.Sync), "Reference partner", "Partenaire", 1))
	var runs []string
	for _, only := range []string{"PO-UC1", "PO-UC2"} {
		id := b.run(setUp, url.Values{"mode": {"sync"}, "only": {only}, "more": {"GEN-01"}})
		b.follow(id, "not")
		runs = append(runs, id)
	}
	b.get("/?lang=fr")
	pages := map[string]page{}
	for _, path := range []string{"/", "/profiles/new", "/profiles/" + setUp, "/profiles/" + setUp + "/run", "/runs", "/runs/" + runs[0], "/runs/" + runs[0] + "/report",
		"/compare?a=" + runs[0] + "&b=" + runs[1], "/helper?profile=" + setUp + "&call=uc1", "/gateway", "/requirements", "/upload", "/nothing"} {
		pages[path] = b.get(path)
	}
	pages["a profile that is not YAML"] = b.post("/profiles/new", "/profiles/yaml", url.Values{"yaml": {"partner:\n\tname: x\n"}})
	pages["a baseline that is not YAML"] = b.post("/profiles/"+setUp+"/run", "/profiles/"+setUp+"/run", url.Values{"mode": {"sync"}, "baseline": {"a: b: c\n"}})
	pages["a decision without a reason"] = b.post("/runs/"+runs[0], "/runs/"+runs[0]+"/review", url.Values{"kind": {"accept"}, "by": {"A. Orange"}})
	for name, p := range pages {
		var text strings.Builder
		frenchText(p.parse(t), &text)
		if p.status >= 500 || !strings.Contains(p.body, `lang="fr"`) {
			t.Errorf("%s: %d: %.300s", name, p.status, p.body)
		}
		for _, line := range strings.Split(text.String(), "\n") {
			if english.MatchString(cited.ReplaceAllString(line, "")) {
				t.Errorf("%s: %s", name, strings.TrimSpace(line))
			}
		}
	}
}
