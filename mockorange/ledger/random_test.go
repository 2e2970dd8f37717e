package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
	"github.com/clementine-ope/clementine/mockorange/ledger"
)

// orders make random orders and updates, tell the oracle and the ledger of them, and let days pass.
type orders struct {
	*bench
	*rand.Rand
	oracle *oracle
	day    time.Time
	number int
	retry  bool // a write may fail, and is then tried again
}

func catalogue() []control.Offering {
	return []control.Offering{
		{Code: "MONTH", Name: "Month", Price: "4.50", Currency: "EUR", Periodicity: "monthly"},
		{Code: "ODD", Name: "Odd", Price: "9.995", Currency: "EUR", Periodicity: "monthly"},
		{Code: "WEEK", Name: "Week", Price: "1.25", Currency: "EUR", Periodicity: "weekly"},
		{Code: "DAY", Name: "Day", Price: "0.335", Currency: "EUR", Periodicity: "daily"},
		{Code: "DOLLAR", Name: "Dollar", Price: "7", Currency: "USD", Periodicity: "monthly"},
	}
}

func (o *orders) try(act func() error) {
	o.Helper()
	for attempt := 0; ; attempt++ {
		err := act()
		if err == nil {
			return
		}
		if !o.retry || attempt == 20 {
			o.Fatal(err)
		}
	}
}

func (o *orders) post(order control.Order) {
	o.try(func() error { _, err := o.Take(o.Context(), order); return err })
	if o.IntN(4) == 0 { // and once more, as after a broken connection
		o.try(func() error { _, err := o.Take(o.Context(), order); return err })
	}
}

// pick is a customer or a fleet.
func (o *orders) next(kind string) string {
	o.number++
	return fmt.Sprintf("%s-%d", kind, o.number)
}

func (o *orders) order() {
	offerings := catalogue()
	offering := offerings[o.IntN(len(offerings))]
	customer := fmt.Sprintf("C-%d", o.IntN(3))
	fleet := fmt.Sprintf("%s-F-%d", customer, o.IntN(2))
	quantity := 1 + o.IntN(12)
	for range quantity {
		o.oracle.licences[o.next("L")] = &oracleLicence{customer, fleet, offering.Code, true}
	}
	offering.Price = ""
	o.post(control.Order{
		Reference: o.next("O"), Kind: control.KindOrder, Customer: control.OrderCustomer{Reference: customer, Name: "Customer " + customer},
		Fleet: fleet, Offering: &offering, Quantity: quantity,
	})
}

