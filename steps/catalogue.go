package steps

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/harness"
)

// definition is one line of wording, compiled once, and the verb it stands for.
type definition struct {
	pattern *regexp.Regexp
	doc     string
	topic   string
	bind    func(w *harness.World) any
}

// StepDoc describes a step for the catalogue. Topic is the part of the API that it belongs to.
type StepDoc struct{ Pattern, Doc, Topic string }

// Catalogue lists every step, in the order of the API.
func Catalogue() []StepDoc {
	var out []StepDoc
	for _, d := range definitions() {
		out = append(out, StepDoc{Pattern: readable(d.pattern.String()), Doc: d.doc, Topic: d.topic})
	}
	return out
}

// readable turns a pattern into the line as one writes it.
func readable(pattern string) string {
	return strings.NewReplacer("^", "", "$", "", `(\d+)`, "<n>", `(\S+)`, "<word>", `(.+)`, "<words>", "licences?", "licences", `"(\d+)"`, `"<n>"`, `(-?[\d.]+)`, "<number>").Replace(pattern)
}

func step(pattern, doc string, bind func(w *harness.World) any) definition {
	return definition{pattern: regexp.MustCompile("^" + pattern + "$"), doc: doc, bind: bind}
}

// definitions are the same for every run: their patterns are compiled once.
var definitions = sync.OnceValue(func() []definition {
	var all []definition
	for _, group := range []struct {
		topic string
		steps []definition
	}{
		{"Customers", customerSteps()},
		{"Orders", orderSteps()},
		{"Refusals", refusalSteps()},
		{"Consultation", consultSteps()},
		{"Changes that Orange asks for", changeSteps()},
		{"Changes that the partner reports", reportSteps()},
		{"A gateway on a bad day", gatewaySteps()},
		{"The whole run", closingSteps()},
	} {
		for _, d := range group.steps {
			d.topic = group.topic
			all = append(all, d)
		}
	}
	return all
})

func customerSteps() []definition {
	return []definition{
		step(`Orange pings the partner`, "GEN-01: GET ping answers HTTP 200", func(w *harness.World) any { return w.Ping }),
		step(`a customer`, "a customer that exists at the partner, judged on the way", func(w *harness.World) any { return w.NewCustomer }),
		step(`Orange creates a customer`, "PO-UC1-01: sends a customer with contacts and no order item", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.CreateCustomer(ctx, harness.Full, "PO-UC1-01") }
		}),
		step(`Orange creates a customer with the minimal request`, "GEN-03: every optional field is absent", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.CreateCustomer(ctx, harness.Minimal, "GEN-03") }
		}),
		step(`Orange creates a customer with accented and long values`, "names as French companies have them", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.CreateCustomer(ctx, harness.Accented, "PO-UC1-01") }
		}),
		step(`Orange creates a customer with unknown fields`, "GEN-04: fields that the contract does not know", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.CreateCustomer(ctx, harness.Unknown, "GEN-04") }
		}),
		step(`Orange creates another customer with the same people as contacts`, "GEN-05: other references, other ids", func(w *harness.World) any { return w.SamePeople }),
		step(`Orange sends the same customer again`, "GEN-15: one customer, not two", func(w *harness.World) any { return w.SameCustomerAgain }),
		step(`the customer has an id by the partner`, "PO-UC1-02", func(w *harness.World) any { return w.CustomerHasID }),
		step(`each contact has an id by the partner`, "PO-UC1-03", func(w *harness.World) any { return w.ContactsHaveIDs }),
		step(`the customer's id shows no licence`, "PO-UC1-04: GET of a fleet with the customer's id", func(w *harness.World) any { return w.NothingUnderCustomer }),
		step(`nothing is produced`, "PO-UC1-04: no fleet and no order item", func(w *harness.World) any { return w.NothingProduced }),
		step(`the references of customer and contacts are unchanged`, "GEN-06", func(w *harness.World) any { return w.CustomerReferencesKept }),
		step(`the order was answered at once`, "PO-UC1-05", func(w *harness.World) any { return w.AnsweredAtOnce }),
		step(`the values that come back are those that were sent`, "PO-UC1-06", func(w *harness.World) any { return w.ValuesUnchanged }),
	}
}

