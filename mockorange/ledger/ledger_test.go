package ledger_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
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

// month is what acme pays in a month, in cents.
func (b *bench) month(m string) int64 {
	b.Helper()
	b.settled()
	month, err := billing.ParseMonth(m)
	if err != nil {
		b.Fatal(err)
	}
	costs, err := b.books.MonthlyCosts(b.Context(), everything(), month, billing.Filter{Envelopes: []billing.EnvelopeCode{"C-1"}})
	if err != nil {
		b.Fatal(err)
	}
	var sum int64
	for _, c := range costs {
		sum += int64(c.Amount)
	}
	return sum
}

func (b *bench) costs(m string, want int64) {
	b.Helper()
	if got := b.month(m); got != want {
		b.Errorf("%s costs %d, want %d", m, got, want)
	}
}

// status is where one order stands.
func (b *bench) status(reference string) control.OrderStatus {
	b.Helper()
	b.settled()
	all, err := b.Orders(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range all {
		if o.Reference == reference {
			return o
		}
	}
	b.Fatalf("there is no order %s in %+v", reference, all)
	return control.OrderStatus{}
}

func TestSuspendedAndBackWithinADay(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	b.take(order("O-1", "F-1", notes("31"), 1))
	b.moveTo("2026-03-10")
	b.take(update("U-1", change("L-1", "suspended")), update("U-2", change("L-1", "active")))
	b.costs("2026-03", 3100)
	b.take(update("U-3", change("L-1", "suspended")))
	b.costs("2026-03", 900)
	b.moveTo("2026-03-15")
	b.take(update("U-4", change("L-1", "active")))
	b.costs("2026-03", 2600)
	b.take(update("U-5", change("L-1", "suspended")))
	b.costs("2026-03", 900)
	b.moveTo("2026-03-20")
	b.take(update("U-6", change("L-1", "active")), update("U-7", change("L-1", "deleted")), update("U-8", change("L-1", "active")))
	b.costs("2026-03", 900)
	b.costs("2026-04", 0)
	if got := b.status("U-8"); len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "deleted before") {
		b.Errorf("what is said of a deleted licence: %+v", got)
	}
}

func TestOrderedAndDeletedWithinADay(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	b.take(order("O-1", "F-1", notes("10"), 1), update("U-1", change("L-1", "deleted")))
	b.costs("2026-01", 0)
	b.take(order("O-2", "F-1", notes("10"), 1))
	b.costs("2026-01", 1000)
	// The last one goes and another one comes: the fleet has not been without licences for a day.
	b.moveTo("2026-01-12")
	b.take(update("U-2", change("L-2", "deleted")), order("O-3", "F-1", notes("10"), 1))
	b.costs("2026-01", 1000)
	page, err := b.books.Subscriptions(b.Context(), everything(), billing.Filter{}, billing.Order{}, billing.Page{})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("%d subscriptions, %v", len(page.Items), err)
	}
}

func TestWithoutPrice(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	b.take(order("O-1", "F-1", &control.Offering{Code: "FREE"}, 3))
	if got := b.status("O-1"); got.State != control.OrderApplied || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "had no price") {
		b.Errorf("an order without a price: %+v", got)
	}
	b.moveTo("2026-01-16")
	if err := b.PutOfferings(b.Context(), []control.Offering{{Code: "FREE", Price: "31"}}); err != nil {
		b.Fatal(err)
	}
	b.costs("2026-01", 3*1600)
	b.moveTo("2026-02-01")
	sc := b.reach([]string{"C-1"}, []string{"FREE"})
	contracts, err := b.space.Contracts(b.Context(), sc)
	if err != nil || len(contracts) != 1 {
		b.Fatal(contracts, err)
	}
	documents, err := b.space.Documents(b.Context(), sc, contracts[0].ID, customerspace.DocumentFilter{Type: customerspace.TypeReports})
	if err != nil || len(documents) != 1 || documents[0].Amount != 4800 {
		b.Errorf("usage %+v, %v", documents, err)
	}
}

// Changes of price, day by day and back again.
func TestPriceChanges(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	b.take(order("O-1", "F-1", notes("31"), 2), order("O-2", "F-2", notes(""), 1))
	b.moveTo("2026-01-11")
	for _, price := range []string{"62", "93", "62"} {
		if err := b.PutOfferings(b.Context(), []control.Offering{*notes(price)}); err != nil {
			b.Fatal(err)
		}
	}
	b.costs("2026-01", 3*(1000+2*2100))
	o := *notes("62")
	o.Currency = "USD"
	var bad *ledger.InvalidError
	if err := b.PutOfferings(b.Context(), []control.Offering{o}); !errors.As(err, &bad) || bad.Field != "[0].currency" {
		b.Errorf("another currency: %v", err)
	}
}

