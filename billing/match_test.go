package billing_test

import (
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

func TestFilterMatches(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	s.Label, s.CreatedBy = "Ligne téléphonique", "c1"
	s.CreatedOn, s.UpdatedOn = date(t, "2026-01-05"), date(t, "2026-02-05")
	day := func(text string) *billing.Day { d := date(t, text); return &d }
	month := func(text string) *billing.Month { m := day(text + "-01").Month(); return &m }
	minor := func(m billing.Minor) *billing.Minor { return &m }
	tests := map[string]struct {
		filter billing.Filter
		want   bool
	}{
		"nothing":         {billing.Filter{}, true},
		"offer":           {billing.Filter{Offers: []billing.OfferCode{"x", "offer"}}, true},
		"other offer":     {billing.Filter{Offers: []billing.OfferCode{"x"}}, false},
		"envelope":        {billing.Filter{Envelopes: []billing.EnvelopeCode{"envelope"}}, true},
		"other envelope":  {billing.Filter{Envelopes: []billing.EnvelopeCode{"x"}}, false},
		"weekly":          {billing.Filter{Periodicities: []billing.Periodicity{billing.Weekly}}, false},
		"monthly":         {billing.Filter{Periodicities: []billing.Periodicity{billing.Weekly, billing.Monthly}}, true},
		"rule":            {billing.Filter{Rules: []billing.Rule{billing.OnDate}}, true},
		"other rule":      {billing.Filter{Rules: []billing.Rule{billing.DaysOfMonth}}, false},
		"client":          {billing.Filter{Clients: []billing.ClientID{"c1"}}, true},
		"other client":    {billing.Filter{Clients: []billing.ClientID{"c2"}}, false},
		"active":          {billing.Filter{Statuses: []billing.Status{billing.StatusActive}, AsOf: date(t, "2026-03-01")}, true},
		"planned":         {billing.Filter{Statuses: []billing.Status{billing.StatusActive}, AsOf: date(t, "2026-01-01")}, false},
		"ended":           {billing.Filter{Statuses: []billing.Status{billing.StatusEnded}, AsOf: date(t, "2027-01-01")}, true},
		"reference":       {billing.Filter{Reference: " R-1 "}, true},
		"part of it":      {billing.Filter{Reference: "R"}, false},
		"text":            {billing.Filter{Text: "TÉLÉPHON"}, true},
		"text in ref":     {billing.Filter{Text: "r-"}, true},
		"other text":      {billing.Filter{Text: "mobile"}, false},
		"charged":         {billing.Filter{Period: month("2026-12")}, true},
		"not charged":     {billing.Filter{Period: month("2025-12")}, false},
		"after the end":   {billing.Filter{Period: month("2027-01")}, false},
		"amount":          {billing.Filter{Amount: billing.AmountBounds{AtLeast: minor(2999), AtMost: minor(2999)}}, true},
		"more":            {billing.Filter{Amount: billing.AmountBounds{MoreThan: minor(2999)}}, false},
		"less":            {billing.Filter{Amount: billing.AmountBounds{LessThan: minor(2999)}}, false},
		"more and less":   {billing.Filter{Amount: billing.AmountBounds{MoreThan: minor(2998), LessThan: minor(3000)}}, true},
		"at most":         {billing.Filter{Amount: billing.AmountBounds{AtMost: minor(2998)}}, false},
		"start":           {billing.Filter{Start: billing.DateBounds{After: day("2026-01-10"), Before: day("2026-01-10")}}, true},
		"start strictly":  {billing.Filter{Start: billing.DateBounds{StrictlyAfter: day("2026-01-10")}}, false},
		"start before":    {billing.Filter{Start: billing.DateBounds{StrictlyBefore: day("2026-01-10")}}, false},
		"end":             {billing.Filter{End: billing.DateBounds{After: day("2026-12-31"), Before: day("2026-12-31")}}, true},
		"end strictly":    {billing.Filter{End: billing.DateBounds{StrictlyBefore: day("2026-12-31")}}, false},
		"anchor":          {billing.Filter{Anchor: billing.DateBounds{After: day("2026-01-11")}}, false},
		"created":         {billing.Filter{Created: billing.DateBounds{Before: day("2026-01-05")}}, true},
		"created earlier": {billing.Filter{Created: billing.DateBounds{Before: day("2026-01-04")}}, false},
		"updated":         {billing.Filter{Updated: billing.DateBounds{StrictlyAfter: day("2026-02-05")}}, false},
		"all together": {billing.Filter{Offers: []billing.OfferCode{"offer"}, Text: "ligne", Period: month("2026-02"),
			Start: billing.DateBounds{StrictlyBefore: day("2026-01-11")}, Amount: billing.AmountBounds{AtLeast: minor(1)}}, true},
		"all but one": {billing.Filter{Offers: []billing.OfferCode{"offer"}, Text: "ligne", Period: month("2026-02"),
			Start: billing.DateBounds{StrictlyBefore: day("2026-01-10")}, Amount: billing.AmountBounds{AtLeast: minor(1)}}, false},
	}
	for name, tt := range tests {
		if got := tt.filter.Matches(&s); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
		rollup := name == "nothing" || name == "offer" || name == "other offer" || name == "envelope" || name == "other envelope"
		if tt.filter.RollupOnly() != rollup {
			t.Errorf("%s: from the roll-up: %t", name, !rollup)
		}
	}
	s.Term.To = billing.Forever
	for name, end := range map[string]billing.DateBounds{"before": {Before: day("9999-12-31")}, "strictly before": {StrictlyBefore: day("9999-12-31")}} {
		if (billing.Filter{End: end}).Matches(&s) {
			t.Errorf("no end is %s a day", name)
		}
	}
	if !(billing.Filter{End: billing.DateBounds{StrictlyAfter: day("9999-12-31")}}).Matches(&s) {
		t.Error("no end is not after a day")
	}
}
