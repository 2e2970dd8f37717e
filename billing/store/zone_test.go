package store_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"
	_ "time/tzdata" // the zones, where the machine has none

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// T17: where the program runs, and the hour of the day, leave no trace: same instant, same bytes.
func TestTheClocksZoneDoesNotMatter(t *testing.T) {
	t.Parallel()
	instants := []time.Time{
		time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC),    // an hour that Paris skips
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),   // an hour that Paris has twice
		time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC),  // another month further east
		time.Date(2025, 12, 31, 10, 30, 0, 0, time.UTC),  // another year in Apia
		time.Date(2026, 11, 1, 9, 59, 59, 999, time.UTC), // Juneau goes back
	}
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var now time.Time
			stage := &stage{}
			b := open(t, engine.Address(t), database.Options{}, store.Options{Now: func() time.Time { return now }, NewID: stage.newID})
			for _, at := range instants {
				var first string
				for _, zone := range []string{"UTC", "Pacific/Apia", "America/Juneau", "Europe/Paris"} {
					location, err := time.LoadLocation(zone)
					if err != nil {
						t.Fatalf("the zone %s: %v", zone, err)
					}
					now = at.In(location)
					b.wipe(t.Fatal)
					stage.at(1)
					got := b.script()
					if first == "" {
						first = got
					}
					if diff := cmp.Diff(first, got); diff != "" {
						t.Fatalf("%s in %s (-UTC +there):\n%s", at, zone, diff)
					}
				}
			}
		})
	}
}

// script writes a little of everything and returns all that can be read of it.
func (b *bench) script() string {
	b.t.Helper()
	ctx := b.t.Context()
	b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
	p := seeded(4)
	for i := range 6 {
		n := p.subscription([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		n.Reference = reference(i)
		b.create(n)
	}
	year, err := b.YearlyCosts(ctx, b.all, 2026, billing.Filter{})
	if err != nil {
		b.t.Fatal(err)
	}
	page, err := b.Subscriptions(ctx, b.all, billing.Filter{}, billing.Order{}, billing.Page{Size: 4})
	if err != nil {
		b.t.Fatal(err)
	}
	data, err := json.Marshal([]any{year, page, b.everything(b.all, billing.Filter{}, billing.Order{})})
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}

// The process's own zone is the one that a library could reach for.
func TestTheProcessesZoneDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Pacific/Apia", "America/Juneau", "Europe/Paris"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^(TestFromAnOfferToTheYearlyReport|TestReportsAreTheSumOfWhatIsListed)$/^sqlite-memory$")
			child.Env = append(os.Environ(), "TZ="+zone)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}