// A fleet whose licences change more often than billing takes revisions goes on, and no month changes.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	b := open(t, ":memory:", database.Options{}, ledger.Journal{})
	b.take(order("O-1", "F-1", notes("30"), 2))
	day := start
	for i := range billing.MaxRevisions + 15 {
		day = day.AddDate(0, 0, 1)
		b.moveTo(day.Format(time.DateOnly))
		state := control.LicenceSuspended
		if i%2 == 1 {
			state = control.LicenceActive
		}
		b.take(update("U-"+day.Format(time.DateOnly), change("L-1", state)))
	}
	// From 2 January on one of the two is suspended every second day. In July, when billing takes no more revisions, that
	// is sixteen days of 31: 60.00 × 15/31 + 30.00 × 16/31.
	b.costs("2026-06", 4500)
	b.costs("2026-07", 4452)
	page, err := b.books.Subscriptions(b.Context(), everything(), billing.Filter{}, billing.Order{}, billing.Page{})
	if err != nil || len(page.Items) < 2 {
		b.Errorf("%d subscriptions, %v", len(page.Items), err)
	}
}

func TestRefusedOrders(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	with := func(change func(*control.Order)) control.Order {
		o := order("O-1", "F-1", notes("4.50"), 10)
		change(&o)
		return o
	}
	for _, tt := range []struct {
		field string
		order control.Order
	}{
		{"reference", with(func(o *control.Order) { o.Reference = "" })},
		{"reference", with(func(o *control.Order) { o.Reference = "a\x00b" })},
		{"kind", with(func(o *control.Order) { o.Kind = "refund" })},
		{"fleet", with(func(o *control.Order) { o.Fleet = "" })},
		{"quantity", with(func(o *control.Order) { o.Quantity = 0 })},
		{"quantity", with(func(o *control.Order) { o.Quantity = 1_000_001 })},
		{"offering", with(func(o *control.Order) { o.Offering = nil })},
		{"offering.code", with(func(o *control.Order) { o.Offering.Code = strings.Repeat("x", 300) })},
		{"offering.price", with(func(o *control.Order) { o.Offering.Price = "4,50" })},
		{"offering.price", with(func(o *control.Order) { o.Offering.Price = "-1" })},
		{"offering.currency", with(func(o *control.Order) { o.Offering.Currency = "EURO" })},
		{"offering.periodicity", with(func(o *control.Order) { o.Offering.Periodicity = "yearly" })},
		{"customer.name", with(func(o *control.Order) { o.Customer.Name = "\xff" })},
		{"licences", update("U-1")},
		{"licences[0].state", update("U-1", change("L-1", "gone"))},
		{"licences[0].swap", update("U-1", change("L-1", "swapped"))},
		{"licences[1].id", update("U-1", change("L-1", "active"), change("", "active"))},
	} {
		var bad *ledger.InvalidError
		if _, err := b.Take(b.Context(), tt.order); !errors.As(err, &bad) || bad.Field != tt.field {
			b.Errorf("%s: %v", tt.field, err)
		}
	}
	if all, err := b.Orders(b.Context(), ""); err != nil || len(all) != 0 {
		b.Errorf("something was taken: %+v, %v", all, err)
	}
}

// What looks like no code of billing's is billed all the same.
func TestStrangeIdentities(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	for i, fleet := range []string{"Flotte n° 1", "flotte n° 1", "../../etc", strings.Repeat("é", 110)} {
		o := order("O-"+fleet, fleet, &control.Offering{Code: "Offre spéciale / été", Price: "1"}, 1)
		o.Customer = control.OrderCustomer{Reference: "Client №7 <script>", Name: "=cmd|' /C calc'!A0"}
		b.take(o)
		if got := b.status(o.Reference); got.State != control.OrderApplied || len(got.Notes) > 0 {
			b.Errorf("fleet %d: %+v", i, got)
		}
	}
	b.moveTo("2026-02-01")
	costs, err := b.books.MonthlyCosts(b.Context(), everything(), billing.NewMonth(2026, 1), billing.Filter{})
	if err != nil || len(costs) != 1 || costs[0].Amount != 400 || len(costs[0].Envelopes) != 1 {
		b.Errorf("%+v, %v", costs, err)
	}
}

