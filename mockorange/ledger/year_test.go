package ledger_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

// partnersYear is a partner's whole year: order 10, add 5, suspend 3, swap 2, delete 4.
func (b *bench) partnersYear() {
	b.Helper()
	b.take(order("O-1", "F-1", notes("4.50"), 10))
	b.moveTo("2026-02-10")
	b.take(order("O-2", "F-1", notes(""), 5))
	b.moveTo("2026-04-20")
	b.take(update("U-1", change("L-1", "suspended"), change("L-2", "suspended"), change("L-3", "inactive")))
	b.moveTo("2026-06-01")
	swap := func(id string) control.LicenceChange {
		c := change(id, "swapped")
		c.Swap = large("9.99")
		return c
	}
	b.take(update("U-2", swap("L-4"), swap("L-5")))
	b.moveTo("2026-09-30")
	b.take(update("U-3", change("L-6", "deleted"), change("L-7", "deleted"), change("L-8", "deleted"), change("L-1", "deleted")))
	b.moveTo("2027-01-01")
}

// yearOfOracle is the same year, day by day.
func yearOfOracle() map[string]int64 {
	o := newOracle()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			panic(err)
		}
		return d
	}
	o.sell(day("2026-01-01"), *notes("4.50"))
	o.sell(day("2026-01-01"), *large("9.99"))
	names := strings.Fields("L-1 L-2 L-3 L-4 L-5 L-6 L-7 L-8 L-9 L-10 L-11 L-12 L-13 L-14 L-15")
	for _, n := range names[:10] {
		o.licences[n] = &oracleLicence{"C-1", "F-1", "NOTES-S", true}
	}
	o.pass(day("2026-01-01"), day("2026-02-10"))
	for _, n := range names[10:] {
		o.licences[n] = &oracleLicence{"C-1", "F-1", "NOTES-S", true}
	}
	o.pass(day("2026-02-10"), day("2026-04-20"))
	for _, n := range names[:3] {
		o.licences[n].active = false
	}
	o.pass(day("2026-04-20"), day("2026-06-01"))
	o.licences["L-4"].offering, o.licences["L-5"].offering = "NOTES-L", "NOTES-L"
	o.pass(day("2026-06-01"), day("2026-09-30"))
	for _, n := range []string{"L-1", "L-6", "L-7", "L-8"} {
		delete(o.licences, n)
	}
	o.pass(day("2026-09-30"), day("2027-01-01"))
	return o.months()
}

// contract is the one contract of acme, and its documents of a type, by period.
func (b *bench) contract(kind customerspace.DocumentType) (customerspace.Contract, map[string]customerspace.Document) {
	b.Helper()
	c, byPeriod, _ := b.files(kind)
	return c, byPeriod
}

func (b *bench) files(kind customerspace.DocumentType) (
	customerspace.Contract, map[string]customerspace.Document, map[string]string,
) {
	b.Helper()
	sc := b.reach([]string{"C-1"}, []string{"NOTES-S"})
	contracts, err := b.space.Contracts(b.Context(), sc)
	if err != nil || len(contracts) != 1 {
		b.Fatalf("contracts %+v, %v", contracts, err)
	}
	documents, err := b.space.Documents(b.Context(), sc, contracts[0].ID, customerspace.DocumentFilter{Type: kind})
	if err != nil {
		b.Fatal(err)
	}
	byPeriod, files := map[string]customerspace.Document{}, map[string]string{}
	for _, d := range documents {
		if _, twice := byPeriod[d.Period]; twice {
			b.Errorf("two %s of %s", kind, d.Period)
		}
		byPeriod[d.Period] = d
		_, content, err := b.space.File(b.Context(), sc, contracts[0].ID, d.ID)
		if err != nil {
			b.Fatal(err)
		}
		files[d.Period] = string(content)
	}
	return contracts[0], byPeriod, files
}

