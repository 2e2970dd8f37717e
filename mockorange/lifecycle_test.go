package mockorange_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/schemas"
)

func TestCloseEndsSubscriptions(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	stream, err := c.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	m.token(clientID)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := m.Close(ctx); err != nil || ctx.Err() != nil {
		t.Fatalf("Close did not end though only subscriptions were open: %v, %v", err, ctx.Err())
	}
	if e := await(t, m.arrive); e.Kind != control.KindToken {
		t.Errorf("in process came %+v", e)
	}
	if _, open := <-m.arrive; open {
		t.Error("the subscription outlives the mock")
	}
	if e := await(t, stream); e.Kind != control.KindToken {
		t.Errorf("over HTTP came %+v", e)
	}
}

// edited is the built-in pack with contract.yaml changed.
func edited(t *testing.T, old, text string) *schemas.Pack {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	if err := schemas.Export(dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "contract.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("contract.yaml has no %q", old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(b), old, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := schemas.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPathsComeFromThePack(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{Pack: edited(t, "/{offer}/productordering/v2/event", "/{offer}/ordering/v9/happened")})
	token := m.token(clientID)
	if r := m.event("/mba2/ordering/v9/happened", token, orderEvent); r.status != 201 {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if e := m.next(); e.API != "productordering" || e.Offer != "mba2" || len(e.Violations) > 0 {
		t.Errorf("journalled as %+v", e)
	}
	if r := m.event(orderPath, token, orderEvent); r.status != 404 {
		t.Errorf("the old path got %d", r.status)
	}
}

func TestPathsThatCannotBeServed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, old, text string }{
		{"no offer", "/{offer}/productordering/v2/event", "/productordering/v2/event"},
		{"another placeholder", "/{offer}/productordering/v2/event", "/{offer}/{version}/event"},
		{"twice the same", "/{offer}/productordering/v2/event", "/{offer}/userservice/v2/event"},
		{"token", "/oauth/v3/token", "/oauth/{version}/token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := mockorange.New(mockorange.Options{Pack: edited(t, tc.old, tc.text)}); !errors.Is(err, mockorange.ErrUnusablePaths) {
				t.Errorf("got %v", err)
			}
		})
	}
}
