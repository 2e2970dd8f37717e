// Package partner is the reference partner: a small SaaS company that takes orders for licences from Orange and
// answers them as the contract says, at once or by events later. It is written to be read by those who build their own.
//
// It owns the partner's side of both APIs, its state, its jobs, the delivery of its events, and the customer tool by
// which its customers change licences themselves. It does not own the contract's structs (wire) nor any judgement.
//
// A request goes: server.go (HTTP) -> accept in jobs.go (once per reference) -> orders.go or updates.go (the rules) ->
// store.go, which is memory.go or durable.go. In asynchronous mode a job of backlog.go does the last two steps later, and
// delivery.go tells Orange the outcome.
package partner

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clementine-ope/clementine/internal/httpserve"
	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/internal/profile"
)

// Options says which partner to be, and where. Only Profile is required; GatewayURL and TokenURL are too in
// asynchronous mode, and without them a synchronous partner has no customer tool, because it could not report a change.
type Options struct {
	Profile      *profile.Profile
	Listen       string      // host:port; "" or port 0 lets the system choose
	TLS          *tls.Config // nil serves plain HTTP
	GatewayTLS   *tls.Config // for calls to the gateway and the token endpoint; nil trusts the system's authorities
	GatewayURL   string      // base URL of Orange's gateway, before /{offer}/…
	TokenURL     string      // Orange's token endpoint
	ClientID     string
	ClientSecret string
	Delay        time.Duration            // how long the work on an acknowledged request takes
	Now          func() time.Time         // nil = time.Now
	IDs          func(kind string) string // new opaque ids, safe for concurrent use; nil = random, such as "lic_…"
	Logger       *slog.Logger             // nil = silent
	Seam         Seam                     // the zero value is the reference
	Store        *Durable                 // nil = memory: nothing outlives Close
	Requests     *operations.Requests     // counts and logs what is asked; nil = nobody does
	Metrics      prometheus.Registerer    // of this partner alone; nil = nobody looks
}

// Partner is a running reference partner: Listen, Start, URL, Close.
type Partner struct {
	profile *profile.Profile
	delay   time.Duration
	now     func() time.Time
	ids     func(kind string) string
	log     *slog.Logger
	rules   Rules
	store   store
	backlog backlog
	courier *courier
	server  *httpserve.Server
	metrics metrics
}

// New returns a partner that does not listen yet. It fails if the profile's mode is unknown or an address that the mode
// needs is missing.
func New(o Options) (*Partner, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("set up the partner: %w", err)
	}
	o.defaults()
	p := &Partner{
		profile: o.Profile,
		delay:   o.Delay,
		now:     o.Now,
		ids:     o.IDs,
		log:     o.Logger,
		metrics: newMetrics(o.Metrics),
	}
	p.courier = newCourier(o, p.metrics)
	if err := o.Store.watch(o.Metrics); err != nil {
		return nil, fmt.Errorf("set up the partner: %w", err)
	}
	p.keepIn(o.Store)
	p.rules = p.reference()
	if o.Seam.Rules != nil {
		p.rules = o.Seam.Rules(p.rules)
	}
	var handler http.Handler = p.routes(o.GatewayURL != "")
	if o.Seam.WrapHandler != nil {
		handler = o.Seam.WrapHandler(handler)
	}
	p.server = httpserve.New(answering(o.Requests.Around("partner", handler)), httpserve.Options{Addr: o.Listen, TLS: o.TLS, Logger: o.Logger})
	return p, nil
}

// keepIn gives the partner its store, and a backlog that fits.
func (p *Partner) keepIn(durable *Durable) {
	if durable == nil {
		p.store = newMemory()
		p.backlog = &volatile{Partner: p, jobs: newLanes(), events: newLanes()}
		return
	}
	p.store = durable
	p.backlog = &lasting{Partner: p, Durable: durable}
}

func (o *Options) check() error {
	switch {
	case o.Profile == nil:
		return errors.New("a profile is required")
	case o.Profile.Mode != profile.Sync && o.Profile.Mode != profile.Async:
		return fmt.Errorf("mode must be sync or async, is %q", o.Profile.Mode)
	case o.Profile.Mode == profile.Async && o.GatewayURL == "":
		return errors.New("asynchronous mode needs the gateway's URL")
	case o.GatewayURL != "" && o.TokenURL == "":
		return errors.New("a gateway needs a token URL")
	case o.GatewayURL != "" && o.Profile.Offer == "":
		return errors.New("the profile's offer is required: events go to its path")
	}
	return nil
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.IDs == nil {
		o.IDs = func(kind string) string { return kind + "_" + strings.ToLower(rand.Text()) }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Listen takes the address and returns at once; an address in use is an error.
func (p *Partner) Listen() error { return p.server.Listen() }

// Start answers requests in the background, and goes on with what a durable store holds from before. Listen must have been called.
func (p *Partner) Start() {
	p.backlog.start()
	p.server.Start()
}

// URL is the partner's base URL, without a last slash; empty before Listen.
func (p *Partner) URL() string { return p.server.URL() }

// closeGrace bounds Close where its context does not: a gateway that has gone would keep it waiting.
const closeGrace = 5 * time.Second

// Close takes no more requests, ends the jobs and deliveries under way, and gives up those that are left when ctx ends
// or five seconds have passed. In a durable store they wait for the next start.
func (p *Partner) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeGrace)
	defer cancel()
	err := p.server.Close(ctx)
	p.backlog.close(ctx)
	p.courier.close()
	return err
}

func (p *Partner) async() bool { return p.profile.Mode == profile.Async }

func (p *Partner) offering(code string) (profile.Offering, bool) {
	for _, o := range p.profile.Offerings {
		if o.Code == code {
			return o, true
		}
	}
	return profile.Offering{}, false
}
