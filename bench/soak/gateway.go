package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// Credentials of the application that clementine serve lets in unless told otherwise.
const (
	clientID     = "demo"
	clientSecret = "demo-secret"
)

// GatewayOptions are the choices of a soak of the gateway; all are required but Log.
type GatewayOptions struct {
	Programs
	Database string        // file or postgres:// URL of an empty database
	Duration time.Duration // events are sent for so long, and those that were refused once more after it
	Rate     int           // events a second; calls come a tenth faster, because refused events are sent again
	Between  int           // events from one fault to the next
	Seed     uint64        // of the order in which faults come
	Patience time.Duration // how long what is missing may still come in, counted from the last thing that did
	Log      io.Writer     // findings, a line each, and what the programs complain about; nil drops it
}

// GatewayResult is what a soak of the gateway has come to.
type GatewayResult struct {
	Events   int           // distinct ones
	Calls    int           // that carried them
	Refused  int           // calls with an answer other than 201
	Unheard  int           // calls without an answer
	Faults   int           // that were armed, refused connections among them
	Tokens   int           // that were asked for
	Rate     float64       // events taken a second, while new ones came
	Took     time.Duration // until the last was taken
	Steady   Latency       // of calls that no fault acted on and that got 201
	All      Latency       // of all calls while new events came
	Memory   Memory
	Stored   int64 // bytes of the database's file
	Reread   int   // entries that were read again from the store after the server had been killed
	Findings Findings
}

// Findings count what must not be.
type Findings struct {
	Lost        int // calls answered 201 that the journal has not shown as such, or has no longer after kill -9
	Undelivered int // events that were never answered 201, however often they were sent
	Misreported int // calls whose answer is another in the journal: status, request id, or what was sent
	Doubled     int // calls that stand in the journal twice
	Invented    int // entries of calls that were not made
}

// String is the line that says whether all went well.
func (f Findings) String() string {
	return fmt.Sprintf("lost %d undelivered %d misreported %d doubled %d invented %d", f.Lost, f.Undelivered, f.Misreported, f.Doubled, f.Invented)
}

// Err is nil if nothing was found, and memory was flat.
func (r GatewayResult) Err() error {
	var found error
	if r.Findings != (Findings{}) {
		found = errors.New(r.Findings.String())
	}
	return errors.Join(found, r.Memory.Err())
}

// Gateway sends events to clementine serve at a rate that does not wait for answers, while its faults act one after the other,
// and sends again what was not answered 201. It follows the journal meanwhile, then kills the server, starts it again on the same
// database, and reads the journal from the store. Its error is a soak that could not be judged.
func Gateway(ctx context.Context, o GatewayOptions) (r GatewayResult, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := startServe(ctx, o.Clementine, o.Log, "--database", o.Database)
	if err != nil {
		return r, err
	}
	defer func() {
		if s != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	steer := control.NewClient(s.control, "", &http.Client{Timeout: callLimit})
	d := &driver{GatewayOptions: o, server: s, control: steer, ledger: newLedger(o.Log)}
	following, endFollowing := context.WithCancel(ctx)
	defer endFollowing()
	entries, err := steer.Subscribe(following, 0)
	if err != nil {
		return r, err
	}
	go d.ledger.follow(entries)
	if r, err = d.drive(ctx); err != nil {
		return r, err
	}
	d.ledger.settle(ctx, o.Patience)
	endFollowing()
	if err := s.kill(); err != nil {
		return r, err
	}
	s = nil
	if info, err := os.Stat(o.Database); err == nil {
		r.Stored = info.Size()
	}
	if r.Reread, err = d.ledger.reread(ctx, o); err != nil {
		return r, err
	}
	d.ledger.sumUp(&r)
	return r, nil
}

// driver sends the events of one soak.
type driver struct {
	GatewayOptions
	server  *server
	control *control.Client
	ledger  *ledger
	attack  *attack
}

func (d *driver) drive(ctx context.Context) (r GatewayResult, err error) {
	if err := d.refresh(ctx); err != nil {
		return r, err
	}
	if d.attack, err = startAttack(ctx, d.Vegeta, d.Rate+d.Rate/10, d.Log); err != nil {
		return r, err
	}
	began, sampler := time.Now(), startSampler(ctx, d.server.control, sampleEvery(d.Duration))
	troubles := startTroubles(ctx, d.control, rand.New(rand.NewPCG(d.Seed, 0)))
	read := make(chan error, 1)
	go func() { read <- d.read(ctx) }()
	total := int(d.Duration.Seconds() * float64(d.Rate))
	fed := d.feed(ctx, total, troubles)
	fresh := time.Since(began)
	r.Faults, err = troubles.stop()
	err = errors.Join(err, fed, d.sendRest(ctx), d.attack.end())
	err = errors.Join(err, <-read, d.attack.wait())
	r.Took = time.Since(began)
	memory, failure := sampler.memory(fresh)
	r.Memory, r.Rate = memory, float64(total)/fresh.Seconds()
	return r, errors.Join(err, failure)
}

// feed gives each event to the generator, those first that were refused, and arms faults on the way.
func (d *driver) feed(ctx context.Context, total int, troubles *troubles) error {
	for n := 0; n < total; {
		if err := ctx.Err(); err != nil {
			return err
		}
		event, again := d.ledger.again()
		if !again {
			event = d.ledger.add()
			if n++; n%d.Between == 0 {
				troubles.next()
			}
		}
		if err := d.make(event, false); err != nil {
			return err
		}
	}
	return nil
}

// sendRest sends again until every event has been taken, or nothing moves any more.
func (d *driver) sendRest(ctx context.Context) error {
	for d.ledger.waiting(ctx, d.Patience) {
		for event, again := d.ledger.again(); again; event, again = d.ledger.again() {
			if err := d.make(event, true); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (d *driver) make(event int, late bool) error {
	number, token := d.ledger.call(event, late)
	return d.attack.make(call{
		Method: http.MethodPost, URL: fmt.Sprintf("%s/mba2/productordering/v2/event?%s%d", d.server.gateway, callQuery, number), Body: eventBody(event),
		Header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}},
	})
}

// read takes what the generator has done, and asks for a new token where that of a call is no longer good.
func (d *driver) read(ctx context.Context) error {
	var failure error
	for s := range d.attack.shots {
		stale, err := d.ledger.answered(s)
		if err == nil && stale {
			err = d.refresh(ctx)
		}
		failure = errors.Join(failure, err)
	}
	return failure
}

func (d *driver) refresh(ctx context.Context) error {
	token, err := d.server.token(ctx, clientID, clientSecret)
	if err == nil {
		d.ledger.renew(token)
	}
	return err
}
