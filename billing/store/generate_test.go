package store_test

import (
	"fmt"
	"math/rand/v2"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// picker draws a number from lo to hi, both included: from a seeded source, or from rapid, which shrinks.
type picker func(lo, hi int) int

func seeded(seed uint64) picker {
	r := rand.New(rand.NewPCG(seed, 7))
	return func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
}

func drawn(t *rapid.T) picker {
	return func(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, "n") }
}

func one[T any](p picker, values []T) T { return values[p(0, len(values)-1)] }

// some are up to n of the values, perhaps none.
func some[T any](p picker, n int, values []T) []T {
	var list []T
	for range p(0, n) {
		list = append(list, one(p, values))
	}
	return list
}

func maybe[T any](p picker, value func() T) *T {
	if p(0, 3) > 0 {
		return nil
	}
	v := value()
	return &v
}

// day is a day of 2025 to 2027, often at the end of a month.
func (p picker) day() billing.Day {
	m := billing.NewMonth(p(2025, 2027), p(1, 12))
	if p(0, 2) == 0 {
		return (m + 1).First() - 1
	}
	return m.First() + billing.Day(p(0, m.Days()-1))
}

func (p picker) interval(from billing.Day) billing.Interval {
	if p(0, 2) == 0 {
		return billing.Interval{From: from, To: billing.Forever}
	}
	return billing.Interval{From: from, To: from + billing.Day(p(1, 500))}
}

func (p picker) minor() int64 { return int64(one(p, []int{-250, 0, 1, 33, 999, 2999, 100_000})) }

func (p picker) lines() []billing.Line {
	lines := []billing.Line{leaf("Base", p.minor())}
	if p(0, 1) == 0 {
		lines = append(lines, billing.Line{Label: "Options", Lines: []billing.Line{
			leaf("First", p.minor()), {Label: "More", Lines: []billing.Line{leaf("Second", p.minor())}},
		}})
	}
	return lines
}

// subscription is one of few references and labels, so that duplicates, suspects and equal keys of an order happen.
func (p picker) subscription(offers []billing.OfferCode, envelopes []billing.EnvelopeCode) billing.NewSubscription {
	n := billing.NewSubscription{
		Offer: one(p, offers), Envelope: one(p, envelopes), Reference: one(p, []string{"Réf ", "REF "}) + fmt.Sprint(p(1, 40)),
		Label:       one(p, []string{"Téléphone mobile", "Télephone  mobile", "Hosting", "hosting, large", "𝛼 Storage"}),
		Periodicity: one(p, []billing.Periodicity{billing.Daily, billing.Weekly, billing.Monthly, billing.Monthly}),
		Term:        p.interval(p.day()), Lines: p.lines(),
	}
	if n.Periodicity == billing.Monthly && p(0, 2) == 0 {
		n.Rule = billing.DaysOfMonth
	}
	if p(0, 2) == 0 {
		anchor := n.Term.From - billing.Day(p(0, 60))
		n.Anchor = &anchor
	}
	return n
}

func (p picker) hold(term billing.Interval) billing.Hold {
	h := billing.Hold{Reason: one(p, []string{"", "moving", "en pause"})}
	h.Interval = p.interval(term.From + billing.Day(p(-5, 200)))
	return h
}

func (p picker) dates() billing.DateBounds {
	return billing.DateBounds{
		After: maybe(p, p.day), StrictlyAfter: maybe(p, p.day), Before: maybe(p, p.day), StrictlyBefore: maybe(p, p.day),
	}
}

// filter bounds a few things at a time: more would keep nothing.
func (p picker) filter(offers []billing.OfferCode, envelopes []billing.EnvelopeCode) billing.Filter {
	f := billing.Filter{AsOf: p.day()}
	amount := func() billing.Minor { return billing.Minor(p.minor()) }
	for range p(0, 2) {
		switch p(0, 13) {
		case 0:
			f.Offers = some(p, 3, offers)
		case 1:
			f.Envelopes = some(p, 2, append([]billing.EnvelopeCode{"NONE"}, envelopes...))
		case 2:
			f.Periodicities = some(p, 2, []billing.Periodicity{billing.Daily, billing.Weekly, billing.Monthly})
		case 3:
			f.Rules = some(p, 1, []billing.Rule{billing.OnDate, billing.DaysOfMonth})
		case 4:
			f.Statuses = some(p, 2, []billing.Status{billing.StatusPlanned, billing.StatusActive, billing.StatusHeld, billing.StatusEnded})
		case 5:
			f.Clients = some(p, 2, []billing.ClientID{"root", "w", "nobody"})
		case 6:
			f.Reference = one(p, []string{"réf 1", "REF  2", "none"})
		case 7:
			f.Text = one(p, []string{"TÉL", "hosting", "f 3", "α", "%", "_", "'", " "})
		case 8:
			m := billing.NewMonth(p(2025, 2027), p(1, 12))
			f.Period = &m
		case 9:
			f.Amount = billing.AmountBounds{
				AtLeast: maybe(p, amount), MoreThan: maybe(p, amount), AtMost: maybe(p, amount), LessThan: maybe(p, amount),
			}
		case 10:
			f.Start = p.dates()
		case 11:
			f.End = p.dates()
		case 12:
			f.Anchor = p.dates()
		case 13:
			f.Created, f.Updated = p.dates(), p.dates()
		}
	}
	return f
}

func (p picker) order() billing.Order {
	return billing.Order{
		By: one(p, []billing.OrderField{
			"", billing.OrderByCreated, billing.OrderByUpdated, billing.OrderByStart, billing.OrderByEnd, billing.OrderByReference,
			billing.OrderByLabel, billing.OrderByOffer, billing.OrderByEnvelope, billing.OrderByAmount,
		}),
		Ascending: p(0, 1) == 0,
	}
}
