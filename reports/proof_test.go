package reports_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

func TestProofInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, lang string
		proof      *reports.Proof
		want       string // in the text and on the page; empty = no word of it
	}{
		{"none", "en", nil, ""},
		{
			"all", "en", &reports.Proof{Status: reports.Proven, Noticed: 7, Known: 7},
			"this run would have noticed 7 of 7 known faults\n",
		},
		{
			"some", "en", &reports.Proof{Status: reports.Proven, Noticed: 148, Known: 155, Undeclared: 4, Unjudged: 2, Missed: 1},
			"148 of 155 known faults; 4 need features that the profile does not declare; 2 could not be looked for; 1 is missed by the suite\n",
		},
		{
			"French", "fr", &reports.Proof{Status: reports.Proven, Noticed: 1, Known: 2, Undeclared: 1},
			"cet essai aurait décelé 1 des 2 défauts connus\u202f; 1 suppose une fonction que le profil ne déclare pas\n",
		},
		{
			"another suite", "en", &reports.Proof{Status: reports.NotProven, Reason: reports.ProofOtherSuite},
			"not proven: the features or the contract pack are not those that were proven\n",
		},
		{
			"another suite, French", "fr", &reports.Proof{Status: reports.NotProven, Reason: reports.ProofOtherSuite},
			"non prouvé\u00a0: les fonctionnalités ou le contrat ne sont pas ceux qui ont été prouvés\n",
		},
		{"a state that nobody knows", "en", &reports.Proof{Status: "<b>", Noticed: 9}, "not proven\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := sample()
			r.Lang, r.Proof = tt.lang, tt.proof
			var text, page bytes.Buffer
			if err := reports.Text(&text, r, reports.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := reports.HTML(&page, r); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if strings.Contains(text.String()+page.String(), "proof") {
					t.Error("a report speaks of a proof that there is not")
				}
				return
			}
			if !strings.Contains(text.String(), tt.want) {
				t.Errorf("the text lacks %q:\n%s", tt.want, text.String())
			}
			lead, _, _ := strings.Cut(page.String(), `<nav`)
			if !strings.Contains(lead, strings.TrimSuffix(tt.want, "\n")+"</p>") {
				t.Errorf("the first screen of the page lacks %q", tt.want)
			}
		})
	}
}
