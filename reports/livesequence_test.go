package reports_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/reports"
)

func TestLiveSequence(t *testing.T) {
	t.Parallel()
	call := reports.Exchange{
		ID: 7, Direction: reports.OrangeToPartner, Kind: "call", At: sampleStart.Add(1500 * time.Millisecond),
		Request: reports.Message{Method: "POST", URL: "http://localhost:8081/api/order"}, Response: reports.Message{Status: 201},
	}
	event := reports.Exchange{ID: 8, Direction: reports.PartnerToOrange, Kind: "event", Request: reports.Message{Method: "POST", URL: "/events"}, Fault: "slow"}
	trigger := reports.Exchange{ID: 9, Direction: reports.OrangeToPartner, Kind: "trigger", Request: reports.Message{Method: "POST", URL: "http://tool/add"}, Response: reports.Message{Status: 204}}
	for _, tc := range []struct {
		name, lang string
		customer   bool
		e          reports.Exchange
		want       []string
	}{
		{"call", "en", false, call, []string{"09:30:01.500", "Orange to partner: #7 POST /order → 201", `<path d="M90 26H668"/>`}},
		{"call in French", "fr", false, call, []string{"Orange au partenaire"}},
		{"event without an answer", "en", false, event, []string{"partner to Orange: #8 POST /events → no answer", "slow", `<path d="M670 26H92"/>`}},
		{"trigger", "en", true, trigger, []string{"customer to partner: #9 POST /add → 204", `<path d="M770 26H562"/>`}},
		{"trigger without a customer's lane", "en", false, trigger, []string{"Orange to partner: #9", `<path d="M90 26H668"/>`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, err := reports.NewLiveSequence(tc.lang, "http://localhost:8081/api/", tc.customer)
			if err != nil {
				t.Fatal(err)
			}
			row, err := s.Call(tc.e)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tc.want {
				if !strings.Contains(html.UnescapeString(string(row)), want) {
					t.Errorf("no %q in %s", want, row)
				}
			}
			head, err := s.Head()
			if err != nil || strings.Contains(string(head), "customer") != tc.customer {
				t.Errorf("the names read %s, %v", head, err)
			}
		})
	}
}

// What a partner, or a feature of somebody's own, says is text.
func TestLiveSequenceEscapes(t *testing.T) {
	t.Parallel()
	const hostile = `</text></svg><script>alert(1)</script>"'`
	s, err := reports.NewLiveSequence("en", "", false)
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Call(reports.Exchange{Request: reports.Message{Method: hostile, URL: "/" + strings.Repeat(hostile, 100)}, Fault: hostile})
	if err != nil {
		t.Fatal(err)
	}
	note, err := s.Note(strings.Repeat(hostile, 100), reports.Failed)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{string(row), string(note)} {
		if strings.Contains(piece, "<script") || strings.Count(piece, "<svg") != 1 {
			t.Errorf("hostile text became markup: %s", piece)
		}
	}
	if !strings.Contains(string(note), "note-failed") || !strings.Contains(string(note), "characters)") {
		t.Errorf("the note reads %s", note)
	}
}