func TestPartnersYear(t *testing.T) {
	t.Parallel()
	onEachEngine(t, database.Options{}, func(b *bench) {
		b.partnersYear()
		years, err := b.books.YearlyCosts(b.Context(), everything(), 2026, billing.Filter{})
		if err != nil || len(years) != 1 {
			b.Fatalf("%+v, %v", years, err)
		}
		contract, invoices := b.contract(customerspace.TypeInvoices)
		var sum, oracleSum int64
		for period, d := range invoices {
			sum += d.Amount
			want := yearOfOracle()["C-1 "+period[:4]+"-"+period[4:]+" EUR"]
			if oracleSum += want; d.Amount != want || d.Currency != "EUR" {
				b.Errorf("the invoice of %s is %d %s, the oracle's %d EUR", period, d.Amount, d.Currency, want)
			}
		}
		if len(invoices) != 12 || sum != int64(years[0].Amount) || sum != oracleSum || sum == 0 {
			b.Errorf("%d invoices of %d, billing says %d, the oracle %d", len(invoices), sum, years[0].Amount, oracleSum)
		}
		if contract.Customer.Name != acme().Name || contract.Offer.ID != "NOTES-S" || contract.BillingAccount != "C-1" {
			b.Errorf("contract %+v", contract)
		}
		for _, kind := range customerspace.DocumentTypes() {
			if _, documents := b.contract(kind); len(documents) != 12 {
				b.Errorf("%d %s, want 12", len(documents), kind)
			}
		}
	})
}

// The table of a month in which much happens, and the sum of each table of the year.
func TestTables(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	b.partnersYear()
	rows := func(text string) [][]string {
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		r.Comma = ';'
		all, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	_, documents, files := b.files(customerspace.TypeConsumption)
	for period, text := range files {
		var sum billing.Minor
		for i, row := range rows(text) {
			if len(row) != 27 || (i == 0) != (row[0] == "BillingMode") {
				t.Fatalf("%s: row %q", period, row)
			}
			if i > 0 {
				amount, err := billing.Currency("EUR").Parse(strings.Replace(row[16], ",", ".", 1))
				if err != nil || row[18] != row[16] {
					t.Errorf("%s: %q, %v", period, row, err)
				}
				sum += amount
			}
		}
		if int64(sum) != documents[period].Amount {
			t.Errorf("%s: the rows are %d, the document %d", period, sum, documents[period].Amount)
		}
	}
	_, _, bills := b.files(customerspace.TypeBills)
	var april [][]string
	for _, row := range rows(bills["202604"]) {
		april = append(april, row[5:])
	}
	want := [][]string{
		{"Fleet", "From", "To", "State", "Licences", "UnitPrice", "Periodicity", "Charged", "Amount", "Currency"},
		{"F-1", "2026-04-01", "2026-04-19", "active", "15", "4,5", "monthly", "19/30", "42,75", "EUR"},
		{"F-1", "2026-04-20", "2026-04-30", "active", "12", "4,5", "monthly", "11/30", "19,80", "EUR"},
		{"F-1", "2026-04-20", "2026-04-30", "suspended", "3", "0", "monthly", "0", "0,00", "EUR"},
		{"", "2026-04-01", "2026-04-30", "", "", "", "", "", "62,55", "EUR"},
	}
	if d := cmp.Diff(want, april); d != "" {
		t.Errorf("the bill of April (-want +got):\n%s", d)
	}
	_, _, partial := b.files(customerspace.TypePartialBills)
	half := rows(partial["202604"])
	if last := half[len(half)-1]; last[7] != "2026-04-15" || last[13] != "33,75" {
		t.Errorf("the partial bill of April ends with %q", last)
	}
	_, _, usage := b.files(customerspace.TypeReports)
	var june [][]string
	for _, row := range rows(usage["202606"])[1:] {
		june = append(june, row[4:])
	}
	if d := cmp.Diff([][]string{
		{"NOTES-L", "2026-06-01", "2026-06-30", "30", "2", "0", "60"},
		{"NOTES-S", "2026-06-01", "2026-06-30", "30", "10", "3", "300"},
	}, june); d != "" {
		t.Errorf("the usage of June (-want +got):\n%s", d)
	}
}
