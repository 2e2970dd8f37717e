package console

import (
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/web"
)

// What of a run under way is drawn on its page.
const (
	drawnEvents = 200 // when the page is opened; those that come are added
	keptURL     = 300 // bytes
)

// parties are who takes part in a run, as its sequence names them.
type parties struct {
	base     string // URL of the partner
	customer bool   // triggers act as the partner's customer
}

func partiesOf(p *profile.Profile) parties {
	acting := false
	for _, t := range p.Triggers {
		acting = acting || t.HTTP != nil
	}
	return parties{p.BaseURL, acting}
}

// slim is what of an exchange is drawn: some thousands of them are kept for each run.
func slim(e reports.Exchange) *reports.Exchange {
	address := e.Request.URL
	if len(address) > keptURL {
		address = strings.ToValidUTF8(address[:keptURL], "")
	}
	return &reports.Exchange{
		ID: e.ID, Direction: e.Direction, Kind: e.Kind, At: e.At, Fault: e.Fault,
		Request: reports.Message{Method: strings.Clone(e.Request.Method), URL: strings.Clone(address)}, Response: reports.Message{Status: e.Response.Status},
	}
}

// narrator tells what happens in a run to one reader.
type narrator struct {
	c    *Console
	lang web.Lang
	draw *reports.LiveSequence
}

func (c *Console) narrator(r *http.Request, l *live) (narrator, error) {
	lang := web.VisitOf(r.Context()).Lang
	draw, err := reports.NewLiveSequence(string(lang), l.parties.base, l.parties.customer)
	return narrator{c, lang, draw}, err
}

// tell is an event as page and script show it.
func (n narrator) tell(seq int, e event) (h happening, err error) {
	h.Seq = seq
	if x := e.exchange; x != nil {
		h.Kind = "exchange"
		h.Row, err = n.draw.Call(*x)
		return h, err
	}
	p := e.scenario
	h.Kind, h.Text, h.Verdict = "scenario", said(n.lang, p.Scenario), string(p.Verdict)
	h.Word, h.Done, h.Total = n.c.site.Say(n.lang, "verdict."+h.Verdict), p.Done, p.Total
	h.Row, err = n.draw.Note(h.Word+n.c.site.Say(n.lang, "live.colon")+h.Text, p.Verdict)
	return h, err
}

// lost says that events of the run are no longer kept: this reader was away too long.
func (n narrator) lost(count int) happening {
	return happening{Kind: "lost", Text: n.c.site.Say(n.lang, "live.lost", count)}
}
