package backoffice_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

// A budget is set with a decimal comma and spaces, shown beside its costs, and taken away by an empty field.
func TestBudgetsOfAnOffer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	const page, path = "/offers/VAULT?lang=fr", "/offers/VAULT/budget"
	key := billing.BudgetKey{Offer: "VAULT", Envelope: "SALES", Year: 2026}
	form := func(amount string) url.Values {
		return url.Values{"year": {"2026"}, "envelope": {"SALES"}, "amount": {amount}, "reason": {"Voted"}}
	}
	read := func() (billing.BudgetReport, error) {
		return f.store.Budget(t.Context(), f.scope, key, billing.NewMonth(2026, 8))
	}

	if got := b.post(t, page, path, form("1 234,50")); got.status != http.StatusSeeOther || got.header.Get("Location") != "/backoffice/offers/VAULT?year=2026&done=budgetSet" {
		t.Fatalf("%d to %s", got.status, got.header.Get("Location"))
	}
	set, err := read()
	if err != nil || set.Amount != 123_450 {
		t.Fatalf("%+v, %v", set, err)
	}
	if act := f.lastAct(t, billing.AuditBudget, "VAULT/SALES/2026"); act.Action != "set" || act.Actor.Reason != "Voted" {
		t.Errorf("the trace says %+v", act)
	}
	state := map[billing.BudgetState]string{
		billing.BudgetWithin: "Dans le budget", billing.BudgetExpected: "Dépassement prévu", billing.BudgetExceeded: "Dépassé",
	}[set.State()]
	shown := textOf(b.get(t, page).parse(t))
	for _, text := range []string{"Budgets de 2026", "1 234,50 €", "Réalisé", "Prévu", state} {
		if !strings.Contains(shown, text) {
			t.Errorf("%q is not shown", text)
		}
	}
	if trace := b.get(t, "/trace?kind=budget&lang=fr"); !strings.Contains(trace.body, `href="/backoffice/offers/VAULT"`) || !strings.Contains(trace.body, "Fixé") {
		t.Errorf("the trace does not tell of it: %s", textOf(trace.parse(t)))
	}

	for amount, problem := range map[string]string{"1,234": "Montant", "-1": "Montant", "much": "Montant"} {
		got := b.post(t, page, path, form(amount))
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(textOf(got.parse(t)), problem) || !strings.Contains(got.body, `value="`+amount+`"`) {
			t.Errorf("%q: %d %s", amount, got.status, textOf(got.parse(t)))
		}
	}
	unknown := form("1")
	unknown.Set("envelope", "NONE")
	if got := b.post(t, page, path, unknown); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown envelope: %d", got.status)
	}
	if again, err := read(); err != nil || again.Version != 1 {
		t.Errorf("what was refused is stored: %+v, %v", again, err)
	}

	if got := b.post(t, page, path, form(" ")); got.status != http.StatusSeeOther {
		t.Errorf("taken away: %d", got.status)
	}
	if _, err := read(); !errors.Is(err, billing.ErrNotFound) {
		t.Errorf("after that: %v", err)
	}
	if got := b.post(t, page, path, form("")); got.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing is taken away: %d", got.status)
	}
	lost := form("1")
	lost.Set("year", "last")
	if got := b.post(t, page, path, lost); got.status != http.StatusBadRequest {
		t.Errorf("a year that is none: %d", got.status)
	}
}

func TestWhoSetsBudgets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	as := f.as(t)
	form := url.Values{"year": {"2026"}, "envelope": {"IT-2026"}, "amount": {"5"}}
	for _, tt := range []struct {
		who, offer string
		status     int
	}{
		{"reader", "NOTES-S", 403}, {"omniscient", "VAULT", 403}, {"reader", "VAULT", 404}, {"writer", "VAULT", 404}, {"writer", "NOTES-S", 303},
	} {
		form.Set("csrf", as[tt.who].formToken(t, "/subscriptions"))
		if got := as[tt.who].send(t, "/offers/"+tt.offer+"/budget", form); got.status != tt.status {
			t.Errorf("%s for %s: %d, want %d", tt.who, tt.offer, got.status, tt.status)
		}
	}
	if shown := as["reader"].get(t, "/offers/NOTES-S"); strings.Contains(shown.body, `name="amount"`) || !strings.Contains(shown.body, "budgets-caption") {
		t.Error("a reader sees the form, or not the budgets")
	}
}
