package store

import (
	"github.com/clementine-ope/clementine/billing"
)

// The documents of the audit speak the API's language: codes, decimal strings, last days included.

func offerDocument(o billing.Offer) map[string]string {
	return map[string]string{"code": string(o.Code), "name": o.Name, "currency": string(o.Currency)}
}

func envelopeDocument(e billing.Envelope) map[string]string {
	return map[string]string{"code": string(e.Code), "label": e.Label}
}

type clientDocument struct {
	Name       string               `json:"name"`
	Status     billing.ClientStatus `json:"status"`
	Expires    string               `json:"expires,omitempty"`
	Offers     []billing.OfferCode  `json:"offers"`
	Omniscient bool                 `json:"omniscient"`
	Role       billing.Role         `json:"role"`
}

func documentOfClient(c billing.Client) clientDocument {
	return clientDocument{c.Name, c.Status, c.Expires.String(), c.Offers, c.Omniscient, c.Role}
}

type subscriptionDocument struct {
	Offer       billing.OfferCode    `json:"offer"`
	Envelope    billing.EnvelopeCode `json:"envelope"`
	Reference   string               `json:"reference"`
	Label       string               `json:"label"`
	Periodicity billing.Periodicity  `json:"periodicity"`
	Rule        billing.Rule         `json:"rule"`
	Anchor      string               `json:"anchor"`
	Start       string               `json:"startDate"`
	End         string               `json:"endDate,omitempty"`
	Holds       []holdDocument       `json:"holds,omitempty"`
	Revisions   []revisionDocument   `json:"revisions"`
	Version     int                  `json:"version"`
}

type holdDocument struct {
	ID     billing.HoldID `json:"id"`
	From   string         `json:"from"`
	To     string         `json:"to,omitempty"`
	Reason string         `json:"reason,omitempty"`
}

type revisionDocument struct {
	From   string         `json:"from"`
	Amount string         `json:"amount"`
	Lines  []lineDocument `json:"lines,omitempty"`
}

type lineDocument struct {
	Label     string         `json:"label"`
	Quantity  string         `json:"quantity,omitempty"`
	UnitPrice string         `json:"unitPrice,omitempty"`
	Lines     []lineDocument `json:"lines,omitempty"`
}

// documentOf is a subscription as the audit keeps it; the lines only where the act was about them, because they are most
// of it.
func documentOf(s *billing.Subscription, lines bool) subscriptionDocument {
	d := subscriptionDocument{
		Offer: s.Offer, Envelope: s.Envelope, Reference: s.Reference, Label: s.Label, Periodicity: s.Periodicity,
		Rule: s.Rule, Anchor: s.Anchor.String(), Start: s.Term.From.String(), End: last(s.Term), Version: s.Version,
	}
	for _, h := range s.Holds {
		d.Holds = append(d.Holds, holdDocument{h.ID, h.From.String(), last(h.Interval), h.Reason})
	}
	for _, r := range s.Revisions {
		rd := revisionDocument{From: r.From.String(), Amount: s.Currency.Format(r.Amount)}
		if lines {
			rd.Lines = lineDocuments(r.Lines)
		}
		d.Revisions = append(d.Revisions, rd)
	}
	return d
}

func last(i billing.Interval) string {
	day, _ := i.Last()
	return day.String()
}

func lineDocuments(lines []billing.Line) []lineDocument {
	documents := make([]lineDocument, 0, len(lines))
	for _, l := range lines {
		d := lineDocument{Label: l.Label}
		if l.Leaf() {
			d.Quantity, d.UnitPrice = l.Quantity.String(), l.UnitPrice.String()
		} else {
			d.Lines = lineDocuments(l.Lines)
		}
		documents = append(documents, d)
	}
	return documents
}