func orderSteps() []definition {
	return append([]definition{
		step(`a customer with a fleet of (\d+) licences?`, "a customer with an order completed and its licences judged", func(w *harness.World) any { return w.NewFleet }),
		step(`Orange orders (\d+) licences?`, "PO-UC2: an add order into a new fleet, followed to its end", func(w *harness.World) any { return w.OrderLicences }),
		step(`Orange orders (\d+) licences? with the declared technical information`, "PO-UC2-07", func(w *harness.World) any { return w.OrderInformed }),
		step(`Orange orders (\d+) licences? with the minimal request`, "GEN-03", func(w *harness.World) any { return orderIn(w, harness.Minimal, "GEN-03") }),
		step(`Orange orders (\d+) licences? with unknown fields`, "GEN-04", func(w *harness.World) any { return orderIn(w, harness.Unknown, "GEN-04") }),
		step(`Orange orders (\d+) licences? with an end user configuration`, "PO-UC2-08, where the resource comes with the order", func(w *harness.World) any { return w.OrderConfigured }),
		step(`Orange orders the smallest quantity, (\d+)`, "PO-UC2-10", func(w *harness.World) any { return w.OrderAtTheEdge }),
		step(`Orange orders the largest quantity`, "PO-UC2-10: limits.quantity of the profile", func(w *harness.World) any { return w.OrderLargest }),
		step(`the fleet holds exactly (\d+) licences?, active and on the offering ordered`, "PO-UC2-02, PO-UC2-03, PO-UC4-04", func(w *harness.World) any { return w.FleetHolds }),
		step(`the fleet holds exactly what was ordered, at the edge`, "PO-UC2-10", func(w *harness.World) any { return w.FleetHoldsAtTheEdge }),
		step(`a fleet that has grown beyond it is still read whole`, "US-UC1-01: no page limit", func(w *harness.World) any { return w.LargeFleetReadWhole }),
		step(`the licences carry the realizing resource that the profile declares`, "PO-UC2-08", func(w *harness.World) any { return w.ResourcesAsDeclared }),
		step(`Orange sends the same order again`, "GEN-15: one set of licences, not two", func(w *harness.World) any { return w.SameOrderAgain }),
		step(`two customers with a fleet each see their own licences only`, "PO-UC2-11", func(w *harness.World) any { return w.TwoCustomers }),
	}, moreSteps()...)
}

func orderIn(w *harness.World, s harness.Style, requirement string) any {
	return func(ctx context.Context, n int) error { return w.OrderInStyle(ctx, s, n, requirement) }
}

func moreSteps() []definition {
	return []definition{
		step(`Orange orders (\d+) more licences?`, "PO-UC3: an add order into the known fleet", func(w *harness.World) any { return w.OrderMore }),
		step(`Orange orders (\d+) more licences? with the minimal request`, "GEN-03", func(w *harness.World) any {
			return func(ctx context.Context, n int) error {
				return w.OrderMoreInStyle(ctx, harness.Minimal, n, "GEN-03")
			}
		}),
		step(`Orange orders (\d+) more licences? of a second offering`, "PO-UC3-05", func(w *harness.World) any { return w.OrderSecondOffering }),
		step(`Orange orders (\d+) more licences? and looks right after the acknowledgement`, "PO-UC2-05", func(w *harness.World) any { return w.OrderMoreObserved }),
		step(`the fleets hold (\d+) licences? more than before`, "PO-UC3-01: quantities are deltas", func(w *harness.World) any { return w.FleetsHoldMore }),
		step(`the new licences are in the fleet that the answer names`, "PO-UC3-02", func(w *harness.World) any { return w.AnswerNamesFleet }),
		step(`the licences from before are unchanged, or else (\S+)`, "the licences that existed before the order", func(w *harness.World) any { return w.EarlierUnchanged }),
		step(`each licence is on the offering it was ordered with`, "PO-UC3-05", func(w *harness.World) any { return w.EachKeepsOffering }),
		step(`an order of (\d+) licences? into an unknown fleet is refused or met in a fleet of its own`, "PO-UC3-04", func(w *harness.World) any { return w.OrderIntoUnknownFleet }),
		step(`the first customer's fleet is unchanged, or else (\S+)`, "no order touches another customer", func(w *harness.World) any { return w.OtherCustomerUntouched }),
		step(`Orange orders for three customers at the same time`, "PO-UC4-05: each answered by its own event", func(w *harness.World) any { return w.OrdersTogether }),
		step(`each customer has exactly its own licences`, "PO-UC4-05, PO-UC2-02, PO-UC2-11", func(w *harness.World) any { return w.EachItsOwn }),
	}
}
