package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"
)

// LiveSequence draws calls one by one while a run goes, as the report draws those of a finding. What it returns are
// pieces of HTML that stand below each other without a gap; each says in words, in an element of the class
// visually-hidden, what it shows. It is safe for concurrent use.
type LiveSequence struct {
	lanes lanes
	base  string
	parts *template.Template
}

// livePart is what the templates of a live sequence see.
type livePart struct {
	Lanes              lanes
	Height             int
	When, Said         string
	Call               sequenceCall
	Note, Class        string
	Left, Wide, Middle int
}

// liveParts are the templates of a live sequence.
var liveParts = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(templates, "templates/arrow.html", "templates/live.html")
})

// NewLiveSequence draws in a language, en or fr. baseURL is the partner's, which labels leave out; customer adds a lane
// for triggers.
func NewLiveSequence(lang, baseURL string, customer bool) (*LiveSequence, error) {
	parts, err := liveParts()
	if err != nil {
		return nil, fmt.Errorf("draw a sequence: %w", err)
	}
	return &LiveSequence{lanesFor(labelsFor(lang), customer), baseURL, parts}, nil
}

// Head is the row with the names of the lanes.
func (s *LiveSequence) Head() (template.HTML, error) {
	return s.part("sequence-head", livePart{Height: 28})
}

// Call is the row of a call.
func (s *LiveSequence) Call(e Exchange) (template.HTML, error) {
	const clock = "15:04:05.000"
	label := s.lanes.labelled(e, shownTarget(e.Request.URL, s.base))
	p := livePart{Height: sequenceRow, When: e.At.UTC().Format(clock), Call: s.lanes.arrow(e, label, "", sequenceRow)}
	if p.Said = p.When + " " + p.Call.Said; e.Fault != "" {
		p.Said += " (" + s.lanes.words.T("fault") + s.lanes.words.T("colon") + e.Fault + ")"
		p.Call.Class = "faulty"
	}
	return s.part("sequence-row", p)
}

// Note is a row across all lanes: what a scenario came to, in words.
func (s *LiveSequence) Note(text string, v Verdict) (template.HTML, error) {
	const beyond, letter = 60, 8
	first, last := s.lanes.All[0].X, s.lanes.All[len(s.lanes.All)-1].X
	p := livePart{Height: sequenceRow, Class: string(v), Said: visible(text), Left: first - beyond, Wide: last - first + 2*beyond, Middle: (first + last) / 2}
	p.Note = s.lanes.words.shortened(p.Said, p.Wide/letter-len(s.lanes.words.f("characters", len(text))))
	return s.part("sequence-row", p)
}

func (s *LiveSequence) part(name string, p livePart) (template.HTML, error) {
	p.Lanes = s.lanes
	var out bytes.Buffer
	if err := s.parts.ExecuteTemplate(&out, name, p); err != nil {
		return "", fmt.Errorf("draw a sequence: %w", err)
	}
	return template.HTML(strings.TrimSpace(out.String())), nil // #nosec G203 -- a template of ours has escaped it
}