// update changes some licences of one customer.
func (o *orders) update() {
	ids := make([]string, 0, len(o.oracle.licences))
	for id := range o.oracle.licences {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	customer := o.oracle.licences[ids[o.IntN(len(ids))]].customer
	u := control.Order{Reference: o.next("U"), Kind: control.KindUpdate, Customer: control.OrderCustomer{Reference: customer}}
	state := []control.LicenceState{
		control.LicenceSuspended, control.LicenceInactive, control.LicenceActive, control.LicenceDeleted, control.LicenceSwapped,
	}[o.IntN(5)]
	most := 1 + o.IntN(15)
	for _, i := range o.Perm(len(ids)) {
		l := o.oracle.licences[ids[i]]
		if l.customer != customer || len(u.Licences) == most {
			continue
		}
		c := control.LicenceChange{ID: ids[i], Fleet: l.fleet, Offering: l.offering, State: state}
		switch state {
		case control.LicenceDeleted:
			delete(o.oracle.licences, ids[i])
		case control.LicenceSwapped:
			to := catalogue()[o.IntN(5)]
			to.Price = ""
			c.Swap, l.offering = &to, to.Code
		default:
			l.active = state == control.LicenceActive
		}
		u.Licences = append(u.Licences, c)
	}
	o.post(u)
}

func (o *orders) reprice() {
	offering := catalogue()[o.IntN(5)]
	offering.Price = fmt.Sprintf("%d.%03d", o.IntN(20), o.IntN(1000))
	o.try(func() error { return o.PutOfferings(o.Context(), []control.Offering{offering}) })
	o.oracle.sell(o.day, offering)
}

// pass moves the calendar.
func (o *orders) pass(days int) {
	to := o.day.AddDate(0, 0, days)
	o.try(func() error {
		clock, err := o.MoveClock(o.Context(), control.ClockMove{Date: to.Format(time.DateOnly)})
		if err == nil && clock.Parked > 0 {
			o.Fatalf("given up: %+v", clock)
		}
		return err
	})
	o.oracle.pass(o.day, to)
	o.day = to
}

// year runs a year and compares, month by month, the oracle, billing and the invoices.
func (o *orders) year(steps int) {
	o.Helper()
	o.day, o.oracle = start.Truncate(24*time.Hour), newOracle()
	o.try(func() error { return o.PutOfferings(o.Context(), catalogue()) })
	for _, offering := range catalogue() {
		o.oracle.sell(o.day, offering)
	}
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range steps {
		switch n := o.IntN(20); {
		case n < 6:
			o.order()
		case n < 19:
			o.update()
		default:
			o.reprice()
		}
		if left := int(end.Sub(o.day).Hours() / 24); left > 1 {
			o.pass(o.IntN(min(left, 2*left/(steps-i)+1)))
		}
	}
	o.pass(int(end.Sub(o.day).Hours() / 24))
	o.settled()
}

func (o *orders) compare() {
	o.Helper()
	want := o.oracle.months()
	var oracleTotal int64
	for _, v := range want {
		oracleTotal += v
	}
	inBilling, inYear := map[string]int64{}, int64(0)
	for m := billing.NewMonth(2026, 1); m <= billing.NewMonth(2026, 12); m++ {
		costs, err := o.books.MonthlyCosts(o.Context(), everything(), m, billing.Filter{})
		if err != nil {
			o.Fatal(err)
		}
		for _, c := range costs {
			for _, e := range c.Envelopes {
				inBilling[fmt.Sprint(e.Envelope, " ", m, " ", c.Currency)] += int64(e.Amount)
			}
		}
	}
	years, err := o.books.YearlyCosts(o.Context(), everything(), 2026, billing.Filter{})
	if err != nil {
		o.Fatal(err)
	}
	for _, y := range years {
		inYear += int64(y.Amount)
	}
	if diff := cmp.Diff(want, inBilling); diff != "" {
		o.Errorf("billing is not the oracle (-oracle +billing):\n%s", diff)
	}
	invoices := o.amounts(customerspace.TypeInvoices)
	if diff := cmp.Diff(want, invoices); diff != "" {
		o.Errorf("the invoices are not the oracle's months (-oracle +invoices):\n%s", diff)
	}
	if diff := cmp.Diff(invoices, o.amounts(customerspace.TypeBills)); diff != "" {
		o.Errorf("bills are not invoices:\n%s", diff)
	}
	if inYear != oracleTotal || oracleTotal == 0 {
		o.Errorf("billing's year is %d, the oracle's %d", inYear, oracleTotal)
	}
	if report, err := o.books.Reconcile(o.Context(), billing.Actor{Kind: billing.ActorSystem}, everything()); err != nil || len(report.Drifts) > 0 {
		o.Errorf("%+v, %v", report, err)
	}
}

// amounts are those of the documents of a type that are not zero, by customer, month and currency.
func (o *orders) amounts(kind customerspace.DocumentType) map[string]int64 {
	o.Helper()
	customers := []string{"C-0", "C-1", "C-2"}
	offers := []string{"MONTH", "ODD", "WEEK", "DAY", "DOLLAR"}
	sc := o.reach(customers, offers)
	contracts, err := o.space.Contracts(o.Context(), sc)
	if err != nil {
		o.Fatal(err)
	}
	amounts, seen := map[string]int64{}, map[string]bool{}
	for _, c := range contracts {
		documents, err := o.space.Documents(o.Context(), sc, c.ID, customerspace.DocumentFilter{Type: kind})
		if err != nil {
			o.Fatal(err)
		}
		for _, d := range documents {
			key := fmt.Sprint(c.BillingAccount, " ", d.Period[:4], "-", d.Period[4:], " ", d.Currency)
			if seen[key] {
				o.Errorf("%s twice for %s", kind, key)
			}
			seen[key] = true
			if d.Amount != 0 {
				amounts[key] = d.Amount
			}
		}
	}
	return amounts
}

func seeds() (count, steps int) {
	if os.Getenv("CLEMENTINE_LONG") == "1" {
		return 100, 300
	}
	return 1, 40
}

func TestYearOfRandomOrders(t *testing.T) {
	t.Parallel()
	count, steps := seeds()
	for seed := range count {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			onEachEngine(t, database.Options{}, func(b *bench) {
				o := orders{bench: b, Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
				o.year(steps)
				o.compare()
			})
		})
	}
}

// TestCrash fails commits again and again, in whatever they are: an order taken, a task claimed, applied, or put off.
func TestCrash(t *testing.T) {
	t.Parallel()
	errCrash := errors.New("crash before the commit")
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var commits, crashes atomic.Int64
			var armed atomic.Bool
			b := open(t, engine.Address(t), database.Options{BeforeCommit: func() error {
				if armed.Load() && commits.Add(1)%8 == 0 {
					crashes.Add(1)
					return errCrash
				}
				return nil
			}}, ledger.Journal{})
			armed.Store(true)
			o := orders{bench: b, Rand: rand.New(rand.NewPCG(7, 7)), retry: true}
			o.year(8)
			armed.Store(false)
			o.compare()
			if crashes.Load() < 5 {
				t.Errorf("%d crashes only", crashes.Load())
			}
		})
	}
}
