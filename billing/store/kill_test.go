package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// writeUntilKilled is the child of TestKilledWritersLeaveACleanRollup: it writes, and says on a line what it was told
// is stored, until somebody kills it.
func writeUntilKilled(address string) int {
	ctx := context.Background()
	s, err := store.Open(ctx, address, database.Options{}, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c := billing.Client{ID: "root", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	a, sc := billing.ActorOf(c, ""), billing.ScopeOf(c, today)
	p := seeded(uint64(os.Getpid()))
	for i := 0; ; i++ {
		n := p.subscription(manyOffers, manyEnvelopes)
		n.Reference = fmt.Sprintf("%d-%d", os.Getpid(), i)
		created, err := s.CreateSubscription(ctx, a, sc, n)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("created", created.ID)
		if _, err := s.AddHold(ctx, a, sc, created.ID, 1, billing.Hold{Interval: billing.Interval{From: n.Term.From, To: n.Term.From + 1}}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("held", created.ID)
	}
}

// killedAfter starts a writer on address, kills it after so many acknowledged writes, and returns what was acknowledged.
func killedAfter(t *testing.T, address string, writes int) []string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), "CLEMENTINE_TEST_WRITER="+address)
	var stderr strings.Builder
	child.Stderr = &stderr
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == writes {
			// It goes on writing meanwhile, so the blow falls anywhere in a transaction; what it still says counts.
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	if len(acknowledged) < writes {
		t.Fatalf("the writer ended by itself after %d of %d writes: %s", len(acknowledged), writes, stderr.String())
	}
	return acknowledged
}

// Nothing that was acknowledged is lost, and the roll-up is what a rebuild gives, each time.
func TestKilledWritersLeaveACleanRollup(t *testing.T) {
	t.Parallel()
	kills, atMost := 3, 40
	if long() {
		kills, atMost = 50, 999 // of a thousand writes, anywhere in the middle
	}
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			address := engine.Address(t)
			b := open(t, address, database.Options{}, store.Options{})
			b.catalogue(manyOffers, manyEnvelopes)
			p := seeded(uint64(time.Now().UnixNano()))
			for range kills {
				acknowledged := killedAfter(t, address, p(1, atMost))
				for _, line := range acknowledged {
					act, id, _ := strings.Cut(line, " ")
					s, err := b.Subscription(t.Context(), b.all, billing.SubscriptionID(id))
					if err != nil || act == "held" && len(s.Holds) != 1 {
						t.Fatalf("%s was acknowledged: %+v, %v", line, s, err)
					}
				}
				b.clean()
			}
		})
	}
}
