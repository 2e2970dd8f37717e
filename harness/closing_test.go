package harness_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func eventOf(reference string) control.Entry {
	return control.Entry{
		Kind: control.KindEvent, Method: "POST", Path: "/mba2/productordering/v2/event", Offer: "mba2", API: "productordering", Status: 201,
		Body: fmt.Appendf(nil, `{"type":"completedStateNotification","resource":{"externalReference":{"type":"orange","id":%q},"customer":{"id":"c"}}}`, reference),
		Auth: control.Auth{State: control.AuthValid},
	}
}

func token() control.Entry {
	return control.Entry{Kind: control.KindToken, Method: "POST", Path: "/oauth/v3/token", Status: 200, Grant: &control.Grant{GrantType: "client_credentials", CredentialsIn: "basic"}}
}

// deniedOf is an event whose good token a fault refuses.
func deniedOf(reference string, kind control.FaultKind, state control.AuthState, status int) control.Entry {
	e := eventOf(reference)
	e.Fault, e.Status, e.Auth = kind, status, control.Auth{State: state, JudgeMade: status == 401}
	return e
}

// AUTH-04 counts what the partner asked for of its own accord, not what a fault made it ask for.
func TestTokensReused(t *testing.T) {
	t.Parallel()
	var six []control.Entry
	for range 6 {
		six = append(six, eventOf("ours"))
	}
	asked := func(n int, before ...control.Entry) []control.Entry {
		out := slices.Concat(six, before)
		for range n {
			out = append(out, token())
		}
		return out
	}
	refused, changed := token(), token()
	refused.Grant.Error = "invalid_client"
	changed.Fault = control.FaultContentType
	expired := deniedOf("ours", control.FaultExpiredOnce, control.AuthExpired, 401)
	revokedApart := deniedOf("apart", control.FaultTokenRevoked, control.AuthInvalid, 401)
	closedApart := deniedOf("apart", control.FaultOfferClosed, control.AuthValid, 403)
	busyApart := deniedOf("apart", control.FaultUnavailable, control.AuthValid, 503)
	for _, tc := range []struct {
		name    string
		entries []control.Entry
		fails   bool
	}{
		{"one token for two events", asked(3), false},
		{"more than that", asked(4), true},
		{"one more, because a fault made a token stale", asked(4, expired), false},
		{"one more, because the resilience section revoked one", asked(4, revokedApart), false},
		{"one more, because it closed the offer", asked(4, closedApart), false},
		{"one more than the faults explain", asked(6, revokedApart, closedApart), true},
		{"a 503 is no reason for a token", asked(4, busyApart), true},
		{"refused requests are no tokens", asked(3, refused, refused), false},
		{"an answer that a fault changed is no token", asked(3, changed, changed), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			run := harness.NewTestRun(t)
			run.TestTake([]string{"ours"}, tc.entries...)
			w := run.NewWorld()
			if err := w.TokensReused(); err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(w.TestFindings(), "AUTH-04"); got != tc.fails {
				t.Errorf("AUTH-04 failed: %t, want %t", got, tc.fails)
			}
		})
	}
}
