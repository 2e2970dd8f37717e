package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
)

// breaking is a store whose streams break off after some subscriptions.
type breaking struct {
	billing.Store

	after int
}

var errBroken = errors.New("the disk is gone")

func (b breaking) StreamSubscriptions(
	ctx context.Context, sc billing.Scope, f billing.Filter, o billing.Order, each func(*billing.Subscription) error,
) error {
	n := 0
	return b.Store.StreamSubscriptions(ctx, sc, f, o, func(s *billing.Subscription) error {
		if n++; n > b.after {
			return errBroken
		}
		return each(s)
	})
}

// An export that breaks off is a problem as long as nothing has been sent, and then a cut connection: never a whole answer.
func TestBrokenExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := crowd(w, 400)
	for _, tc := range []struct {
		name  string
		after int
	}{{"at once", 0}, {"in the middle", 300}} {
		for _, format := range []string{"csv", "jsonl"} {
			t.Run(tc.name+" "+format, func(t *testing.T) {
				t.Parallel()
				a, err := api.New(api.Options{Store: breaking{w.store, tc.after}, Now: w.clock.now})
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewServer(a)
				defer server.Close()
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/billing/v1/subscriptions?format="+format, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Authorization", "Bearer "+u.token)
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				switch {
				case tc.after == 0 && (response.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), "#internal")):
					t.Errorf("answers %d %s", response.StatusCode, body)
				case tc.after > 0 && (response.StatusCode != http.StatusOK || !errors.Is(err, io.ErrUnexpectedEOF)):
					t.Errorf("answers %d and %d bytes, and then %v", response.StatusCode, len(body), err)
				}
				if strings.Contains(string(body), errBroken.Error()) {
					t.Errorf("tells what is nobody's business: %s", body)
				}
			})
		}
	}
}
