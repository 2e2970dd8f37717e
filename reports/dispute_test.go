package reports_test

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

const disputeClaim = "The third licence comes later.\n\n<script>alert(1)</script>"

// disputing renders the dispute of a finding.
func disputing(t testing.TB, id string) func(io.Writer, reports.Results) error {
	return func(w io.Writer, r reports.Results) error {
		found, known := reports.FindDisputed(r, id)
		if !known {
			t.Fatalf("no finding %s", id)
		}
		return reports.DisputePage(w, r, reports.Dispute{
			Finding: found, Claim: disputeClaim, By: "A. Partner", Day: "2026-03-06", Bundle: "sha256:abcd", Link: "ef01",
			Readings: []reports.Reading{{ID: "L-99", Contradiction: "One page says three, another two.", Choice: "Three."}},
		})
	}
}

func TestDisputable(t *testing.T) {
	t.Parallel()
	r := sample()
	var got []string
	for _, d := range reports.Disputable(r) {
		got = append(got, d.Finding.Requirement)
		again, known := reports.FindDisputed(r, d.ID)
		if !known || again.ID != d.ID || again.Scenario != d.Scenario {
			t.Errorf("%s is not found by its id: %+v", d.ID, again)
		}
		if reports.Fingerprint(d.Scenario, d.Finding) != d.ID {
			t.Errorf("%s is no fingerprint", d.ID)
		}
	}
	if !slices.Contains(got, "PO-UC2-02") || slices.Contains(got, "PO-UC3-01") || slices.Contains(got, "GEN-01") {
		t.Errorf("disputable: %v", got)
	}
	for _, id := range []string{"", "GEN-01", "PO-UC3-01", "0000"} {
		if d, known := reports.FindDisputed(r, id); known {
			t.Errorf("%q was found: %+v", id, d)
		}
	}
}

// The page has all that is needed to settle a dispute, in both languages, and what a partner wrote is text.
func TestDisputePage(t *testing.T) {
	t.Parallel()
	for lang, wants := range map[string][]string{
		"en": {
			`<html lang="en">`, "what the partner says", "The third licence comes later.", "&lt;script&gt;alert(1)", "A. Partner, 2026-03-06",
			"The fleet then holds exactly userServiceQuantity licences", "getting-started: UC2", "L-99 One page says three, another two.", "Three.",
			"3 licences in fleet F-1", "2 licences", "curl -sS", "HTTP 200", "sha256:abcd", "ef01", "clementine report verify report.clem", "--only ",
		},
		"fr": {`<html lang="fr">`, "ce que dit le partenaire", "A. Partner, le 06/03/2026", "attendu", "comment le vérifier", "manifeste de l’archive"},
	} {
		r := sample()
		r.Lang = lang
		page := rendered(t, disputing(t, "PO-UC2-02"), r)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in the page", lang, want)
			}
		}
		if at := regexp.MustCompile(`(?i:<(script|link|img|iframe|object|embed|base|a)\b| src=| href=|@import| style=")|url\(`).FindString(page); at != "" {
			t.Errorf("%s: the page asks for something else: %s", lang, at)
		}
	}
}

// A finding is the same in every language: what is translated has the evidence of what was asked for.
func TestDisputeIsFoundByTheEnglish(t *testing.T) {
	t.Parallel()
	english, french := sample(), sample()
	french.Lang = "fr"
	for _, d := range reports.Disputable(english) {
		other, known := reports.FindDisputed(french, d.ID)
		if !known || other.Finding.Exchange != d.Finding.Exchange {
			t.Errorf("%s: %+v", d.ID, other)
		}
	}
}
