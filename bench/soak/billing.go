package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"time"
)

// BillingOptions are the choices of a soak of billing; all are required but Log.
type BillingOptions struct {
	Programs
	Database string // of an empty database, as --database takes it: not memory
	Duration time.Duration
	Rate     int    // calls a second
	Seed     uint64 // of the traffic
	Log      io.Writer
	// Between is done while no server runs, after the load and before it is compared with what is stored; nil is nothing.
	Between func(ctx context.Context) error
}

// BillingResult is what a soak of billing has come to.
type BillingResult struct {
	Calls         int
	Errors        int // calls that were not answered as they had to be
	Subscriptions int // that were made
	Changes       int // of them
	Rate          float64
	Latency       map[string]Latency // by kind of call
	Memory        Memory
	// After the load, on a server that was started again:
	Lost    int  // subscriptions that are not there, or not in the version that was last acknowledged
	Drifted bool // a stored sum is not what the subscriptions add up to
}

// Err is nil if every call was answered as it had to be, nothing is lost, and the sums are right.
func (r BillingResult) Err() error {
	var found error
	if r.Errors+r.Lost > 0 {
		found = fmt.Errorf("%d calls failed, %d subscriptions are lost", r.Errors, r.Lost)
	}
	if r.Drifted {
		found = errors.Join(found, errors.New("the roll-up is not what the subscriptions add up to"))
	}
	return errors.Join(found, r.Memory.Err())
}

// Billing sends a mix of reads, lists, new subscriptions, changes and reports to the API of clementine serve, at a rate that does
// not wait for answers, then has the stored sums compared with the subscriptions, and every subscription with what was acknowledged.
// Its error is a soak that could not be judged.
func Billing(ctx context.Context, o BillingOptions) (r BillingResult, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	b := &biller{BillingOptions: o, book: newBook(rand.New(rand.NewPCG(o.Seed, 1)), o.Log)}
	if b.secret, err = addClient(ctx, o); err != nil {
		return r, err
	}
	if err := b.serving(ctx, func() error {
		if err := b.furnish(ctx); err != nil {
			return err
		}
		return b.load(ctx, &r)
	}); err != nil {
		return r, err
	}
	if o.Between != nil {
		if err := o.Between(ctx); err != nil {
			return r, err
		}
	}
	if err := b.serving(ctx, func() error { return b.compare(ctx, &r) }); err != nil {
		return r, err
	}
	r.Drifted, err = drifted(ctx, o)
	b.book.sumUp(&r)
	return r, err
}

// client are the credentials that billing client add prints.
type client struct {
	ID     string `json:"clientID"`
	Secret string `json:"clientSecret"`
}

func addClient(ctx context.Context, o BillingOptions) (c client, err error) {
	add := exec.CommandContext(ctx, o.Clementine, "billing", "client", "add", "--name", "soak", "--role", "admin", "--database", o.Database) // #nosec G204 -- the program under load
	add.Stderr = o.Log
	out, err := add.Output()
	if err != nil {
		return c, fmt.Errorf("billing client add: %w", err)
	}
	return c, json.Unmarshal(out, &c)
}

// drifted has the program compare every stored sum with the subscriptions.
func drifted(ctx context.Context, o BillingOptions) (bool, error) {
	reconcile := exec.CommandContext(ctx, o.Clementine, "billing", "reconcile", "--database", o.Database) // #nosec G204 -- the program under load
	reconcile.Stderr = o.Log
	out, err := reconcile.Output()
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) && ended.ExitCode() == 1 {
		fmt.Fprintf(o.Log, "%s\n", out)
		return true, nil
	}
	return false, err
}

// biller is one soak of billing.
type biller struct {
	BillingOptions
	book   *book
	secret client
	server *server
	token  string
}

// serving does something while the server runs.
func (b *biller) serving(ctx context.Context, do func() error) (err error) {
	if b.server, err = startServe(ctx, b.Clementine, b.Log, "--database", b.Database); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.server.stop()) }()
	if b.token, err = b.server.token(ctx, b.secret.ID, b.secret.Secret); err != nil {
		return err
	}
	return do()
}

// furnish makes the offers and envelopes.
func (b *biller) furnish(ctx context.Context) error {
	for i := range offers {
		if _, err := b.call(ctx, http.MethodPost, "/offers", fmt.Appendf(nil, `{"code":%q,"name":"Offer %d","currency":"EUR"}`, offerCode(i), i)); err != nil {
			return err
		}
	}
	for i := range envelopes {
		if _, err := b.call(ctx, http.MethodPost, "/envelopes", fmt.Appendf(nil, `{"code":%q,"label":"Envelope %d"}`, envelopeCode(i), i)); err != nil {
			return err
		}
	}
	return nil
}

// call makes one call outside of the load.
func (b *biller) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, b.server.gateway+billingBase+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+b.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, pageLimit))
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s answered %d: %s", method, path, response.StatusCode, answer)
	}
	return answer, err
}

func (b *biller) load(ctx context.Context, r *BillingResult) error {
	a, err := startAttack(ctx, b.Vegeta, b.Rate, b.Log)
	if err != nil {
		return err
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := range a.shots {
			b.book.answered(s)
		}
	}()
	began, sampler := time.Now(), startSampler(ctx, b.server.control, sampleEvery(b.Duration))
	for range int(b.Duration.Seconds() * float64(b.Rate)) {
		if err = a.make(b.book.next(b.server.gateway+billingBase, b.token)); err != nil {
			break
		}
	}
	took := time.Since(began)
	err = errors.Join(err, a.end())
	<-read
	memory, failure := sampler.memory(took)
	r.Memory, r.Rate = memory, b.Duration.Seconds()*float64(b.Rate)/took.Seconds()
	return errors.Join(err, failure, a.wait())
}

// compare looks for every subscription, in the version that was last acknowledged.
func (b *biller) compare(ctx context.Context, r *BillingResult) error {
	lines, err := b.call(ctx, http.MethodGet, "/subscriptions?format=jsonl", nil)
	if err != nil {
		return err
	}
	r.Lost, err = b.book.missing(lines)
	return err
}
