package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
)

// The size of the demo data; its content hangs on the current year only.
const (
	demoEnvelopes     = 40
	demoSubscriptions = 600
	demoBatch         = 200
	demoSeed          = 2022
)

func demoOffers() []billing.Offer {
	return []billing.Offer{
		{Code: "FIBRE-PRO", Name: "Fibre Pro", Currency: "EUR"},
		{Code: "FIBRE-MAX", Name: "Fibre Max", Currency: "EUR"},
		{Code: "MOBILE-5G", Name: "Mobile 5G", Currency: "EUR"},
		{Code: "MOBILE-IOT", Name: "Mobile for machines", Currency: "EUR"},
		{Code: "VOICE-TEAM", Name: "Telephony for teams", Currency: "EUR"},
		{Code: "CLOUD-DESK", Name: "Desktops in the cloud", Currency: "EUR"},
		{Code: "CLOUD-SAVE", Name: "Backup", Currency: "EUR"},
		{Code: "MAIL-SUITE", Name: "Mail and office suite", Currency: "EUR"},
		{Code: "SECURE-NET", Name: "Firewall service", Currency: "EUR"},
		{Code: "MEET-ROOM", Name: "Meeting rooms", Currency: "EUR"},
		{Code: "SAT-LINK", Name: "Satellite link", Currency: "USD"},
		{Code: "CARIB-LINE", Name: "Leased line, West Africa", Currency: "XOF"},
	}
}

// demo makes rows that look like two years of a customer's life: starts, ends, renewals of price and holds.
type demo struct {
	random *rand.Rand
	first  billing.Day // of the data
	today  billing.Day
}

// seedDemo fills an empty database; one that has offers is left alone.
func (t *terminal) seedDemo(ctx context.Context, s billing.Store) error {
	actor, scope := operator("demo data")
	there, err := s.Offers(ctx, scope)
	if err != nil {
		return fmt.Errorf("looking for data: %w", err)
	}
	if len(there) > 0 {
		t.printf("demo: the database holds %d offers already, so nothing is added\n", len(there))
		return nil
	}
	today := api.Today(time.Now())
	year, _, _ := today.Civil()
	d := demo{rand.New(rand.NewPCG(demoSeed, 0)), billing.NewDay(year-1, 1, 1), today}
	if err := d.fill(ctx, s, actor, scope); err != nil {
		return fmt.Errorf("filling the database with demo data: %w", err)
	}
	return t.demoClients(ctx, s, actor, scope)
}

func (t *terminal) demoClients(ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope) error {
	for _, n := range []billing.NewClient{
		{Name: "Demo administrator", Role: billing.RoleAdmin},
		{Name: "Demo auditor", Role: billing.RoleReader, Omniscient: true},
		{Name: "Demo fibre team", Role: billing.RoleWriter, Offers: []billing.OfferCode{"FIBRE-PRO", "FIBRE-MAX"}},
	} {
		c, secret, err := s.CreateClient(ctx, actor, scope, n)
		if err != nil {
			return fmt.Errorf("adding the client %q: %w", n.Name, err)
		}
		t.printf("demo: %s, id %s, secret %s\n", n.Name, c.ID, secret)
	}
	return nil
}

func (d demo) fill(ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope) error {
	for _, o := range demoOffers() {
		if _, err := s.CreateOffer(ctx, actor, scope, o); err != nil {
			return err
		}
	}
	for i := range demoEnvelopes {
		e := billing.Envelope{Code: demoEnvelope(i), Label: fmt.Sprintf("Site %02d", i+1)}
		if _, err := s.CreateEnvelope(ctx, actor, scope, e); err != nil {
			return err
		}
	}
	for done := 0; done < demoSubscriptions; done += demoBatch {
		rows := make([]billing.ImportRow, 0, demoBatch)
		for i := range demoBatch {
			rows = append(rows, billing.ImportRow{Line: i + 1, NewSubscription: d.subscription(done + i)})
		}
		results, err := s.Import(ctx, actor, scope, rows, billing.DuplicateReject)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return fmt.Errorf("row %d: %w", done+r.Line, r.Err)
			}
			if err := d.live(ctx, s, actor, scope, r.ID, rows[i].NewSubscription); err != nil {
				return fmt.Errorf("row %d: %w", done+r.Line, err)
			}
		}
		if err := d.office(ctx, s, actor, scope, rows, results); err != nil {
			return err
		}
	}
	if err := d.settle(ctx, s, actor, scope); err != nil {
		return err
	}
	if err := d.budgets(ctx, s, actor, scope); err != nil {
		return err
	}
	_, err := s.Reconcile(ctx, actor, scope)
	return err
}

// office leaves what a back-office has to look at on any day: subscriptions that are held now, and some that were typed twice, one of which
// turned out to be two.
func (d demo) office(
	ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope, rows []billing.ImportRow, results []billing.ImportResult,
) error {
	const held, twins = 4, 2
	var again []billing.ImportRow
	count := 0
	for i, row := range rows {
		// Those of the first day have no other hold near today.
		if row.Term.From != d.first || !row.Term.Open() {
			continue
		}
		switch count++; {
		case count <= held:
			h := billing.Hold{Interval: billing.Interval{From: d.today - 7, To: d.today + 35}, Reason: "Site closed for works"}
			if _, err := s.AddHold(ctx, actor, scope, results[i].ID, 0, h); err != nil {
				return fmt.Errorf("row %d: %w", row.Line, err)
			}
		case count <= held+twins:
			twin := row
			twin.Reference += "-BIS"
			twin.Term.From += 9
			again = append(again, twin)
		}
	}
	typed, err := s.Import(ctx, actor, scope, again, billing.DuplicateReject)
	if err != nil {
		return err
	}
	for _, r := range typed {
		if r.Err != nil {
			return fmt.Errorf("row %d, typed again: %w", r.Line, r.Err)
		}
	}
	return nil
}

