package billing_test

import (
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

func generated(n int) []billing.Subscription {
	p := seeded(5)
	subscriptions := make([]billing.Subscription, n)
	for i := range subscriptions {
		subscriptions[i] = p.subscription()
	}
	return subscriptions
}

// The aim is 250 ns.
func BenchmarkCostMonth(b *testing.B) {
	subscriptions := generated(1024)
	i := 0
	for b.Loop() {
		s := &subscriptions[i%len(subscriptions)]
		s.CostMonth(s.Term.From.Month() + billing.Month(i%24))
		i++
	}
}

func BenchmarkContributions(b *testing.B) {
	subscriptions := generated(1024)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		subscriptions[i%len(subscriptions)].Contributions()
		i++
	}
}

func BenchmarkFoldYear(b *testing.B) {
	subscriptions := generated(1)
	rows := subscriptions[0].Contributions()
	year, _, _ := subscriptions[0].Term.From.Civil()
	for b.Loop() {
		if _, _, err := billing.FoldYear(rows, year); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNormalText(b *testing.B) {
	for b.Loop() {
		billing.NormalText("  Référence  CONTRAT-2026/0042 ")
	}
}
