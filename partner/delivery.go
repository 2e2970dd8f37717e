package partner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/clementine-ope/clementine/internal/outbox"
)

// Delivery is one event on its way to Orange.
type Delivery struct {
	ID   string
	Lane string      // events of one lane arrive in order: the customer's
	Path string      // below the gateway's URL
	Body []byte      // JSON; the same bytes at each attempt
	task outbox.Task // what a durable store holds of it, under the lease of this attempt
}

// How hard an event is tried.
const (
	callTimeout  = 10 * time.Second      // one call to the gateway or to the token server
	firstPause   = 50 * time.Millisecond // before the second attempt; doubled each time, with jitter
	longestPause = 10 * time.Second
	retryFor     = 15 * time.Minute
	longestAsked = 24 * time.Hour // that a Retry-After is taken at its word
)

// courier takes events to Orange.
type courier struct {
	gateway string
	tokens  *tokens
	base    *http.Transport
	client  *http.Client
	wrap    func(ctx context.Context, d *Delivery, next func(context.Context, *Delivery) error) error
	log     *slog.Logger
	metrics metrics
}

func newCourier(o Options, m metrics) *courier {
	base := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     o.GatewayTLS,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     time.Minute,
	}
	client := &http.Client{
		Transport: base,
		Timeout:   callTimeout,
		// An event must not wander off to an address that nobody declared.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.Seam.WrapTransport != nil {
		client.Transport = o.Seam.WrapTransport(base)
	}
	b := &courier{
		gateway: strings.TrimRight(o.GatewayURL, "/"),
		base:    base,
		client:  client,
		wrap:    o.Seam.Deliver,
		log:     o.Logger,
		metrics: m,
		tokens: &tokens{client: client, config: clientcredentials.Config{
			ClientID:     o.ClientID,
			ClientSecret: o.ClientSecret,
			TokenURL:     o.TokenURL,
			AuthStyle:    oauth2.AuthStyleInHeader,
		}},
	}
	if b.wrap == nil {
		b.wrap = func(ctx context.Context, d *Delivery, next func(context.Context, *Delivery) error) error {
			return next(ctx, d)
		}
	}
	return b
}

// deliver posts an event until Orange has it, refuses it for good, or retryFor is over.
func (b *courier) deliver(ctx context.Context, d *Delivery) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, b.attempt(ctx, d) },
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval:     firstPause,
			RandomizationFactor: 0.5,
			Multiplier:          2,
			MaxInterval:         longestPause,
		}),
		backoff.WithMaxElapsedTime(retryFor),
		backoff.WithNotify(func(err error, wait time.Duration) {
			b.log.Info("event will be sent again", "event", d.ID, "in", wait, "reason", err)
		}))
	return err
}

// attempt posts an event once, and once more with a new token if the one in use was refused. Credentials that are refused
// say nothing of the event: it is worth another attempt, since a person may mend them.
func (b *courier) attempt(ctx context.Context, d *Delivery) error {
	err := b.post(ctx, d)
	if errors.Is(err, errUnauthorized) {
		err = b.post(ctx, d)
	}
	if err != nil {
		return fmt.Errorf("deliver to %s: %w", d.Path, err)
	}
	return nil
}

var errUnauthorized = errors.New("the gateway refused the token")

// post makes one attempt. An error is worth another one unless it is permanent.
func (b *courier) post(ctx context.Context, d *Delivery) error {
	err := b.call(ctx, d)
	b.metrics.calls.WithLabelValues(outcomeOf(err)).Inc()
	return err
}

func (b *courier) call(ctx context.Context, d *Delivery) error {
	token, err := b.tokens.get(ctx)
	if err != nil {
		return tokenFailure(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.gateway+d.Path, bytes.NewReader(d.Body))
	if err != nil {
		return backoff.Permanent(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	token.SetAuthHeader(req)
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	// Read to the end, so that the connection can be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch {
	case res.StatusCode/100 == 2:
		return nil
	case res.StatusCode == http.StatusUnauthorized:
		b.tokens.drop(token)
		return errUnauthorized
	default:
		return refusal(fmt.Errorf("answered %s", res.Status), res)
	}
}

// tokenFailure lets the token server say how long to wait; nothing that it says is for good.
func tokenFailure(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil {
		return asked(err, refused.Response)
	}
	return err
}

// refusal tells answers that may change (too busy, broken) from those that won't, which make err permanent.
func refusal(err error, res *http.Response) error {
	switch {
	case res.StatusCode >= 500, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout:
		return asked(err, res)
	default:
		return backoff.Permanent(err)
	}
}

// asked adds to err how long the answer asks to wait.
func asked(err error, res *http.Response) error {
	if wait := retryAfter(res.Header.Get("Retry-After")); wait > 0 {
		return fmt.Errorf("%w: %w", err, &backoff.RetryAfterError{Duration: wait})
	}
	return err
}

// retryAfter reads a Retry-After header: seconds or a date (RFC 9110, 10.2.3). Zero if it says nothing useful.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestAsked.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(time.Until(at), longestAsked)
	}
	return 0
}

func (b *courier) close() {
	b.base.CloseIdleConnections()
}