func TestClockMovesForwardOnly(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	move := func(m control.ClockMove, field string) {
		t.Helper()
		var bad *ledger.InvalidError
		_, err := b.MoveClock(b.Context(), m)
		if field == "" && err != nil || field != "" && (!errors.As(err, &bad) || bad.Field != field) {
			t.Errorf("%+v: %v, want a fault of %q", m, err, field)
		}
	}
	move(control.ClockMove{}, "date")
	move(control.ClockMove{Date: "2026-02-01", Months: 1}, "date")
	move(control.ClockMove{Date: "2025-12-31"}, "date")
	move(control.ClockMove{Date: "2026-02-30"}, "date")
	move(control.ClockMove{Date: "9999-12-31"}, "date")
	move(control.ClockMove{Months: 1201}, "months")
	move(control.ClockMove{Months: -1}, "months")
	move(control.ClockMove{Months: 2}, "")
	if got := b.calendar.Now().Format(time.DateTime); got != "2026-03-01 09:30:00" {
		t.Errorf("now is %s", got)
	}
	move(control.ClockMove{Reset: true}, "")
	if got := b.calendar.Now(); !got.Equal(start) {
		t.Errorf("after a reset now is %s", got)
	}
	b.take(order("O-1", "F-1", notes("4.50"), 1))
	move(control.ClockMove{Date: "2026-01-10"}, "")
	move(control.ClockMove{Reset: true}, "")
	move(control.ClockMove{Months: 1}, "")
	move(control.ClockMove{Reset: true}, "reset")       // January is billed
	move(control.ClockMove{Date: "9000-01-01"}, "date") // too many documents
	b.costs("2026-01", 450)
}

// What is left when a process ends is done by the next one, on the day on which it was told.
func TestGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		if engine.Name == "sqlite-memory" {
			continue
		}
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			b := open(t, engine.Address(t), database.Options{}, ledger.Journal{})
			b.Close(context.Background()) // nothing is applied from here on
			b.take(order("O-1", "F-1", notes("31"), 1))
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // nobody waits for what cannot be done
			if _, err := b.MoveClock(ctx, control.ClockMove{Months: 2}); err == nil {
				t.Fatal("a move without time")
			}
			if _, err := b.MoveClock(short(t), control.ClockMove{Months: 2}); err != nil {
				t.Fatal(err)
			}
			b.begin(ledger.Journal{})
			b.settled()
			if got := b.calendar.Today().String(); got != "2026-03-01" {
				t.Errorf("today is %s", got)
			}
			_, invoices := b.contract(customerspace.TypeInvoices)
			if len(invoices) != 2 || invoices["202601"].Amount != 3100 || invoices["202602"].Amount != 3100 {
				t.Errorf("invoices %+v", invoices)
			}
		})
	}
}

