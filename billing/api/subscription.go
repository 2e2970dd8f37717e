package api

import (
	"time"

	"github.com/clementine-ope/clementine/billing"
)

// SubscriptionInput is what creates a subscription.
type SubscriptionInput struct {
	Offer       string      `json:"offer" doc:"Code of the offer." example:"FIBRE-PRO"`
	Envelope    string      `json:"envelope" doc:"Code of the envelope." example:"IT-2026"`
	Reference   string      `json:"reference" doc:"Yours. With offer and envelope it tells one subscription from another: two with the same one may not cover the same day." example:"SITE-042"`
	Label       string      `json:"label" doc:"For people." example:"Fibre, Lyon office"`
	Periodicity string      `json:"periodicity" enum:"daily,weekly,monthly" doc:"How often the lines are charged."`
	Rule        string      `json:"rule,omitempty" enum:"onDate,daysOfMonth" doc:"onDate charges in the month of each charge date; daysOfMonth spreads a monthly price over the days of each month."`
	Anchor      *string     `json:"anchor,omitempty" nullable:"false" format:"date" doc:"A charge date from which all others are counted; startDate if it is left out."`
	StartDate   string      `json:"startDate" format:"date" doc:"The first day."`
	EndDate     *string     `json:"endDate,omitempty" format:"date" doc:"The last day, included; no end if it is left out."`
	Lines       []LineInput `json:"lines" minItems:"1" nullable:"false" doc:"What one period costs."`
}

// Subscription is a subscription as it is shown.
type Subscription struct {
	Node
	ID          string     `json:"id"`
	Offer       string     `json:"offer"`
	Envelope    string     `json:"envelope"`
	Reference   string     `json:"reference"`
	Label       string     `json:"label"`
	Periodicity string     `json:"periodicity"`
	Rule        string     `json:"rule"`
	Anchor      string     `json:"anchor" format:"date"`
	StartDate   string     `json:"startDate" format:"date"`
	EndDate     string     `json:"endDate,omitempty" format:"date" doc:"The last day, included; absent if there is no end."`
	Term        Term       `json:"term"`
	Status      string     `json:"status" enum:"planned,active,held,ended" doc:"On the day asOf."`
	Period      *Period    `json:"period,omitempty" doc:"The period of the grid that holds asOf, or the nearest day of the term; absent before the first charge date."`
	Amount      string     `json:"amount" doc:"Of one period, at the last agreed price." example:"29.99"`
	Currency    string     `json:"currency" example:"EUR"`
	Lines       []Line     `json:"lines" nullable:"false" doc:"At the last agreed price."`
	Revisions   []Revision `json:"revisions" nullable:"false" doc:"Prices by the day from which they hold."`
	Holds       []Hold     `json:"holds" nullable:"false"`
	Version     int        `json:"version" doc:"Counts the changes."`
	CreatedBy   string     `json:"createdBy" doc:"Id of the client."`
	CreatedAt   string     `json:"createdAt" format:"date-time"`
	UpdatedAt   string     `json:"updatedAt" format:"date-time"`
}

// Term is the same days as startDate and endDate, half-open.
type Term struct {
	From        string `json:"from" format:"date"`
	ToExclusive string `json:"toExclusive,omitempty" format:"date" doc:"The first day after it."`
}

// Period is one period of the grid of charge dates.
type Period struct {
	Key         string `json:"key" doc:"2026-08-23, 2026-W34 or 2026-08, by its first day." example:"2026-08"`
	From        string `json:"from" format:"date" doc:"The charge date."`
	ToExclusive string `json:"toExclusive" format:"date" doc:"The next charge date."`
}

// Revision is the price from a day on.
type Revision struct {
	From   string `json:"from" format:"date"`
	Amount string `json:"amount"`
	Lines  []Line `json:"lines" nullable:"false"`
}

// Hold is a suspension: charge dates inside it are not due.
type Hold struct {
	ID     string `json:"id"`
	From   string `json:"from" format:"date"`
	To     string `json:"to,omitempty" format:"date" doc:"The last day, included; absent if there is no end."`
	Reason string `json:"reason,omitempty"`
}

// read turns a body into what the domain takes.
func (in SubscriptionInput) read() (billing.NewSubscription, error) {
	var r reading
	n := billing.NewSubscription{
		Offer: billing.OfferCode(in.Offer), Envelope: billing.EnvelopeCode(in.Envelope),
		Reference: in.Reference, Label: in.Label,
		Periodicity: billing.Periodicity(in.Periodicity), Rule: billing.Rule(in.Rule),
		Term: r.span("startDate", in.StartDate, "endDate", in.EndDate), Lines: r.lines("lines", in.Lines),
	}
	if in.Anchor != nil {
		anchor := r.day("anchor", *in.Anchor)
		n.Anchor = &anchor
	}
	return n, r.err()
}

func subscriptionPath(id billing.SubscriptionID) string {
	return BasePath + "/subscriptions/" + string(id)
}

// viewSubscription shows s as it stands on a day.
func viewSubscription(s *billing.Subscription, asOf billing.Day, node Node) Subscription {
	v := Subscription{
		Node: node, ID: string(s.ID), Offer: string(s.Offer), Envelope: string(s.Envelope),
		Reference: s.Reference, Label: s.Label, Periodicity: string(s.Periodicity), Rule: string(s.Rule),
		Anchor: s.Anchor.String(), StartDate: s.Term.From.String(), EndDate: lastDay(s.Term),
		Term:   Term{s.Term.From.String(), s.Term.To.String()},
		Status: string(s.StatusOn(asOf)), Amount: s.Currency.Format(s.Amount()), Currency: string(s.Currency),
		Lines: viewLines(s.Lines(), s.Currency), Revisions: []Revision{}, Holds: []Hold{}, Version: s.Version,
		CreatedBy: string(s.CreatedBy), CreatedAt: instant(s.CreatedAt), UpdatedAt: instant(s.UpdatedAt),
	}
	for _, rev := range s.Revisions {
		v.Revisions = append(v.Revisions, Revision{rev.From.String(), s.Currency.Format(rev.Amount), viewLines(rev.Lines, s.Currency)})
	}
	for _, h := range s.Holds {
		v.Holds = append(v.Holds, Hold{string(h.ID), h.From.String(), lastDay(h.Interval), h.Reason})
	}
	day := max(asOf, s.Term.From)
	if last, ended := s.Term.Last(); ended {
		day = min(day, last)
	}
	if p, ok := s.PeriodOf(day); ok {
		v.Period = &Period{p.Key, p.From.String(), p.To.String()}
	}
	return v
}

// lastDay is the end as people write it, "" for none.
func lastDay(i billing.Interval) string {
	last, ended := i.Last()
	if !ended {
		return ""
	}
	return last.String()
}

// instant is RFC 3339 in UTC, with milliseconds.
func instant(i billing.Instant) string {
	return time.UnixMilli(int64(i)).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
