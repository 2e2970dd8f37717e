package billing_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
)

// T13: the golden calendar, and a row for each bug of comparable systems that a date or a rounding made. The figures are
// written by hand: there is nothing to update them with.
func TestGoldenCalendar(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"calendar.csv", "regressions.csv"} {
		for _, row := range readRows(t, file) {
			t.Run(row["case"], func(t *testing.T) {
				t.Parallel()
				checkRow(t, row)
			})
		}
	}
}

func checkRow(t *testing.T, row map[string]string) {
	t.Helper()
	s := subscriptionOf(t, row)
	if err := billing.Check(&s); err != nil {
		t.Fatal(err)
	}
	months := strings.Fields(row["months"])
	got := make([]string, 0, len(months))
	for _, text := range months {
		m, err := billing.ParseMonth(text)
		if err != nil {
			t.Fatal(err)
		}
		cost := s.CostMonth(m)
		got = append(got, fmt.Sprint(int64(cost)))
		year, month := m.Civil()
		if want := oracleMonth(&s, year, time.Month(month)); cost != want {
			t.Errorf("%s: the oracle says %d", m, want)
		}
		folded, err := billing.Fold(s.Contributions(), m, 1)
		if err != nil || folded[0] != cost {
			t.Errorf("%s: the roll-up says %v, %v", m, folded, err)
		}
	}
	if text := strings.Join(got, " "); text != row["costs"] {
		t.Errorf("%s cost %s, want %s", row["months"], text, row["costs"])
	}
}

func readRows(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) < 20 {
		t.Fatalf("%s has only %d rows", file, len(records))
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func subscriptionOf(t *testing.T, row map[string]string) billing.Subscription {
	t.Helper()
	s := billing.Subscription{
		Offer: "offer", Envelope: "envelope", Currency: "EUR", Reference: "reference", Label: "label",
		Periodicity: billing.Periodicity(row["periodicity"]), Rule: billing.Rule(row["rule"]),
		Term: billing.Interval{From: date(t, row["start"]), To: billing.Forever},
	}
	if row["endExclusive"] != "" {
		s.Term.To = date(t, row["endExclusive"])
	}
	s.Anchor = s.Term.From
	if row["anchor"] != "" {
		s.Anchor = date(t, row["anchor"])
	}
	for _, text := range strings.Fields(row["holds"]) {
		from, to, _ := strings.Cut(text, "/")
		s.Holds = append(s.Holds, billing.Hold{Interval: billing.Interval{From: date(t, from), To: date(t, to)}})
	}
	for _, text := range strings.Fields(row["revisions"]) {
		day, amount, later := strings.Cut(text, ":")
		r := billing.Revision{From: s.Term.From}
		if later {
			r.From = date(t, day)
		} else {
			amount = day
		}
		n, err := strconv.ParseInt(amount, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		r.Amount = billing.Minor(n)
		r.Lines = []billing.Line{{Label: "line", Quantity: 1_000_000, UnitPrice: billing.Decimal6(n) * 10_000, Amount: r.Amount}}
		s.Revisions = append(s.Revisions, r)
	}
	return s
}
