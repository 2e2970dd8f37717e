package steps_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// hearing is a partner that takes the gateway's answers for others.
func hearing(change func(*http.Response)) partner.Seam {
	return partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			res, err := next.RoundTrip(r)
			if err == nil {
				change(res)
			}
			return res, err
		})
	}}
}

// Each of these partners falls short on a bad day, which is said, and counts for nothing.
func TestResilienceIsApart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		seam partner.Seam
		not  []string // in which the partner does not hold
		seen string   // something said about each
	}{
		{"reference", partner.Seam{}, nil, ""},
		{"impatient", hearing(func(r *http.Response) { r.Header.Del("Retry-After") }), []string{"429 with Retry-After"}, "sent again after"},
		{"gives up on 429", hearing(func(r *http.Response) {
			if r.StatusCode == http.StatusTooManyRequests {
				r.StatusCode = http.StatusBadRequest
			}
		}), []string{"429 with Retry-After"}, "not sent again"},
		{"gives up on all but 503", hearing(func(r *http.Response) {
			if r.StatusCode >= 500 && r.StatusCode != http.StatusServiceUnavailable {
				r.StatusCode = http.StatusBadRequest
			}
		}), []string{"500", "A proxy's page of HTML with 502"}, "not sent again"},
		{"sends again what it misread", hearing(func(r *http.Response) {
			if r.StatusCode == http.StatusCreated && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				r.StatusCode = http.StatusBadGateway
			}
		}), nil, ""},
		{"never believes an HTML 201", neverBelieves(), []string{"Answer under another content type"}, "times more"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "async", tc.seam, 0)
			// Long enough for ten events, however slow the machine is.
			l.profile.Delays.Retry, l.profile.Delays.Quiet = profile.Duration(5*time.Second), profile.Duration(time.Second)
			r := l.run(t, steps.Options{Resilience: true})
			var not []string
			for _, m := range r.Resilience {
				if !m.Held {
					not = append(not, m.Name)
					if !strings.Contains(m.Seen, tc.seen) {
						t.Errorf("%s: seen %q", m.Name, m.Seen)
					}
				}
			}
			if d := cmp.Diff(tc.not, not); d != "" || len(r.Resilience) != 7 {
				t.Errorf("%d moments, not held (-want +got):\n%s%s", len(r.Resilience), d, explain(t, r))
			}
			if code := reports.ExitCode(r); code != 0 {
				t.Errorf("exit code %d\n%s", code, explain(t, r))
			}
			for _, s := range r.Scenarios {
				if len(s.Requirements) == 0 {
					t.Errorf("%s is among the scenarios that are judged", s.ID)
				}
			}
		})
	}
}

// neverBelieves posts an event nine times more where the answer to it is a strange one.
func neverBelieves() partner.Seam {
	return partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			send := func(ctx context.Context) (*http.Response, error) {
				again := r.Clone(ctx)
				again.Body = io.NopCloser(strings.NewReader(string(body)))
				return next.RoundTrip(again)
			}
			res, err := send(r.Context())
			if err != nil || res.StatusCode != http.StatusCreated || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				return res, err
			}
			for range 9 {
				more, err := send(r.Context())
				if err != nil {
					return nil, err
				}
				if err := more.Body.Close(); err != nil {
					return nil, err
				}
			}
			return res, nil
		})
	}}
}

// The section is for whole runs against asynchronous partners.
func TestNoResilience(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, mode string
		o          steps.Options
	}{
		{"synchronous", "sync", steps.Options{Resilience: true, Only: []string{"GEN-01"}}},
		{"selection", "async", steps.Options{Resilience: true, Only: []string{"GEN-01"}}},
		{"not asked for", "async", steps.Options{}},
		{"whole, synchronous", "sync", steps.Options{Resilience: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newLab(t, tc.mode, partner.Seam{}, 0).run(t, tc.o)
			if len(r.Resilience) > 0 || reports.ExitCode(r) != 0 {
				t.Errorf("%v\n%s", r.Resilience, explain(t, r))
			}
		})
	}
}
