package defect

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/partner"
)

// roundTripper is one call to the token server or the gateway.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// onCalls replaces how calls are made.
func onCalls(call func(next http.RoundTripper, r *http.Request) (*http.Response, error)) partner.Seam {
	return partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) { return call(next, r) })
	}}
}

func isTokenCall(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/token") }

// onCallsThat rewrites the calls that match before they are made.
func onCallsThat(match func(*http.Request) bool, rewrite func(r *http.Request)) partner.Seam {
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if match(r) {
			r = r.Clone(r.Context())
			rewrite(r)
		}
		return next.RoundTrip(r)
	})
}

func onTokenCall(rewrite func(r *http.Request)) partner.Seam {
	return onCallsThat(isTokenCall, rewrite)
}

func onEventCall(rewrite func(r *http.Request)) partner.Seam {
	return onCallsThat(func(r *http.Request) bool { return !isTokenCall(r) }, rewrite)
}

// sending replaces the body of a call.
func sending(r *http.Request, contentType, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	r.Header.Set("Content-Type", contentType)
}

const form = "application/x-www-form-urlencoded"

func grant() []Defect {
	return family("token requests", []Defect{
		{
			Name: "token-by-password-grant", Requirement: "AUTH-01", Mode: Both, Needs: "events",
			How: "The grant is copied from an integration in which a person signs in.",
			Seam: func() partner.Seam {
				return onTokenCall(func(r *http.Request) { sending(r, form, "grant_type=password&username=orange&password=example") })
			},
		},
		{
			Name: "token-without-credentials", Requirement: "AUTH-01", Mode: Both, Needs: "events",
			How:  "A proxy strips the Authorization header from calls that leave the house.",
			Seam: func() partner.Seam { return onTokenCall(func(r *http.Request) { r.Header.Del("Authorization") }) },
		},
		{
			Name: "token-credentials-in-query", Requirement: "AUTH-01", Mode: Both, Needs: "events",
			How: "The token's URL was tried out in a browser and kept as it was, with id and secret in it.",
			Seam: func() partner.Seam {
				return onTokenCall(func(r *http.Request) {
					id, secret, _ := r.BasicAuth()
					r.Header.Del("Authorization")
					r.URL.RawQuery = url.Values{"client_id": {id}, "client_secret": {secret}}.Encode()
				})
			},
		},
		{
			Name: "token-with-old-secret", Requirement: "AUTH-01", Mode: Both, Needs: "events",
			How: "The secret was renewed on the portal, and the new one was not rolled out.",
			Seam: func() partner.Seam {
				return onTokenCall(func(r *http.Request) {
					id, _, _ := r.BasicAuth()
					r.SetBasicAuth(id, "secret-of-last-year")
				})
			},
		},
		{
			Name: "token-request-as-json", Requirement: "AUTH-01", Mode: Both, Needs: "events",
			How: "The HTTP client of the house sends JSON always, the token request too.",
			Seam: func() partner.Seam {
				return onTokenCall(func(r *http.Request) { sending(r, "application/json", `{"grant_type":"client_credentials"}`) })
			},
		},
		{
			Name: "token-for-each-call", Requirement: "AUTH-04", Mode: Both, Needs: "events",
			How:  "The token is fetched by the function that sends an event and dies with it.",
			Seam: func() partner.Seam { return onLifetime(func(int) int { return 1 }) },
		},
		{
			Name: "token-lifetime-in-milliseconds", Requirement: "AUTH-04", Mode: Both, Needs: "events",
			How:  "expires_in is read as milliseconds, so that a token of an hour lasts less than four seconds.",
			Seam: func() partner.Seam { return onLifetime(func(seconds int) int { return seconds / 1000 }) },
		},
	})
}

// onLifetime changes how long the partner takes tokens to be good, in seconds.
func onLifetime(rewrite func(seconds int) int) partner.Seam {
	return onTokens(func(token []byte) []byte {
		seconds, err := strconv.Atoi(text(token, "expires_in"))
		if err != nil {
			return token
		}
		return set(token, "expires_in", rewrite(seconds))
	})
}