// short is a context for a move that cannot be settled.
func short(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// fakeOrange is a mock whose journal the test writes.
type fakeOrange struct {
	control.Orange
	mu      sync.Mutex
	name    string
	entries []control.Entry
	more    chan struct{}
	dropped int64
}

func (f *fakeOrange) Info(context.Context) (control.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return control.Info{Journal: f.name}, nil
}

func (f *fakeOrange) add(paths ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range paths {
		f.entries = append(f.entries, control.Entry{Seq: int64(len(f.entries) + 1), Path: p})
	}
	close(f.more)
	f.more = make(chan struct{})
}

func (f *fakeOrange) Subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if after < f.dropped {
		return nil, &control.GapError{Dropped: f.dropped}
	}
	out := make(chan control.Entry)
	go func() {
		defer close(out)
		for {
			f.mu.Lock()
			list, more := f.entries[after:], f.more
			f.mu.Unlock()
			for _, e := range list {
				select {
				case out <- e:
					after = e.Seq
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// heard waits until an order is known.
func (b *bench) heard(reference string) control.OrderStatus {
	b.Helper()
	for ctx := b.Context(); ; {
		all, err := b.Orders(ctx, "")
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range all {
			if o.Reference == reference {
				return b.status(reference)
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			b.Fatalf("order %s was never heard of", reference)
		}
	}
}

func TestEventsAndPostsTellOfTheSame(t *testing.T) {
	t.Parallel()
	onEachEngine(t, database.Options{}, func(b *bench) {
		told := map[string]control.Order{
			"first":    order("O-1", "F-1", notes("31"), 1),
			"nameless": {Reference: "O-2", Kind: control.KindOrder, Fleet: "F-9", Offering: &control.Offering{Code: "NOTES-S"}, Quantity: 1},
			"more":     {Reference: "O-3", Kind: control.KindOrder, Fleet: "F-1", Offering: &control.Offering{Code: "NOTES-S"}, Quantity: 2},
			"ended": {Reference: "U-1", Kind: control.KindUpdate, Licences: []control.LicenceChange{
				{ID: "L-1", Fleet: "F-1", State: control.LicenceDeleted, Swap: &control.Offering{Code: "NOTES-S"}},
			}},
			"swapped": {Reference: "U-2", Kind: control.KindUpdate, Licences: []control.LicenceChange{
				{ID: "L-2", Fleet: "F-1", State: control.LicenceActive, Swap: &control.Offering{Code: "NOTES-L"}},
			}},
			"wrong": {Reference: "O-4", Kind: control.KindOrder, Fleet: "F-1", Offering: &control.Offering{Code: "NOTES-S"}, Quantity: -2},
		}
		orange := &fakeOrange{name: "one", more: make(chan struct{})}
		journal := ledger.Journal{Orange: orange, FinalOrder: func(e control.Entry) (control.Order, bool) {
			o, ok := told[e.Path]
			return o, ok
		}}
		b.Close(context.Background())
		b.begin(journal)
		orange.add("token", "first", "nameless", "more", "wrong", "ended")
		if got := b.heard("U-1"); got.State != control.OrderApplied || got.Told != "event" {
			b.Errorf("an update known from its event alone: %+v", got)
		}
		b.costs("2026-01", 2*3100)
		if got := b.status("O-2"); got.State != control.OrderIncomplete {
			b.Errorf("an order for nobody knows whom: %+v", got)
		}
		b.take(told["first"]) // the same, posted
		b.costs("2026-01", 2*3100)
		posted := told["nameless"]
		posted.Customer = acme()
		b.take(posted)
		b.costs("2026-01", 3*3100)
		if _, err := b.Take(b.Context(), control.Order{
			Reference: "O-5", Kind: control.KindOrder, Customer: acme(), Fleet: "F-5", Offering: large("62"), Quantity: 1,
		}); err != nil {
			b.Fatal(err)
		}
		b.costs("2026-01", 3*3100+6200)
		orange.add("swapped")
		if got := b.heard("U-2"); got.State != control.OrderApplied {
			b.Errorf("a swap known from its event alone: %+v", got)
		}
		b.costs("2026-01", 2*3100+2*6200)
		b.Close(context.Background())

		// The program is started anew, and so is the mock: all is told again, and counts once.
		orange.mu.Lock()
		orange.name = "two"
		orange.mu.Unlock()
		told["last"] = order("O-6", "F-1", notes(""), 1)
		b.begin(journal)
		orange.add("last")
		b.heard("O-6")
		b.costs("2026-01", 3*3100+2*6200)
		b.Close(context.Background())

		// Entries that were dropped meanwhile are passed over.
		told["late"] = order("O-7", "F-1", notes(""), 1)
		orange.add("token", "late")
		orange.mu.Lock()
		orange.dropped = int64(len(orange.entries) - 1)
		orange.mu.Unlock()
		b.begin(journal)
		b.heard("O-7")
		b.costs("2026-01", 4*3100+2*6200)
	})
}

func TestControlPort(t *testing.T) {
	t.Parallel()
	b := inFile(t)
	port := httptest.NewServer(b.Ledger)
	t.Cleanup(port.Close)
	c := control.NewClient(port.URL, "", port.Client())
	ctx := t.Context()
	if err := c.PutOfferings(ctx, []control.Offering{*notes("31")}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.PostOrder(ctx, order("O-1", "F-1", notes(""), 2)), c.PostOrder(ctx, order("O-1", "F-1", notes(""), 2))); err != nil {
		t.Fatal(err)
	}
	clock, err := c.MoveClock(ctx, control.ClockMove{Months: 1})
	if d := cmp.Diff(control.Clock{Date: "2026-02-01", Moved: true}, clock); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if again, err := c.BillingClock(ctx); again != clock || err != nil {
		t.Errorf("%+v, %v", again, err)
	}
	orders, err := c.Orders(ctx, "C-1")
	want := []control.OrderStatus{{
		Reference: "O-1", Kind: control.KindOrder, Customer: "C-1", Day: "2026-01-01", Told: "control", State: control.OrderApplied,
	}}
	if d := cmp.Diff(want, orders); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if others, err := c.Orders(ctx, "C-2"); err != nil || len(others) != 0 {
		t.Errorf("%+v, %v", others, err)
	}
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/control/orders", `{"reference": "O-2"`, 400},
		{"POST", "/control/orders", `{"reference": "O-2", "colour": "red"}`, 400},
		{"POST", "/control/orders", `{"reference": "O-2", "kind": "order"}`, 400},
		{"POST", "/control/clock", `{"date": "2026-01-01"}`, 400},
		{"POST", "/control/offerings", `[{"code": "X", "price": "dear"}]`, 400},
		{"POST", "/control/offerings", `{}`, 400},
		{"DELETE", "/control/clock", ``, 405},
		{"GET", "/control/orders/O-1", ``, 404},
	} {
		request := httptest.NewRequestWithContext(ctx, tt.method, tt.path, strings.NewReader(tt.body))
		recorder := httptest.NewRecorder()
		b.ServeHTTP(recorder, request)
		if recorder.Code != tt.status || !strings.Contains(recorder.Body.String(), `"description"`) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, recorder.Code, recorder.Body)
		}
	}
}
