package crash_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/bench/crash"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

// childVariable makes the test binary a partner: listen, gateway and database, with spaces between them.
const childVariable = "CLEMENTINE_TEST_CRASH_PARTNER"

var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	if child := os.Getenv(childVariable); child != "" {
		fmt.Fprintln(os.Stderr, beKilled(context.Background(), strings.Split(child, " ")))
		os.Exit(1)
	}
	os.Exit(databasetest.Run(m, &server))
}

// beKilled is a partner that ends by being killed, or with the error that kept it from starting.
func beKilled(ctx context.Context, args []string) error {
	o := partner.Options{
		Listen: args[0], GatewayURL: args[1], TokenURL: args[1] + "/oauth/v3/token", Delay: 5 * time.Millisecond,
		ClientID: crash.ClientID, ClientSecret: crash.ClientSecret,
		Profile: &profile.Profile{
			Mode: profile.Async, Offer: crash.Offer, Offerings: []profile.Offering{{Code: "NOTES-S", Name: "Notes Standard"}},
		},
	}
	if args[2] != "" {
		db, err := database.Open(ctx, args[2], database.Options{Durable: true})
		if err != nil {
			return err
		}
		if o.Store, err = partner.OpenDurable(ctx, db, nil); err != nil {
			return err
		}
	}
	p, err := partner.New(o)
	if err != nil {
		return err
	}
	if err := p.Listen(); err != nil {
		return err
	}
	p.Start()
	fmt.Println("ready")
	select {}
}

func run(t *testing.T, address string, kills int, settle time.Duration, log io.Writer) crash.Result {
	t.Helper()
	result, err := crash.Run(t.Context(), crash.Options{
		Kills: kills, Seed: 1, Workers: 4, Settle: settle, Log: log,
		Command: func(ctx context.Context, listen, gateway string) *exec.Cmd {
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
			child.Env = append(os.Environ(), childVariable+"="+listen+" "+gateway+" "+address)
			return child
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests, %d events, %d delivered again: %s", result.Requests, result.Events, result.Redelivered, result)
	return result
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		engine  string
		address func() string
		kills   int
	}{
		{"sqlite", func() string { return filepath.Join(t.TempDir(), "partner.db") }, 20},
		{"postgresql", func() string { return server.Address(t) }, 5},
	}
	for _, test := range tests {
		t.Run(test.engine, func(t *testing.T) {
			t.Parallel()
			result := run(t, test.address(), test.kills, 90*time.Second, t.Output())
			if err := result.Err(); err != nil {
				t.Error(err)
			}
			if result.Requests < test.kills {
				t.Errorf("only %d requests for %d kills: too little was at stake", result.Requests, test.kills)
			}
		})
	}
}

// The harness must see a partner that forgets.
func TestForgettingIsSeen(t *testing.T) {
	t.Parallel()
	if result := run(t, "", 5, time.Second, nil); result.Lost == 0 || result.Err() == nil {
		t.Errorf("a partner in memory was killed five times, and nothing is missing: %s", result)
	}
}