// onTokens rewrites the tokens that the partner gets.
func onTokens(rewrite func(token []byte) []byte) partner.Seam {
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil || !isTokenCall(r) || res.StatusCode != http.StatusOK {
			return res, err
		}
		body, err := drain(res)
		if err != nil {
			return nil, err
		}
		return answering(res, rewrite(body)), nil
	})
}

func drain(res *http.Response) ([]byte, error) {
	defer res.Body.Close()
	return io.ReadAll(io.LimitReader(res.Body, 1<<20))
}

// answering gives an answer another body.
func answering(res *http.Response, body []byte) *http.Response {
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return res
}

func bearer() []Defect {
	return family("tokens on event calls", []Defect{
		{
			Name: "no-token", Requirement: "AUTH-02", Mode: Both, Needs: "events",
			How:  "The gateway was first tried from a network in which it asks for none.",
			Seam: func() partner.Seam { return onEventCall(func(r *http.Request) { r.Header.Del("Authorization") }) },
		},
		{
			Name: "token-of-the-documentation", Requirement: "AUTH-02", Mode: Both, Needs: "events",
			How: "The token of the documentation's example stands in the configuration.",
			Seam: func() partner.Seam {
				return onEventCall(func(r *http.Request) { r.Header.Set("Authorization", "Bearer token-of-the-example") })
			},
		},
		{
			Name: "token-in-query", Requirement: "AUTH-02", Mode: Both, Needs: "events",
			How: "The library puts access_token into the query, as an older draft of OAuth let it.",
			Seam: func() partner.Seam {
				return onEventCall(func(r *http.Request) {
					_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
					r.Header.Del("Authorization")
					r.URL.RawQuery = url.Values{"access_token": {token}}.Encode()
				})
			},
		},
		{
			Name: "token-without-scheme", Requirement: "AUTH-02", Mode: Both, Needs: "events",
			How: "The token alone is set as the value of the Authorization header.",
			Seam: func() partner.Seam {
				return onEventCall(func(r *http.Request) {
					_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
					r.Header.Set("Authorization", token)
				})
			},
		},
		{
			Name: "credentials-instead-of-token", Requirement: "AUTH-02", Mode: Both, Needs: "events",
			How:  "Client id and secret are sent as Basic credentials with each event; the step with the token was skipped.",
			Seam: withClientCredentials,
		},
	})
}

// withClientCredentials sends events with the credentials that the token was asked for with.
func withClientCredentials() partner.Seam {
	credentials := newMarks()
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isTokenCall(r) {
			credentials.put("", r.Header.Get("Authorization"))
			return next.RoundTrip(r)
		}
		basic, _ := credentials.get("")
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", basic)
		return next.RoundTrip(r)
	})
}

func retry() []Defect {
	return family("retries", []Defect{
		{
			Name: "token-never-renewed", Requirement: "AUTH-03", Mode: Both, Needs: "events",
			How:  "The token is fetched when the service starts and cached for an hour, whatever the gateway says.",
			Seam: oneToken,
		},
		{
			Name: "event-lost-on-expired-token", Requirement: "AUTH-03", Mode: Both, Needs: "events",
			How:  "A 401 leads to a new token for the next event; the one that met it is logged and forgotten.",
			Seam: func() partner.Seam { return onStatus(http.StatusUnauthorized, givingUp) },
		},
		{
			Name: "event-lost-on-unavailable-gateway", Requirement: "AUTH-06", Mode: Async,
			How:  "A 503 is an error like others: it is logged, and the event is gone.",
			Seam: func() partner.Seam { return onStatus(http.StatusServiceUnavailable, givingUp) },
		},
		{
			Name: "retry-next-hour", Requirement: "AUTH-06", Mode: Async,
			How: "Events that failed are sent again by a job that runs once an hour.",
			Seam: func() partner.Seam {
				return onStatus(http.StatusServiceUnavailable, func(res *http.Response) { res.Header.Set("Retry-After", "3600") })
			},
		},
	})
}

