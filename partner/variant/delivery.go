package variant

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

func events() []Variant {
	return []Variant{
		{
			Name: "event-path-alias", Why: "US-UC5-08: the event goes to userservice or userService, the sources write both.",
			Seam: func() partner.Seam {
				return onDeliveries(func(d *partner.Delivery) { d.Path = strings.Replace(d.Path, "/userservice/", "/userService/", 1) })
			},
		},
		{
			Name: "events-without-time", Why: "wire.md, 1: of an event the judge may require type and resource; time is advice.",
			Seam: func() partner.Seam { return onEvents(func(m *message) { delete(m.wrapper, "time") }) },
		},
		{
			Name: "events-with-an-id", Why: "wire.md, 5: Orange fills in the event's id; one that is there already is a field like any other.",
			Seam: func() partner.Seam {
				return onEvents(func(m *message) { m.wrapper["id"] = "own-" + text(m.wrapper["time"]) })
			},
		},
		{
			Name: "events-chunked", Why: "HTTP/1.1 sends bodies of any length in chunks (RFC 9112).",
			Seam: func() partner.Seam {
				return onCalls(func(r *http.Request) {
					if !isTokenRequest(r) {
						r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
					}
				})
			},
		},
		{
			Name: "events-on-fresh-connections", Why: "Either side may end a connection after an answer (RFC 9112).",
			Seam: func() partner.Seam { return onCalls(func(r *http.Request) { r.Close = true }) },
		},
		{
			Name: "operations-in-a-wrapper", Why: "The contract pack knows endUserConfigurationOperation around a licence's operations: the sources write both.",
			Seam: func() partner.Seam { return onEvents(wrapOperations) },
		},
		{
			Name: "no-redelivery-after-a-lost-answer", Why: "AUTH-07 asks that a repeated event be the same; one that was taken need not be repeated.", Mode: Async,
			Seam: func() partner.Seam { return onTrips(lostIsDelivered) },
			// The judge waits for the repetition as long as the profile says: here it never comes.
			Profile: func(p *profile.Profile) { p.Delays.Retry = profile.Duration(2 * time.Second) },
		},
		{
			Name: "redelivery-with-a-new-time", Why: "AUTH-07: the repeated event is the same order in the same state; its time may be that of the repetition.", Mode: Async,
			Seam: func() partner.Seam { return onCalls(newTime) },
		},
	}
}

func tokens() []Variant {
	return []Variant{
		{
			Name: "credentials-in-the-form", Why: "AUTH-01: client id and secret in the form body are accepted, and noted.",
			Seam: func() partner.Seam { return onCalls(credentialsInForm) },
		},
		{
			Name: "bearer-in-lower-case", Why: "AUTH-02 wants a bearer token; the scheme's name is read in any case (RFC 9110).",
			Seam: func() partner.Seam {
				return onCalls(func(r *http.Request) {
					if value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
						r.Header.Set("Authorization", "bearer "+value)
					}
				})
			},
		},
		{
			Name: "token-asked-with-a-scope", Why: "AUTH-01 names what a token request holds; RFC 6749 lets a client add a scope.",
			Seam: func() partner.Seam { return onCalls(withScope) },
		},
		{
			Name: "two-workers-two-tokens", Why: "AUTH-04 wants a token to be reused, not that there be one: two workers have one each.", Mode: Async,
			Seam: func() partner.Seam { return onTrips((&secondWorker{}).trip) },
		},
	}
}

// onDeliveries changes each event before it is delivered; each attempt sends what it gives.
func onDeliveries(change func(d *partner.Delivery)) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		change(d)
		return next(ctx, d)
	}}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// onTrips stands between the partner and Orange, at each attempt. It may change the request.
func onTrips(trip func(next http.RoundTripper, r *http.Request) (*http.Response, error)) partner.Seam {
	return partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) { return trip(next, r.Clone(r.Context())) })
	}}
}

// onCalls changes each request to Orange.
func onCalls(change func(r *http.Request)) partner.Seam {
	return onTrips(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		change(r)
		return next.RoundTrip(r)
	})
}

func isTokenRequest(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/token") }

// bodyOf reads the body of a request; setBody puts one there.
func bodyOf(r *http.Request) []byte {
	if r.Body == nil {
		return nil
	}
	body, _ := io.ReadAll(r.Body) // it comes from memory
	return body
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
}

func wrapOperations(m *message) {
	if m.kind != aReport {
		return
	}
	each(at(m.doc, "userServices"), func(licence map[string]any) {
		wrapped := map[string]any{}
		for name, value := range licence {
			if strings.HasSuffix(name, "Operation") {
				wrapped[name] = value
				delete(licence, name)
			}
		}
		licence["endUserConfigurationOperation"] = wrapped
	})
}

func lostIsDelivered(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	res, err := next.RoundTrip(r)
	if err == nil || isTokenRequest(r) || errors.Is(err, context.Canceled) {
		return res, err
	}
	return &http.Response{
		Status: "201 Created", StatusCode: http.StatusCreated, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: r,
	}, nil
}

func newTime(r *http.Request) {
	if isTokenRequest(r) {
		return
	}
	body := bodyOf(r)
	if doc, ok := decode(body); ok && at(doc, "time") != nil {
		doc.(map[string]any)["time"] = time.Now().UTC().Format(time.RFC3339Nano)
		body = encode(doc)
	}
	setBody(r, body)
}

func withScope(r *http.Request) {
	if isTokenRequest(r) {
		setBody(r, append([]byte("scope=events&"), bodyOf(r)...))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	}
}

func credentialsInForm(r *http.Request) {
	user, password, ok := r.BasicAuth()
	if !isTokenRequest(r) || !ok {
		return
	}
	form, err := url.ParseQuery(string(bodyOf(r)))
	if err != nil {
		return
	}
	r.Header.Del("Authorization")
	form.Set("client_id", unescaped(user))
	form.Set("client_secret", unescaped(password))
	setBody(r, []byte(form.Encode()))
}

// unescaped undoes what RFC 6749 asks of Basic credentials.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// secondWorker delivers every other customer's events with a token of its own.
type secondWorker struct {
	mu    sync.Mutex
	ask   *http.Request // how the first worker asked for its token
	form  []byte
	token string
}

func (w *secondWorker) trip(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	body := bodyOf(r)
	setBody(r, body)
	if isTokenRequest(r) {
		w.mu.Lock()
		w.ask, w.form = r.Clone(context.WithoutCancel(r.Context())), body
		w.mu.Unlock()
		return next.RoundTrip(r)
	}
	sum := fnv.New32a()
	sum.Write([]byte(gjson.GetBytes(body, "resource.id").String())) // #nosec G104 -- a hash takes everything
	if sum.Sum32()%2 == 0 {
		return next.RoundTrip(r)
	}
	token, err := w.get(r.Context(), next)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := next.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		w.drop(token)
	}
	return res, err
}

func (w *secondWorker) get(ctx context.Context, next http.RoundTripper) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.token != "" {
		return w.token, nil
	}
	r := w.ask.Clone(ctx)
	setBody(r, w.form)
	res, err := next.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return "", err
	}
	w.token = gjson.GetBytes(body, "access_token").String()
	if w.token == "" {
		return "", errors.New("no token came")
	}
	return w.token, nil
}

func (w *secondWorker) drop(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.token == token {
		w.token = ""
	}
}
