package billing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// T3: for every start of the 400 years after which the calendar repeats, 48 monthly periods meet without overlapping, and
// start on the day of the anchor or on the last of a shorter month.
func TestMonthlyPeriodsTile(t *testing.T) {
	t.Parallel()
	const cycle, periods = 146097, 48
	start := billing.NewDay(1900, 1, 1)
	for anchor := start; anchor < start+cycle; anchor++ {
		s := billing.Subscription{Periodicity: billing.Monthly, Anchor: anchor}
		year, month, day := anchor.Civil()
		for k := int64(0); k < periods; k++ {
			from, to := s.ChargeDate(k), s.ChargeDate(k+1)
			if to-from < 28 || to-from > 31 {
				t.Fatalf("anchor %s: period %d is %s to %s", anchor, k, from, to)
			}
			if s.ChargesBefore(from) != k || s.ChargesBefore(from+1) != k+1 || s.ChargesBefore(to) != k+1 {
				t.Fatalf("anchor %s: charge date %s is not number %d", anchor, from, k)
			}
			y, m, d := from.Civil()
			if 12*y+m != 12*year+month+int(k) || d != min(day, from.Month().Days()) {
				t.Fatalf("anchor %s: charge date %d is %s", anchor, k, from)
			}
		}
	}
}

// T3: a period holds each of its days, and no other, whatever the periodicity.
func TestPeriodOfDay(t *testing.T) {
	t.Parallel()
	p := seeded(3)
	for range 3000 {
		s := p.subscription()
		d := s.Anchor + billing.Day(p(0, 3000))
		got, ok := s.PeriodOf(d)
		if !ok || !got.Has(d) {
			t.Fatalf("the period of %s is %+v: %+v", d, got, s)
		}
		for _, edge := range []billing.Day{got.From, got.To - 1} {
			if same, _ := s.PeriodOf(edge); same != got {
				t.Fatalf("%s is in %+v, and %s in %+v", d, got, edge, same)
			}
		}
		if next, _ := s.PeriodOf(got.To); next.From != got.To || next.Number != got.Number+1 || next.Key == got.Key {
			t.Fatalf("after %+v comes %+v", got, next)
		}
	}
	s := p.subscription()
	if got, ok := s.PeriodOf(s.Anchor - 1); ok {
		t.Errorf("the day before the anchor is in %+v", got)
	}
}

func TestNoChargeBeforeTheAnchor(t *testing.T) {
	t.Parallel()
	for _, periodicity := range []billing.Periodicity{billing.Daily, billing.Weekly, billing.Monthly} {
		s := billing.Subscription{Periodicity: periodicity, Anchor: date(t, "2026-03-10")}
		for _, x := range []billing.Day{billing.FirstDay, s.Anchor - 31, s.Anchor - 1, s.Anchor} {
			if got := s.ChargesBefore(x); got != 0 {
				t.Errorf("%s: %d charges before %s", periodicity, got, x)
			}
		}
		if got := s.ChargesBefore(s.Anchor + 1); got != 1 {
			t.Errorf("%s: %d charges on the anchor", periodicity, got)
		}
	}
}

// Segments are what is left of the term: each day of it without a hold is in one of them, at its price.
func TestSegmentsCoverTheTermWithoutHolds(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		if p(0, 1) == 0 {
			h := p.dayIn(reach(s.Term))
			s.Holds = []billing.Hold{{Interval: billing.Interval{From: h, To: h + 1}}, {Interval: billing.Interval{From: h + 1, To: h + 2}}}
		}
		next := s.Term.From
		for g := range s.Segments() {
			if g.Empty() || g.From < next || s.Revisions[g.Revision].Amount != g.Amount {
				t.Fatalf("segment %+v after %s: %+v", g, next, s)
			}
			checkDays(t, &s, billing.Interval{From: next, To: g.From}, nil)
			checkDays(t, &s, g.Interval, &g.Amount)
			next = g.To
		}
		checkDays(t, &s, billing.Interval{From: next, To: s.Term.To}, nil)
	})
}

// checkDays says that every day has the amount in force, or that none has any.
func checkDays(t rapid.TB, s *billing.Subscription, days billing.Interval, amount *billing.Minor) {
	for d := days.From; d < min(days.To, s.Term.From+1500); d++ {
		got, active := oracleActive(s, d)
		if active != (amount != nil) || active && got != *amount {
			t.Fatalf("%s is active: %t, at %d: %+v", d, active, got, s)
		}
	}
}

func TestPeriodKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		periodicity billing.Periodicity
		anchor, day string
		want        string
		from        string
	}{
		{billing.Daily, "2026-08-23", "2026-08-23", "2026-08-23", "2026-08-23"},
		{billing.Weekly, "2026-08-17", "2026-08-23", "2026-W34", "2026-08-17"},
		{billing.Weekly, "2027-01-01", "2027-01-01", "2026-W53", "2027-01-01"},
		{billing.Weekly, "2025-12-29", "2026-01-02", "2026-W01", "2025-12-29"},
		{billing.Monthly, "2026-01-31", "2026-03-30", "2026-02", "2026-02-28"},
		{billing.Monthly, "2026-01-31", "2026-03-31", "2026-03", "2026-03-31"},
	}
	for _, tt := range tests {
		s := billing.Subscription{Periodicity: tt.periodicity, Anchor: date(t, tt.anchor)}
		got, ok := s.PeriodOf(date(t, tt.day))
		if !ok || got.Key != tt.want || got.From.String() != tt.from {
			t.Errorf("%s, anchor %s: %s is in %+v, want %s from %s", tt.periodicity, tt.anchor, tt.day, got, tt.want, tt.from)
		}
	}
}

func TestCalendarEqualsStandardLibrary(t *testing.T) {
	t.Parallel()
	const reach = 200_000
	for d := billing.Day(-reach); d <= reach; d++ {
		std := timeOf(d)
		y, m, dd := d.Civil()
		if y != std.Year() || m != int(std.Month()) || dd != std.Day() || billing.NewDay(y, m, dd) != d {
			t.Fatalf("day %d is %d-%d-%d, the standard library says %s", d, y, m, dd, std)
		}
		if (d.Weekday()+1)%7 != int(std.Weekday()) {
			t.Fatalf("day %d is weekday %d, the standard library says %s", d, d.Weekday(), std.Weekday())
		}
		year, week := d.ISOWeek()
		if isoYear, isoWeek := std.ISOWeek(); year != isoYear || week != isoWeek {
			t.Fatalf("day %d is in %d-W%d, the standard library says %d-W%d", d, year, week, isoYear, isoWeek)
		}
	}
}

func TestBoundsOfDays(t *testing.T) {
	t.Parallel()
	if got := billing.FirstDay.String(); got != "0001-01-01" {
		t.Errorf("the first day is %s", got)
	}
	if got := billing.LastDay.String(); got != "9999-12-31" {
		t.Errorf("the last day is %s", got)
	}
	if got := billing.Forever.String(); got != "" {
		t.Errorf("no end is written %q", got)
	}
	if got := billing.Until(0, billing.Forever); !got.Open() {
		t.Errorf("no last day gives %v", got)
	}
}

func TestCalendarBeforeTheFirstDay(t *testing.T) {
	t.Parallel()
	for d := billing.FirstDay - 300_000; d < billing.FirstDay+1000; d += 13 {
		std := timeOf(d)
		y, m, dd := d.Civil()
		if y != std.Year() || m != int(std.Month()) || dd != std.Day() || billing.NewDay(y, m, dd) != d || d.Month().Days() != lastOfMonth(std) {
			t.Fatalf("day %d is %d-%d-%d, the standard library says %s", d, y, m, dd, std)
		}
	}
}

func TestMonths(t *testing.T) {
	t.Parallel()
	for m := billing.NewMonth(1, 1); m <= billing.NewMonth(9999, 12); m++ {
		y, mm := m.Civil()
		std := time.Date(y, time.Month(mm), 1, 0, 0, 0, 0, time.UTC)
		if timeOf(m.First()) != std || m.Days() != lastOfMonth(std) || m.First().Month() != m {
			t.Fatalf("%s starts on %s and has %d days", m, m.First(), m.Days())
		}
		if parsed, err := billing.ParseMonth(m.String()); err != nil || parsed != m {
			t.Fatalf("%s is read back as %s, %v", m, parsed, err)
		}
	}
}

func date(t testing.TB, s string) billing.Day {
	t.Helper()
	d, err := billing.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
