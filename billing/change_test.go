package billing_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func asked(t testing.TB) billing.NewSubscription {
	t.Helper()
	return billing.NewSubscription{
		Envelope: "envelope", Reference: "R-1", Label: "Phone", Periodicity: billing.Monthly,
		Term:  billing.Until(date(t, "2026-01-10"), date(t, "2026-12-31")),
		Lines: []billing.Line{leaf(1_000_000, 29_990_000)},
	}
}

func subscribed(t testing.TB) billing.Subscription {
	t.Helper()
	s, err := billing.Subscribe(asked(t), billing.Offer{Code: "offer", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	if s.Rule != billing.OnDate || s.Anchor != s.Term.From || s.Amount() != 2999 || s.Currency != "EUR" || s.Offer != "offer" {
		t.Errorf("%+v", s)
	}
	if err := billing.Check(&s); err != nil {
		t.Error(err)
	}
}

func TestSubscribeRefusesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	late := date(t, "2026-01-11")
	n := asked(t)
	n.Envelope, n.Reference, n.Label, n.Anchor = "a b", "\t", "", &late
	n.Periodicity, n.Rule = billing.Weekly, billing.DaysOfMonth
	n.Term.To = n.Term.From
	n.Lines = nil
	_, err := billing.Subscribe(n, billing.Offer{Code: "offer", Currency: "EUR"})
	want := []string{"anchor order", "endDate order", "envelope format", "label required", "lines required", "reference format", "rule conflict"}
	if diff := cmp.Diff(want, pathsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	n = asked(t)
	n.Periodicity, n.Term.From = "yearly", billing.FirstDay-1
	_, err = billing.Subscribe(n, billing.Offer{Code: "offer", Currency: "EUR"})
	if diff := cmp.Diff([]string{"anchor out_of_range", "periodicity unknown", "startDate out_of_range"}, pathsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	n = asked(t)
	n.Rule, n.Term.To = "weekly", billing.LastDay+2
	_, err = billing.Subscribe(n, billing.Offer{Code: "offer", Currency: "EUR"})
	if diff := cmp.Diff([]string{"endDate out_of_range", "rule unknown"}, pathsOf(t, err)); diff != "" {
		t.Error(diff)
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	hold := func(from, last string) billing.Hold {
		h := billing.Hold{ID: billing.HoldID(from), Interval: billing.Interval{From: date(t, from), To: billing.Forever}}
		if last != "" {
			h.Interval = billing.Until(h.From, date(t, last))
		}
		return h
	}
	second, err := s.WithHold(hold("2026-06-01", ""))
	if err != nil || second.Holds[0].To != s.Term.To {
		t.Fatalf("a hold without an end lasts until the term's: %+v, %v", second.Holds, err)
	}
	both, err := second.WithHold(hold("2026-05-01", "2026-05-31"))
	if err != nil || len(both.Holds) != 2 || both.Holds[0].ID != "2026-05-01" {
		t.Fatalf("holds are sorted: %+v, %v", both.Holds, err)
	}
	if len(s.Holds) != 0 || len(second.Holds) != 1 {
		t.Fatal("a change wrote to what it came from")
	}
	refused := map[string]struct {
		hold billing.Hold
		want []string
	}{
		"overlap":      {hold("2026-05-31", "2026-05-31"), []string{"from overlap"}},
		"before":       {hold("2026-01-09", "2026-01-10"), []string{"from out_of_range"}},
		"after":        {hold("2027-01-01", "2027-01-01"), []string{"from out_of_range"}},
		"beyond":       {hold("2026-04-01", "2027-01-01"), []string{"from overlap", "from overlap", "to out_of_range"}},
		"turned round": {hold("2026-02-02", "2026-02-01"), []string{"to order"}},
	}
	for name, tt := range refused {
		_, err := both.WithHold(tt.hold)
		if diff := cmp.Diff(tt.want, pathsOf(t, err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if back, err := both.WithoutHold("2026-05-01"); err != nil || len(back.Holds) != 1 || len(both.Holds) != 2 || both.Holds[0].ID != "2026-05-01" {
		t.Errorf("%+v, %v", back.Holds, err)
	}
	if _, err := both.WithoutHold("other"); !errors.Is(err, billing.ErrNotFound) {
		t.Errorf("a hold that is not there: %v", err)
	}
}

func TestRevisionsAndEnd(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	dearer := []billing.Line{leaf(1_000_000, 35_000_000)}
	revised, err := s.WithRevision(date(t, "2026-07-01"), dearer)
	if err != nil || revised.Amount() != 3500 || revised.RevisionOn(date(t, "2026-06-30")).Amount != 2999 || revised.RevisionOn(0).Amount != 2999 {
		t.Fatalf("%+v, %v", revised, err)
	}
	replaced, err := revised.WithRevision(s.Term.From, dearer)
	if err != nil || len(replaced.Revisions) != 2 || replaced.Revisions[0].Amount != 3500 || revised.Revisions[0].Amount != 2999 {
		t.Fatalf("%+v, %v", replaced, err)
	}
	for _, d := range []string{"2026-01-09", "2027-01-01"} {
		_, err := s.WithRevision(date(t, d), nil)
		if diff := cmp.Diff([]string{"from out_of_range", "lines required"}, pathsOf(t, err)); diff != "" {
			t.Error(diff)
		}
	}
	held, err := revised.WithHold(billing.Hold{Interval: billing.Until(date(t, "2026-05-01"), date(t, "2026-06-30"))})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := held.WithEnd(date(t, "2026-05-11"))
	if err != nil || len(ended.Revisions) != 1 || len(ended.Holds) != 1 || ended.Holds[0].To != date(t, "2026-05-11") || held.Holds[0].To != date(t, "2026-07-01") {
		t.Fatalf("%+v, %v", ended, err)
	}
	if err := billing.Check(&ended); err != nil {
		t.Error(err)
	}
	if earlier, err := held.WithEnd(date(t, "2026-05-01")); err != nil || len(earlier.Holds) != 0 {
		t.Errorf("%+v, %v", earlier, err)
	}
	if open, err := ended.WithEnd(billing.Forever); err != nil || !open.Term.Open() {
		t.Errorf("%+v, %v", open, err)
	}
	_, err = s.WithEnd(s.Term.From)
	if diff := cmp.Diff([]string{"endDate order"}, pathsOf(t, err)); diff != "" {
		t.Error(diff)
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	offer, envelope, reference, label := billing.OfferCode("other"), billing.EnvelopeCode("E2"), "R-2", "Line"
	p := billing.SubscriptionPatch{Offer: &offer, Envelope: &envelope, Reference: &reference, Label: &label}
	got, err := s.WithPatch(p, billing.Offer{Code: offer, Currency: "EUR"})
	if err != nil || got.Offer != offer || got.Envelope != envelope || got.Reference != reference || got.Label != label || s.Offer != "offer" {
		t.Errorf("%+v, %v", got, err)
	}
	envelope, reference, label = "", " ", "a\nb"
	_, err = s.WithPatch(p, billing.Offer{Code: offer, Currency: "USD"})
	if diff := cmp.Diff([]string{"envelope required", "label format", "offer conflict", "reference required"}, pathsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	if same, err := s.WithPatch(billing.SubscriptionPatch{}, billing.Offer{}); err != nil || !cmp.Equal(same, s) {
		t.Errorf("an empty patch makes %+v, %v", same, err)
	}
}

func TestCheckNamesEachInvariant(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		damage func(s *billing.Subscription)
		want   []string
	}{
		"I1 term":      {func(s *billing.Subscription) { s.Term.To = s.Term.From }, []string{"endDate order", "revisions[0].from out_of_range"}},
		"I1 disjoint":  {func(s *billing.Subscription) { s.Holds = []billing.Hold{held(s, 5, 10), held(s, 9, 12)} }, []string{"holds[1].from overlap"}},
		"I1 sorted":    {func(s *billing.Subscription) { s.Holds = []billing.Hold{held(s, 9, 12), held(s, 5, 7)} }, []string{"holds[1].from overlap"}},
		"I1 empty":     {func(s *billing.Subscription) { s.Holds = []billing.Hold{held(s, 5, 5)} }, []string{"holds[0].to order"}},
		"I1 inside":    {func(s *billing.Subscription) { s.Holds = []billing.Hold{held(s, -1, 5), held(s, 9, 900)} }, []string{"holds[0] out_of_range", "holds[1] out_of_range"}},
		"I2 none":      {func(s *billing.Subscription) { s.Revisions = nil }, []string{"revisions required"}},
		"I2 start":     {func(s *billing.Subscription) { s.Revisions[0].From++ }, []string{"revisions[0].from conflict"}},
		"I2 strictly":  {func(s *billing.Subscription) { s.Revisions = append(s.Revisions, s.Revisions[0]) }, []string{"revisions[1].from order"}},
		"I3":           {func(s *billing.Subscription) { s.Periodicity, s.Rule = billing.Daily, billing.DaysOfMonth }, []string{"rule conflict"}},
		"I4":           {func(s *billing.Subscription) { s.Revisions[0].Amount++ }, []string{"revisions[0].amount conflict"}},
		"I6":           {func(s *billing.Subscription) { s.Revisions[0].Lines[0].UnitPrice = billing.MaxDecimal6 }, []string{"revisions[0].lines format"}},
		"anchor":       {func(s *billing.Subscription) { s.Anchor++ }, []string{"anchor order"}},
		"offer":        {func(s *billing.Subscription) { s.Offer = "" }, []string{"offer required"}},
		"text":         {func(s *billing.Subscription) { s.Label = string(make([]rune, 501)) }, []string{"label format"}},
		"many holds":   {func(s *billing.Subscription) { s.Holds = manyHolds(s) }, []string{"holds too_many"}},
		"many changes": {func(s *billing.Subscription) { s.Revisions = manyRevisions(s) }, []string{"revisions too_many"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := subscribed(t)
			tt.damage(&s)
			if diff := cmp.Diff(tt.want, pathsOf(t, billing.Check(&s))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func held(s *billing.Subscription, from, to billing.Day) billing.Hold {
	return billing.Hold{Interval: billing.Interval{From: s.Term.From + from, To: s.Term.From + to}}
}

func manyHolds(s *billing.Subscription) []billing.Hold {
	var holds []billing.Hold
	for i := range billing.Day(billing.MaxHolds + 1) {
		holds = append(holds, held(s, i, i+1))
	}
	return holds
}

func manyRevisions(s *billing.Subscription) []billing.Revision {
	var revisions []billing.Revision
	for i := range billing.Day(billing.MaxRevisions + 1) {
		r := s.Revisions[0]
		r.From += i
		revisions = append(revisions, r)
	}
	return revisions
}

func TestStatusOn(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	s.Holds = []billing.Hold{held(&s, 10, 12)}
	for offset, want := range map[billing.Day]billing.Status{
		-1: billing.StatusPlanned, 0: billing.StatusActive, 9: billing.StatusActive, 10: billing.StatusHeld, 11: billing.StatusHeld,
		12: billing.StatusActive, 355: billing.StatusActive, 356: billing.StatusEnded,
	} {
		if got := s.StatusOn(s.Term.From + offset); got != want {
			t.Errorf("on %s: %s, want %s", s.Term.From+offset, got, want)
		}
	}
}
