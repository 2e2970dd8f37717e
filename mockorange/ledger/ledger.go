package ledger

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// Books is billing, written to in the ledger's own transactions.
type Books interface {
	In(tx *database.Tx) billing.Store
}

// Space is where customers find contracts and documents. Its calls are part of tx. Both put what is new, and replace what
// has the same Reference.
type Space interface {
	// PutContract returns the id that the customer knows the contract by, which never changes.
	PutContract(ctx context.Context, tx *database.Tx, c Contract) (id string, err error)
	PutDocument(ctx context.Context, tx *database.Tx, d Document) error
}

// Contract is what one customer has with Orange for what the partner sells.
type Contract struct {
	Reference string // the ledger's own key
	Name      string
	Customer  string // Orange's reference of the customer, which is the billing account too
	Label     string // the customer's name
	Offer     string // code of the offering that was ordered first
	OfferName string
	At        time.Time // by the billing calendar
}

// Document is one document of a contract.
type Document struct {
	Reference string // the ledger's own key
	Contract  string // id
	Type      DocumentType
	Filename  string
	Period    billing.Month
	Amount    billing.Minor // excluding tax
	Currency  billing.Currency
	At        time.Time // by the billing calendar
	Content   []byte
}

// DocumentType is a type of document as the customer space spells it.
type DocumentType string

// The types.
const (
	TypeInvoices           DocumentType = "invoices"
	TypeBills              DocumentType = "bills"
	TypePartialBills       DocumentType = "partialBills"
	TypeReports            DocumentType = "reports"
	TypeConsumption        DocumentType = "comsumptionRatedReports" // as it is spelt on the wire
	TypePartialConsumption DocumentType = "partialConsumptionRatedReports"
)

// Options of a ledger. All but Patience and Log are required.
type Options struct {
	DB       *database.DB
	Calendar *Calendar
	Books    Books
	Space    Space
	// Patience is how long a move of the calendar waits for what it has started; 0 is 30 s.
	Patience time.Duration
	Log      *slog.Logger // nil drops everything
}

// Ledger is open from New to Close, and at work from Start on.
type Ledger struct {
	opts     Options
	db       *database.DB
	calendar *Calendar
	log      *slog.Logger
	tasks    *outbox.Outbox
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when a task has ended
}

// errOptions says what New cannot do without.
var errOptions = errors.New("a ledger needs a database, a calendar, books and a space")

const queue = "ledger"

// New opens the ledger in a database whose calendar is open. It does nothing until Start.
func New(ctx context.Context, o Options) (*Ledger, error) {
	if o.DB == nil || o.Calendar == nil || o.Books == nil || o.Space == nil {
		return nil, errOptions
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Ledger{opts: o, db: o.DB, calendar: o.Calendar, log: o.Log, changed: make(chan struct{})}
	workers := 8
	if o.DB.Dialect() == database.SQLite {
		workers = 1 // it has one writer, whatever waits for it
	}
	tasks, err := outbox.Open(ctx, o.DB, outbox.Options{Queue: queue, Workers: workers, Log: o.Log})
	if err != nil {
		return nil, err
	}
	l.tasks = tasks
	return l, nil
}

// Journal is where events tell of orders too. The zero value is none: then only POST /control/orders does.
type Journal struct {
	Orange control.Orange
	// FinalOrder is the order that an entry tells of; ok is false where it tells of none.
	FinalOrder func(control.Entry) (o control.Order, ok bool)
}

// Start applies what is stored, reads the journal, and follows the calendar, until Close.
func (l *Ledger) Start(ctx context.Context, j Journal) {
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.tasks.Start(l.work)
	l.running.Go(func() { l.followDays(ctx) })
	if j.Orange != nil {
		l.running.Go(func() { l.followJournal(ctx, j) })
	}
}

// Close ends what Start began. Tasks that are left when ctx ends are taken up by the next process.
func (l *Ledger) Close(ctx context.Context) {
	if l.stop != nil {
		l.stop()
		l.running.Wait()
	}
	l.tasks.Close(ctx)
}

// notify wakes who waits for tasks to end.
func (l *Ledger) notify() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
}

// Settle waits until no task is left to be done, or ctx ends, and says how many are left then.
func (l *Ledger) Settle(ctx context.Context) (pending int, err error) {
	for {
		l.mu.Lock()
		changed := l.changed
		l.mu.Unlock()
		pending, _, err = l.tasks.Count(context.WithoutCancel(ctx))
		if err != nil || pending == 0 || ctx.Err() != nil {
			return pending, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// house is who the ledger is to billing: it administers, and each act says which order or period made it act.
func house(act string) (billing.Actor, billing.Scope) {
	client := billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	return billing.Actor{Kind: billing.ActorSystem, Reason: act}, billing.ScopeOf(client, 0)
}
