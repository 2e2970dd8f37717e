package main_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// sandbox is a serve that runs until the test ends, where it serves, and its control port.
func sandbox(t *testing.T, args ...string) (gateway, steering string) {
	t.Helper()
	said := background(t, "  control", append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)...)
	urls := address.FindAllString(said, -1)
	return urls[0], urls[len(urls)-1]
}

// The lines of docs/ledger.md: a partner's whole year, over HTTP.
func TestLedgerPageRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	gateway, steering := sandbox(t, "--database", filepath.Join(folder, "sandbox.db"))
	runPage(t, "ledger.md", folder, "clementine serve",
		strings.NewReplacer("http://127.0.0.1:8090", gateway, "http://127.0.0.1:8091", steering))
}

// What a run sees completed is billed, in both modes: orders are told by the harness, by events, or by both, and count once.
func TestRunIsBilled(t *testing.T) {
	t.Parallel()
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			file := write(t, "p.yaml", strings.Replace(string(demo), "${MODE}", string(mode), 1))
			gateway, steering := sandbox(t, "--catalogue", file)
			partner := address.FindString(background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--profile", file,
				"--gateway", gateway, "--token-url", gateway+"/oauth/v3/token"))
			out := t.TempDir()
			got := command(t, nil, "", "run", "--partner", partner, "--profile", file, "--orange", steering, "--out", out,
				"--only", "PO-UC2-01,PO-UC2-06,PO-UC3-01,US-UC2-01,US-UC3-01,US-UC4-01")
			if got.code != 0 {
				t.Fatalf("the run ended with %d: %s%s", got.code, got.out, got.errOut)
			}
			client := control.NewClient(steering, "", http.DefaultClient)
			clock, err := client.MoveClock(t.Context(), control.ClockMove{Months: 1})
			if err != nil || clock.Pending+clock.Parked != 0 {
				t.Fatalf("%+v, %v", clock, err)
			}
			orders, err := client.Orders(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			told, kinds := map[string]int{}, map[control.OrderKind]int{}
			for _, o := range orders {
				told[o.Told]++
				kinds[o.Kind]++
				if o.State != control.OrderApplied || len(o.Notes) > 0 {
					t.Errorf("%+v", o)
				}
			}
			if kinds[control.KindOrder] < 3 || kinds[control.KindUpdate] < 3 {
				t.Errorf("only %v were billed", kinds)
			}
			if mode == profile.Sync && told["event"] > 0 || mode == profile.Async && told["event"] == 0 {
				t.Errorf("told by %v", told)
			}
			data, err := os.ReadFile(filepath.Join(out, "results.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range orders {
				if !strings.Contains(string(data), o.Reference) {
					t.Errorf("%s is no order of the run", o.Reference)
				}
			}
		})
	}
}
