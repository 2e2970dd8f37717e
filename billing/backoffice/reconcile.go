package backoffice

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// reportsShown bounds the list of reports, driftsShown what is listed of one.
const (
	reportsShown = 20
	driftsShown  = 50
)

type driftRow struct{ Envelope, Offer, Month, Expected, Found string }

type reportRow struct {
	At, Client          string
	Subscriptions, Keys int
	Clean               bool
	Drifts              []driftRow
	More                int
	Faults              []string
}

func (b *Backoffice) reconciliations(c *gin.Context, by caller) error {
	if err := by.administers(); err != nil {
		return err
	}
	reports, err := b.store.Reconciliations(c.Request.Context(), by.scope, reportsShown)
	if err != nil {
		return fmt.Errorf("list reconciliations: %w", err)
	}
	rows := make([]reportRow, len(reports))
	for i, r := range reports {
		rows[i] = reportRow{
			At: by.instant(r.At), Client: string(r.Actor.Client), Subscriptions: int(r.Subscriptions), Keys: int(r.Keys), Clean: r.Clean(),
			More: int(r.Truncated) + max(0, len(r.Drifts)-driftsShown), Faults: r.Faults,
		}
		for _, d := range r.Drifts[:min(driftsShown, len(r.Drifts))] {
			rows[i].Drifts = append(rows[i].Drifts, driftRow{
				string(d.Envelope), string(d.Offer), d.Month.String(), coefficients(d.Expected), coefficients(d.Found),
			})
		}
	}
	b.render(c, http.StatusOK, web.Page{
		Name: "reconcile", Title: b.site.Text(c.Request, "nav.reconcile"), Section: "nav.reconcile", Data: rows,
	})
	return nil
}

// coefficients are what a key of the roll-up holds, in minor units: the adjustment, then the classes that are not zero.
func coefficients(d billing.Delta) string {
	text := fmt.Sprintf("adj %d", d.Adjust)
	for class, amount := range d.Class {
		if amount != 0 {
			text += fmt.Sprintf(", c%d %d", class, amount)
		}
	}
	return text
}

func (b *Backoffice) reconcile(c *gin.Context, by caller) error {
	if err := by.administers(); err != nil {
		return err
	}
	report, err := b.store.Reconcile(c.Request.Context(), by.actor, by.scope)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	done := "drift"
	if report.Clean() {
		done = "clean"
	}
	b.goTo(c, "/reconcile", done)
	return nil
}