// settle decides one of the suspected duplicates.
func (d demo) settle(ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope) error {
	found, err := s.Suspects(ctx, scope, billing.DecisionOpen, billing.Page{Size: 1})
	if err != nil || len(found.Items) == 0 {
		return err
	}
	actor.Reason = "The site has two lines"
	_, err = s.SettleSuspect(ctx, actor, scope, found.Items[0].ID, billing.DecisionKeep)
	return err
}

func demoEnvelope(i int) billing.EnvelopeCode {
	return billing.EnvelopeCode(fmt.Sprintf("SITE-%02d", i+1))
}

func (d demo) subscription(i int) billing.NewSubscription {
	offers := demoOffers()
	// Big sites have many subscriptions and small ones few, as the squares of a uniform choice are spread.
	u := d.random.Float64()
	site := int(u * u * demoEnvelopes)
	offer := offers[d.random.IntN(len(offers))]
	n := billing.NewSubscription{
		Offer: offer.Code, Envelope: demoEnvelope(site),
		Reference: fmt.Sprintf("%s-%04d", offer.Code, i+1), Label: fmt.Sprintf("%s, site %02d", offer.Name, site+1),
		Periodicity: billing.Monthly, Rule: billing.OnDate,
	}
	switch d.random.IntN(10) {
	case 0:
		n.Periodicity = billing.Daily
	case 1:
		n.Periodicity = billing.Weekly
	case 2, 3:
		n.Rule = billing.DaysOfMonth
	}
	from := d.first
	if d.random.IntN(3) > 0 {
		from += billing.Day(d.random.IntN(int(d.today-d.first) + 45))
	}
	n.Term = billing.Interval{From: from, To: billing.Forever}
	if d.random.IntN(4) == 0 {
		n.Term.To = from + 60 + billing.Day(d.random.IntN(600))
	}
	n.Lines = d.lines(n.Periodicity, offer.Currency)
	return n
}

// lines are a subscription, some options below it and, now and then, a rebate.
func (d demo) lines(p billing.Periodicity, c billing.Currency) []billing.Line {
	price := 900 + d.random.IntN(9000)
	switch p {
	case billing.Daily:
		price /= 25
	case billing.Weekly:
		price /= 4
	}
	if c == "XOF" {
		price *= 655
	}
	cents := func(n int) billing.Decimal6 { return billing.Decimal6(n) * 10_000 }
	lines := []billing.Line{
		{Label: "Subscription", Quantity: 1_000_000, UnitPrice: cents(price)},
		{Label: "Options", Lines: []billing.Line{
			{Label: "Users", Quantity: billing.Decimal6(1+d.random.IntN(30)) * 1_000_000, UnitPrice: cents(price / 20)},
			{Label: "Support", Quantity: 1_000_000, UnitPrice: cents(price / 10)},
		}},
	}
	if d.random.IntN(5) == 0 {
		lines = append(lines, billing.Line{Label: "Rebate", Quantity: 1_000_000, UnitPrice: -cents(price / 8)})
	}
	return lines
}

// live does to a subscription what happens in two years.
func (d demo) live(
	ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope, id billing.SubscriptionID, n billing.NewSubscription,
) error {
	middle := n.Term.From + 90 + billing.Day(d.random.IntN(90))
	if !n.Term.Has(middle + 30) {
		return nil
	}
	switch d.random.IntN(8) {
	case 0:
		h := billing.Hold{Interval: billing.Interval{From: middle, To: middle + 10 + billing.Day(d.random.IntN(20))}, Reason: "Works on site"}
		_, err := s.AddHold(ctx, actor, scope, id, 0, h)
		return err
	case 1:
		_, err := s.Revise(ctx, actor, scope, id, 0, middle, raised(n.Lines))
		return err
	}
	return nil
}

// raised are lines five percent dearer, in whole cents a piece.
func raised(lines []billing.Line) []billing.Line {
	const cent = 10_000
	dearer := slices.Clone(lines)
	for i := range dearer {
		l := &dearer[i]
		l.UnitPrice, l.Lines = l.UnitPrice*105/100/cent*cent, raised(l.Lines)
	}
	return dearer
}

// budgets are set for this year and the one before, for the first sites of each offer: some above what these sites cost, some below.
func (d demo) budgets(ctx context.Context, s billing.Store, actor billing.Actor, scope billing.Scope) error {
	const sites = 5
	this, _, _ := d.today.Civil()
	for _, year := range []int{this - 1, this} {
		for _, o := range demoOffers() {
			costs, err := s.YearlyCosts(ctx, scope, year, billing.Filter{Offers: []billing.OfferCode{o.Code}, ByEnvelope: true})
			if err != nil {
				return err
			}
			for _, block := range costs {
				for _, e := range block.Envelopes[:min(sites, len(block.Envelopes))] {
					const whole = 10_000 // of the smallest unit: nobody budgets cents
					meant := max(whole, e.Amount*billing.Minor(92+d.random.IntN(24))/100/whole*whole)
					k := billing.BudgetKey{Offer: o.Code, Envelope: e.Envelope, Year: year}
					if _, _, err := s.SetBudget(ctx, actor, scope, k, meant, 0); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
