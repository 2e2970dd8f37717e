package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
)

// Whatever a query says, each of its parameters is taken or refused; none gets lost on the way.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"", "offer=A&envelope[]=E&envelope[]=F", "offer[0]=A", "amount[between]=1..2", "%zz", "offer=%00", "order[label]=asc", "a;b", "offer[]]=x", "page=1&page=2",
	} {
		f.Add(seed)
	}
	a, err := api.New(api.Options{Store: struct{ billing.Store }{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := a.ReadQuery(raw)
		if err != nil {
			return
		}
		given, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("%q is taken and no query: %v", raw, err)
		}
		n, m := 0, 0
		for _, values := range given {
			n += len(values)
		}
		for _, values := range got {
			m += len(values)
		}
		if n != m {
			t.Errorf("%q holds %d values, %d are read: %v", raw, n, m, got)
		}
	})
}

// Whatever a body says, it is read or refused, and what is read is what the domain takes.
func FuzzSubscriptionBody(f *testing.F) {
	for _, seed := range []string{
		"{}", simple("A", "E", "r", "2026-01-01", "1.5"), `{"lines":[{"lines":[{}]}]}`, `{"Offer":1}`, `[null]`, `"\u0000"`, `{"endDate":null}`, strings.Repeat("[", 100),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var in api.SubscriptionInput
		if err := api.Decode(body, &in); err != nil {
			return
		}
		if in.Periodicity != "daily" && in.Periodicity != "weekly" && in.Periodicity != "monthly" || len(in.Lines) == 0 {
			t.Errorf("%q is taken as %+v", body, in)
		}
	})
}
