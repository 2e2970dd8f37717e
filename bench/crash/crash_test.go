package crash_test

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

// childVariable makes the test binary a partner (address, gateway and database, with spaces between them) or a mock Orange
// (addresses of gateway and control, and database).
const (
	partnerVariable = "CLEMENTINE_TEST_CRASH_PARTNER"
	orangeVariable  = "CLEMENTINE_TEST_CRASH_ORANGE"
)

var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	if child := os.Getenv(partnerVariable); child != "" {
		fmt.Fprintln(os.Stderr, beKilled(context.Background(), strings.Split(child, " ")))
		os.Exit(1)
	}
	if child := os.Getenv(orangeVariable); child != "" {
		args := strings.Split(child, " ")
		fmt.Fprintln(os.Stderr, crash.BeOrange(context.Background(), args[0], args[1], args[2], os.Stdout))
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

// addresses are the databases of partner and mock; "" is memory.
type addresses struct{ partner, orange func() string }

func run(t *testing.T, at addresses, kills int, settle time.Duration, log io.Writer, troubles ...crash.Trouble) crash.Result {
	t.Helper()
	child := func(ctx context.Context, variable, role string) *exec.Cmd {
		child := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), variable+"="+role)
		return child
	}
	result, err := crash.Run(t.Context(), crash.Options{
		Kills: kills, Seed: 1, Workers: 4, Settle: settle, Log: log, Troubles: troubles,
		Partner: func(ctx context.Context, listen, gateway string) *exec.Cmd {
			return child(ctx, partnerVariable, listen+" "+gateway+" "+at.partner())
		},
		Orange: func(ctx context.Context, listen, control string) *exec.Cmd {
			return child(ctx, orangeVariable, listen+" "+control+" "+at.orange())
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests, %d refused, %d events, %d delivered again: %s",
		result.Requests, result.Refused, result.Events, result.Redelivered, result)
	return result
}

func same(address string) func() string { return func() string { return address } }

func checked(t *testing.T, result crash.Result) {
	t.Helper()
	if err := result.Err(); err != nil {
		t.Error(err)
	}
	if result.Requests < result.Kills {
		t.Errorf("only %d requests for %d kills: too little was at stake", result.Requests, result.Kills)
	}
	if result.PartnerKills == 0 || result.OrangeKills == 0 {
		t.Errorf("partner killed %d times, mock %d times", result.PartnerKills, result.OrangeKills)
	}
}

func TestNothingAcknowledgedIsLostInFiles(t *testing.T) {
	t.Parallel()
	dir, limit := t.TempDir(), &crash.PageLimit{}
	in := func(name string) func() string {
		return func() string { return "file:" + filepath.Join(dir, name) + limit.Query() }
	}
	troubles := []crash.Trouble{limit.Trouble()}
	if runtime.GOOS == "linux" {
		troubles = append(troubles, crash.FileLimit())
	}
	result := run(t, addresses{in("partner.db"), in("orange.db")}, 20, 90*time.Second, t.Output(), troubles...)
	checked(t, result)
	if result.Refused == 0 {
		t.Error("nothing was refused while the store was full")
	}
}

func TestNothingAcknowledgedIsLostInPostgreSQL(t *testing.T) {
	t.Parallel()
	var names [2]string
	for i := range names {
		u, err := url.Parse(server.Address(t))
		if err != nil {
			t.Fatal(err)
		}
		names[i] = u.Path
	}
	wire, err := crash.NewWire(t.Context(), server.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	over := func(name string) func() string {
		return same("postgres://postgres@" + wire.Addr() + name + "?sslmode=disable")
	}
	checked(t, run(t, addresses{over(names[0]), over(names[1])}, 6, 90*time.Second, t.Output(),
		crash.DatabaseRestart(&server), wire.Cut(time.Second, true)))
}

// The harness must see a partner that forgets, and a mock that does.
func TestForgettingIsSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, at := range map[string]addresses{
		"partner": {same(""), same(filepath.Join(dir, "orange.db"))},
		"mock":    {same(filepath.Join(dir, "partner.db")), same("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if result := run(t, at, 10, time.Second, nil); result.Lost == 0 || result.Err() == nil {
				t.Errorf("a %s in memory was killed ten times, and nothing is missing: %s", name, result)
			}
		})
	}
}
