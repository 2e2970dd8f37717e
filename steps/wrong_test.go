package steps_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/wire"
)

// Each of these partners is wrong in one way, and the requirement that names it fails, alone.
func TestWrongPartnersFailOneRequirement(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		mode string
		want string
		seam partner.Seam
	}{
		{"ping answers 500", "sync", "GEN-01", partner.Seam{WrapHandler: pingDown}},
		{"note null", "sync", "GEN-02", answers(func(b string) string { return set(b, "note", nil) })},
		{"note null", "async", "GEN-02", answers(func(b string) string { return set(b, "note", nil) })},
		{"acknowledged in sync", "sync", "GEN-07", answers(func(b string) string {
			if gjson.Get(b, "orderItem").Exists() {
				return set(b, "state", "acknowledged")
			}
			return b
		})},
		{"one licence short", "sync", "PO-UC2-02", rules(func(r *partner.Rules) { r.Licences = func(n int) int { return max(n-1, 0) } })},
		{"one licence short", "async", "PO-UC2-02", rules(func(r *partner.Rules) { r.Licences = func(n int) int { return max(n-1, 0) } })},
		{"suspend ignores one licence of two", "sync", "US-UC2-01", ignoreSecondSuspension()},
		{"suspend ignores one licence of two", "async", "US-UC2-01", ignoreSecondSuspension()},
		{"suspended is a state of its own", "sync", "GEN-12", rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				if l.State == wire.Inactive {
					l.State = wire.Suspended
				}
				return next(l)
			}
		})},
		{"half applied batch", "sync", "US-UC2-05", halfApplied()},
		{"half applied batch", "async", "US-UC2-05", halfApplied()},
		{"event sent twice", "async", "GEN-10", deliver(func(ctx context.Context, d *partner.Delivery, next next) error {
			if err := next(ctx, d); err != nil {
				return err
			}
			return next(ctx, d)
		})},
		{"event before the licences show", "async", "PO-UC4-04", lateLicences()},
		{"delete takes the whole fleet", "sync", "US-UC3-03", greedyDelete()},
		{"delete takes the whole fleet", "async", "US-UC3-03", greedyDelete()},
		{"swap loses the login", "sync", "US-UC4-03", swapLosesLogin()},
		{"swap loses the login", "async", "US-UC4-03", swapLosesLogin()},
		{"user added without id", "sync", "US-UC5-01", events(dropUserID)},
		{"user added without id", "async", "US-UC5-01", events(dropUserID)},
	} {
		t.Run(tc.name+" "+tc.mode, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, tc.mode, tc.seam, 0)
			r := l.run(t, steps.Options{})
			replayed(t, r, l.options(t, steps.Options{}))
			if diff := cmp.Diff([]string{tc.want}, failed(r)); diff != "" {
				t.Errorf("failed requirements (-want +got):\n%s\n%s", diff, explain(t, r))
			}
			if got := reports.ExitCode(r); got != 1 {
				t.Errorf("exit code %d, want 1", got)
			}
			if r.Counts.Broken > 0 || r.Counts.Warning > 0 {
				t.Errorf("broken or warned besides: %+v\n%s", r.Counts, explain(t, r))
			}
		})
	}
}

func failed(r reports.Results) []string {
	var out []string
	for _, row := range r.Requirements {
		if row.Verdict == reports.Failed {
			out = append(out, row.ID)
		}
	}
	return out
}

type next = func(context.Context, *partner.Delivery) error

func deliver(f func(context.Context, *partner.Delivery, next) error) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, n func(context.Context, *partner.Delivery) error) error {
		return f(ctx, d, n)
	}}
}

func rules(change func(*partner.Rules)) partner.Seam {
	return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
		change(&r)
		return r
	}}
}

func set(body, path string, value any) string {
	out, err := sjson.Set(body, path, value)
	if err != nil {
		return body
	}
	return out
}

// answers rewrites the partner's JSON answers that are objects.
func answers(rewrite func(string) string) partner.Seam {
	return partner.Seam{WrapHandler: func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			body := rec.Body.String()
			if rec.Code < 300 && strings.HasPrefix(body, "{") && !strings.Contains(r.URL.Path, "customer-tool") {
				body = rewrite(body)
			}
			for k, v := range rec.Header() {
				if k != "Content-Length" {
					w.Header()[k] = v
				}
			}
			w.WriteHeader(rec.Code)
			_, _ = io.WriteString(w, body)
		})
	}}
}

// events rewrites the bodies of event calls.
func events(rewrite func(string) string) partner.Seam {
	return deliver(func(ctx context.Context, d *partner.Delivery, n next) error {
		changed := *d
		changed.Body = []byte(rewrite(string(d.Body)))
		return n(ctx, &changed)
	})
}

func dropUserID(b string) string {
	const path = "resource.userServices.0.endUserOperation.0"
	if gjson.Get(b, path+".action").String() != "add" {
		return b
	}
	out, _ := sjson.Delete(b, path+".endUser.id")
	return out
}

func pingDown(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/ping") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func ignoreSecondSuspension() partner.Seam {
	return rules(func(r *partner.Rules) {
		whole := r.Update
		r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
			out, err := whole(known, changes)
			if len(out) > 1 && changes[0].ExternalState == wire.Suspended {
				for _, old := range known {
					if old.ID == out[1].ID {
						out[1] = old
					}
				}
			}
			return out, err
		}
	})
}

// halfApplied changes the licences it knows although it refuses the batch, as code does that writes before it checks.
func halfApplied() partner.Seam {
	var lost lostStates
	return partner.Seam{
		Rules: func(r partner.Rules) partner.Rules {
			whole, shown := r.Update, r.Shown
			r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
				out, err := whole(known, changes)
				if err != nil && len(changes) > 1 {
					lost.remember(known, changes)
				}
				return out, err
			}
			r.Shown = func(l wire.UserService) (wire.UserService, bool) { return shown(lost.apply(l)) }
			return r
		},
	}
}

// lateLicences sends the completed event of an order, and shows its licences only some time after.
func lateLicences() partner.Seam {
	var seen firstSight
	return rules(func(r *partner.Rules) {
		shown := r.Shown
		r.Shown = func(l wire.UserService) (wire.UserService, bool) {
			l, ok := shown(l)
			return l, ok && seen.before(l.ID, 50*time.Millisecond)
		}
	})
}

func greedyDelete() partner.Seam {
	return rules(func(r *partner.Rules) {
		whole := r.Update
		r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
			out, err := whole(known, changes)
			if err != nil || changes[0].ExternalState != wire.Deleted {
				return out, err
			}
			for _, l := range known {
				if !slices.ContainsFunc(out, func(o wire.UserService) bool { return o.ID == l.ID }) {
					l.State = wire.Deleted
					out = append(out, l)
				}
			}
			return out, nil
		}
	})
}

func swapLosesLogin() partner.Seam {
	return rules(func(r *partner.Rules) {
		whole := r.Update
		r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
			out, err := whole(known, changes)
			for i := range out {
				if changes[0].ProductOfferingOperation.Action != "" {
					out[i].Right = nil
				}
			}
			return out, err
		}
	})
}
