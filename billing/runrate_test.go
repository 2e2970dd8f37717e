package billing_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

// The run rate is the average over the 400 years after which the calendar repeats: compared with the costs of them all.
func TestRunRateIsTheAverageOf400Years(t *testing.T) {
	t.Parallel()
	for _, periodicity := range []billing.Periodicity{billing.Daily, billing.Weekly, billing.Monthly} {
		s := billing.Subscription{
			Periodicity: periodicity, Rule: billing.OnDate, Anchor: date(t, "2000-01-01"),
			Term:      billing.Interval{From: date(t, "2000-01-01"), To: billing.Forever},
			Revisions: []billing.Revision{{From: date(t, "2000-01-01"), Amount: 12_345}},
		}
		var r billing.RunRate
		if err := r.Add(&s, s.Term.From); err != nil {
			t.Fatal(err)
		}
		got, err := r.Amount()
		total := s.Cost(billing.Interval{From: s.Term.From, To: s.Term.From + 146_097})
		if want := oracleRound(big.NewRat(int64(total), 4800)); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", periodicity, got, err, want)
		}
	}
}

func TestRunRateCountsActiveOnesAndRoundsOnce(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	s.Periodicity = billing.Weekly
	s.Holds = []billing.Hold{held(&s, 10, 12)}
	var r billing.RunRate
	for _, offset := range []billing.Day{-1, 0, 10, 11, 12, 20, 356} {
		if err := r.Add(&s, s.Term.From+offset); err != nil {
			t.Fatal(err)
		}
	}
	// 3 active of 7, at 29.99 a week: 3 * 2999 * 146097 / 33600 is 39120.08.
	if got, err := r.Amount(); err != nil || got != 39_120 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestRunRateTakesThePriceOfTheDay(t *testing.T) {
	t.Parallel()
	before := subscribed(t)
	s, err := before.WithRevision(date(t, "2026-07-01"), []billing.Line{leaf(1_000_000, 35_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	var r billing.RunRate
	if err := r.Add(&s, date(t, "2026-06-30")); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Amount(); err != nil || got != 2999 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestRunRateRefusesOverflow(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	s.Revisions[0].Amount = math.MaxInt64
	var r billing.RunRate
	if err := r.Add(&s, s.Term.From); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(&s, s.Term.From); !errors.Is(err, billing.ErrOverflow) {
		t.Errorf("a sum beyond 64 bits: %v", err)
	}
	s.Periodicity = billing.Daily
	if err := r.Add(&s, s.Term.From); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Amount(); !errors.Is(err, billing.ErrOverflow) {
		t.Errorf("%d, %v", got, err)
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	fits := [][3]billing.Minor{{1, 2, 3}, {math.MaxInt64, math.MinInt64, -1}, {math.MaxInt64, 0, math.MaxInt64}, {math.MinInt64, 0, math.MinInt64},
		{-1, math.MinInt64 + 1, math.MinInt64}, {0, 0, 0}}
	for _, tt := range fits {
		if got, err := billing.Add(tt[0], tt[1]); err != nil || got != tt[2] {
			t.Errorf("%d + %d = %d, %v", tt[0], tt[1], got, err)
		}
	}
	for _, tt := range [][2]billing.Minor{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}, {math.MaxInt64, math.MaxInt64}} {
		if got, err := billing.Add(tt[0], tt[1]); !errors.Is(err, billing.ErrOverflow) {
			t.Errorf("%d + %d = %d, %v", tt[0], tt[1], got, err)
		}
	}
	if _, err := (billing.Delta{}).Minus(billing.Delta{Adjust: math.MinInt64}); !errors.Is(err, billing.ErrOverflow) {
		t.Errorf("nothing less the least: %v", err)
	}
}