func redelivery() []Defect {
	return family("retries", []Defect{
		{
			Name: "repeated-event-says-failed", Requirement: "AUTH-07", Mode: Async,
			How: "The event is built anew for each attempt, and the order's state is failed since the first one broke off.",
			Seam: func() partner.Seam {
				return afterLostAnswer(func(event []byte) []byte {
					return set(set(event, "type", "failedStateNotification"), "resource.state", "failed")
				})
			},
		},
		{
			Name: "repeated-event-has-new-order-id", Requirement: "AUTH-07", Mode: Async,
			How: "A repetition is stored as a new order of its own, with a new id.",
			Seam: func() partner.Seam {
				return afterLostAnswer(func(event []byte) []byte { return set(event, "resource.id", text(event, "resource.id")+"-2") })
			},
		},
		{
			Name: "refused-event-without-end", Requirement: "AUTH-08", Mode: Both, Needs: "events",
			How: "The outbox has no place for what can't be delivered: its poller takes up the first row for ever.",
			Seam: func() partner.Seam {
				return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
					for {
						err := next(ctx, d)
						if err == nil || !wait(ctx, pollEvery) {
							return err
						}
					}
				}}
			},
		},
		{
			Name: "refused-event-in-tight-loop", Requirement: "AUTH-08", Mode: Both, Needs: "events",
			How:  "The HTTP client of the house repeats every call that was not answered 2xx, and counts nothing.",
			Seam: func() partner.Seam { return repeating(http.StatusBadRequest) },
		},
	})
}

// pollEvery is the pause of a partner that tries without end.
const pollEvery = 2 * time.Millisecond

// oneToken answers each request for a token with the first one that there was.
func oneToken() partner.Seam {
	var mu sync.Mutex
	var first []byte
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if !isTokenCall(r) {
			return next.RoundTrip(r)
		}
		mu.Lock()
		defer mu.Unlock()
		if first != nil {
			header := http.Header{"Content-Type": {"application/json"}}
			res := &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: header, Request: r}
			return answering(res, first), nil
		}
		res, err := next.RoundTrip(r)
		if err != nil || res.StatusCode != http.StatusOK {
			return res, err
		}
		if first, err = drain(res); err != nil {
			return nil, err
		}
		return answering(res, first), nil
	})
}

// onStatus rewrites the gateway's answers of that status.
func onStatus(status int, rewrite func(res *http.Response)) partner.Seam {
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err == nil && !isTokenCall(r) && res.StatusCode == status {
			rewrite(res)
		}
		return res, err
	})
}

// givingUp makes an answer one that the partner takes for final.
func givingUp(res *http.Response) {
	res.StatusCode, res.Status = http.StatusBadRequest, "400 Bad Request"
}

// afterLostAnswer rewrites an event once a call with it has got no answer.
func afterLostAnswer(rewrite func(event []byte) []byte) partner.Seam {
	lost := newMarks()
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isTokenCall(r) {
			return next.RoundTrip(r)
		}
		body := slurp(r)
		if _, again := lost.get(string(body)); again {
			r = r.Clone(r.Context())
			sending(r, r.Header.Get("Content-Type"), string(rewrite(body)))
		}
		res, err := next.RoundTrip(r)
		if err != nil {
			lost.put(string(body), "")
		}
		return res, err
	})
}

// repeating makes calls that were answered with that status again and again, until their context ends.
func repeating(status int) partner.Seam {
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isTokenCall(r) {
			return next.RoundTrip(r)
		}
		for {
			again := r.Clone(r.Context())
			sending(again, r.Header.Get("Content-Type"), string(slurp(r)))
			res, err := next.RoundTrip(again)
			if err != nil || res.StatusCode != status {
				return res, err
			}
			if _, err := drain(res); err != nil {
				return nil, err
			}
			if !wait(r.Context(), pollEvery) {
				return nil, r.Context().Err()
			}
		}
	})
}
