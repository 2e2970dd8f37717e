package store_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// A database of the first version keeps its figures: what its roll-up says is what the reports say after the migration, to which
// nothing has to be computed anew.
func TestTheFirstVersionIsMigratedWithItsRollup(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.Open(t, engine.Address(t), database.Options{})
			first := fstest.MapFS{}
			for _, folder := range []string{"sqlite", "postgresql"} {
				name := folder + "/00001_billing.sql"
				data, err := os.ReadFile("migrations/" + name)
				if err != nil {
					t.Fatal(err)
				}
				first[name] = &fstest.MapFile{Data: data}
			}
			if err := db.Migrate(t.Context(), database.Component{Name: "billing", Files: first}); err != nil {
				t.Fatal(err)
			}
			for _, statement := range []string{
				"INSERT INTO offer (code, name, currency) VALUES ('A', 'Offer A', 'EUR')",
				"INSERT INTO envelope (code, label) VALUES ('E1', 'Envelope 1')",
				"INSERT INTO cost_rollup SELECT 0, id, 24312, 7, 100, 0, 0, 0, 0, 0, 0, 0, 0 FROM offer",
				"INSERT INTO cost_rollup SELECT e.id, o.id, 24312, 7, 100, 0, 0, 0, 0, 0, 0, 0, 0 FROM offer o, envelope e",
			} {
				if _, err := db.Writer().ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			s, err := store.New(t.Context(), db, store.Options{Now: clock})
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.MonthlyCosts(t.Context(), scope("A"), billing.NewMonth(2026, 1), billing.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			want := []billing.MonthlyCost{{
				Month: billing.NewMonth(2026, 1), Currency: "EUR", Amount: 107,
				Offers:    []billing.OfferAmount{{Offer: "A", Amount: 107}},
				Envelopes: []billing.EnvelopeAmount{{Envelope: "E1", Amount: 107}},
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after the migration (-want +got):\n%s", diff)
			}
		})
	}
}
