package steps

import (
	"context"
	"strconv"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// fields of an order item that a scenario may take away, by their role in the contract.
func fieldRole(field string) string {
	return map[string]string{"offering": "order.item.offering", "quantity": "order.item.quantity"}[field]
}

// number reads a quantity as it is written: an integer stays one.
func number(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

func refusalSteps() []definition {
	return []definition{
		step(`Orange orders a quantity of (-?[\d.]+), which is refused`, "PO-UC2-10, as a first order", func(w *harness.World) any {
			return func(ctx context.Context, q string) error { return w.RefuseQuantity(ctx, number(q), false) }
		}),
		step(`Orange orders a quantity of (-?[\d.]+) into the fleet, which is refused`, "PO-UC2-10, into the known fleet", func(w *harness.World) any {
			return func(ctx context.Context, q string) error { return w.RefuseQuantity(ctx, number(q), true) }
		}),
		step(`an order of "(\d+)" licences, as text, is refused or met as (\d+)`, "PO-UC2-10", func(w *harness.World) any { return w.RefusedOrMet }),
		step(`Orange orders an unknown offering, which is refused`, "PO-UC2-04, as a first order", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.RefuseUnknownOffering(ctx, false) }
		}),
		step(`Orange orders an unknown offering into the fleet, which is refused`, "PO-UC2-04, into the known fleet", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.RefuseUnknownOffering(ctx, true) }
		}),
		step(`Orange sends an order that is not JSON, which is refused`, "GEN-13", func(w *harness.World) any { return w.RefuseBroken }),
		step(`Orange sends an order without its (\S+), which is refused`, "GEN-13, as a first order", func(w *harness.World) any {
			return func(ctx context.Context, field string) error { return w.RefuseWithout(ctx, fieldRole(field), false) }
		}),
		step(`Orange sends an order into the fleet without its (\S+), which is refused`, "GEN-13, into the known fleet", func(w *harness.World) any {
			return func(ctx context.Context, field string) error { return w.RefuseWithout(ctx, fieldRole(field), true) }
		}),
		step(`an order without the required technical information is refused`, "PO-UC2-07, where the profile requires it", func(w *harness.World) any { return w.RefuseWithoutTechnicalInformation }),
		step(`nothing has changed, or else (\S+)`, "every fleet of the customer is as it was before the refused request", func(w *harness.World) any { return w.NothingChanged }),
		step(`the next order holds its own licences only, or else (\S+)`, "a refused first order left nothing behind", func(w *harness.World) any { return w.NextOrderExact }),
	}
}

func consultSteps() []definition {
	return []definition{
		step(`reading it again shows the same licences`, "US-UC1-05", func(w *harness.World) any { return w.ReadAgain }),
		step(`reading the fleet twice shows the same licences`, "US-UC1-01, US-UC1-05", func(w *harness.World) any { return w.ConsultTwice }),
		step(`reading the fleet twice, and (\d+) times more, shows the same licences`, "US-UC1-01, US-UC1-05", func(w *harness.World) any { return w.ConsultOften }),
		step(`reading an unknown fleet shows no licence`, "US-UC1-04", func(w *harness.World) any { return w.ConsultUnknownFleet }),
		step(`reading them by their ids shows just those`, "US-UC1-02", func(w *harness.World) any { return w.ConsultList }),
		step(`reading it by its id shows it and no other`, "US-UC1-03", func(w *harness.World) any { return w.ConsultOne }),
		step(`reading a licence that does not exist is refused`, "US-UC1-03", func(w *harness.World) any { return w.ConsultNone }),
	}
}

func changeSteps() []definition {
	return []definition{
		step(`(\d+) of its licences`, "chooses the customer's first licences; later steps call them \"them\"", func(w *harness.World) any { return w.Choose }),
		step(`the last of its licences`, "chooses one that choosing the first ones leaves out", func(w *harness.World) any { return w.ChooseLast }),
		step(`Orange sets them to (suspended|inactive|active|deleted)`, "US-UC2, US-UC3: followed to its end and looked up by GET", func(w *harness.World) any { return w.Set }),
		step(`Orange sets them to (suspended|inactive|active|deleted), with unknown fields`, "GEN-04: fields that the contract does not know", func(w *harness.World) any {
			return func(ctx context.Context, state string) error {
				return w.SetInStyle(ctx, harness.Unknown, state, "GEN-04")
			}
		}),
		step(`they keep everything but their state, or else (\S+)`, "login, end user, resource, offering and fleet", func(w *harness.World) any {
			return func(requirement string) error { return w.Kept(requirement, false, true) }
		}),
		step(`they keep everything but their offering, or else (\S+)`, "login, end user, resource, state and fleet", func(w *harness.World) any {
			return func(requirement string) error { return w.Kept(requirement, true, false) }
		}),
		step(`setting them to (\S+) again changes nothing`, "US-UC2-08", func(w *harness.World) any { return w.Repeat }),
		step(`setting them to (\S+) is refused, or else (\S+)`, "a change that can't be made", func(w *harness.World) any {
			return func(ctx context.Context, state, requirement string) error {
				return w.RefuseChange(ctx, state, false, requirement)
			}
		}),
		step(`Orange sets them and an unknown licence to (\S+), which is refused, or else (\S+)`, "one transaction: all or none", func(w *harness.World) any {
			return func(ctx context.Context, state, requirement string) error {
				return w.RefuseChange(ctx, state, true, requirement)
			}
		}),
		step(`Orange sends an update with (no licences|a licence without id|no JSON), which is refused`, "GEN-13", func(w *harness.World) any { return w.RefuseMalformedUpdate }),
		step(`they are still gone, or else (\S+)`, "deleted licences do not come back", func(w *harness.World) any { return w.StillGone }),
		step(`the empty fleet can be read and ordered into`, "US-UC3-05", func(w *harness.World) any { return w.EmptyFleetUsable }),
		step(`Orange swaps them to the second offering`, "US-UC4-01, US-UC4-04", func(w *harness.World) any { return w.Swap }),
		step(`swaps as the profile declares them`, "skips the scenario where it declares none", func(w *harness.World) any { return w.SwapsDeclared }),
		step(`Orange swaps them to the second offering, with unknown fields`, "GEN-04: fields that the contract does not know", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.SwapInStyle(ctx, harness.Unknown, "GEN-04") }
		}),
		step(`Orange swaps them to the second offering, where declared`, "US-UC4, in a whole sequence", func(w *harness.World) any { return w.SwapWhereDeclared }),
		step(`Orange swaps them to an unknown offering, which is refused`, "US-UC4-02", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.RefuseChange(ctx, "unknown offering", false, "US-UC4-02") }
		}),
		step(`Orange swaps them and an unknown licence, which is refused, or else (\S+)`, "one transaction: all or none", func(w *harness.World) any {
			return func(ctx context.Context, requirement string) error {
				return w.RefuseChange(ctx, "swap", true, requirement)
			}
		}),
		step(`the whole sequence (INT-\d+)`, "what a use case fails here, and nowhere else, is the sequence's finding", func(w *harness.World) any { return w.Sequence }),
		step(`the whole sequence held`, "INT-01, INT-02", func(w *harness.World) any { return w.SequenceHeld }),
	}
}

func reportSteps() []definition {
	return []definition{
		step(`the trigger (\S+)`, "skips the scenario where the profile has no such trigger", func(w *harness.World) any { return w.HasTrigger }),
		step(`an end user on it, where the profile can add one`, "starts endUser.add if it is declared", func(w *harness.World) any { return w.EndUserWherePossible }),
		step(`a login on it, where the profile can renew one`, "starts login.modify if it is declared", func(w *harness.World) any { return w.LoginWherePossible }),
		step(`a trigger for a change by the partner`, "skips the scenario where the profile can start no change", func(w *harness.World) any { return w.AnyTrigger }),
		step(`the partner reports (\S+)`, "US-UC5: pulls the trigger, waits for the event and judges it", func(w *harness.World) any { return w.Report }),
		step(`the partner reports a changed end user, who keeps the id`, "US-UC5-02, US-UC5-07", func(w *harness.World) any { return w.ModifyUser }),
		step(`the licence shows what the event announced`, "US-UC5-07, US-UC5-03", func(w *harness.World) any { return w.ShowsReport }),
		step(`the licence shows the resource that the event announced`, "US-UC5-05", func(w *harness.World) any { return w.ShowsResource }),
		step(`the licence has one login at most`, "US-UC5-06", func(w *harness.World) any { return w.OneLogin }),
		step(`a second end user is refused or never reported`, "US-UC5-04", func(w *harness.World) any { return w.SecondUser }),
	}
}

func gatewaySteps() []definition {
	order := func(kind control.FaultKind) func(w *harness.World) any {
		return func(w *harness.World) any {
			return func(ctx context.Context) error { return w.OrderWithFault(ctx, kind) }
		}
	}
	change := func(kind control.FaultKind) func(w *harness.World) any {
		return func(w *harness.World) any {
			return func(ctx context.Context) error { return w.ReportWithFault(ctx, kind) }
		}
	}
	again := func(w *harness.World) any { return w.Redelivered }
	return append([]definition{
		step(`the gateway answers the order's event with 401 expired credentials`, "a fault bound to this order", order(control.FaultExpiredOnce)),
		step(`the gateway answers the order's event with 503`, "a fault bound to this order", order(control.FaultUnavailableOnce)),
		step(`the gateway answers the order's event with 400 for good`, "a fault bound to this order", order(control.FaultRefuseAlways)),
		step(`the gateway takes the order's event but its answer is lost`, "a fault bound to this order", order(control.FaultCutOnce)),
		step(`the gateway answers the change's event with 401 expired credentials`, "a fault bound to this licence", change(control.FaultExpiredOnce)),
		step(`the gateway answers the change's event with 400 for good`, "a fault bound to this licence", change(control.FaultRefuseAlways)),
		step(`the same event is delivered again with a new token, or else (\S+)`, "AUTH-03", again),
		step(`the same event is delivered again, or else (\S+)`, "AUTH-06", again),
		step(`a repeated event is the same event`, "AUTH-07", func(w *harness.World) any { return w.SameAfterLostAnswer }),
		step(`the event is not sent without end`, "AUTH-08", func(w *harness.World) any { return w.GivesUp }),
	}, resilienceSteps()...)
}

func resilienceSteps() []definition {
	through := func(f control.Fault) func(w *harness.World) any {
		return func(w *harness.World) any {
			return func(ctx context.Context) error { return w.OrderThrough(ctx, f) }
		}
	}
	told := func(set func(*control.Fault, int), f control.Fault) func(w *harness.World) any {
		return func(w *harness.World) any {
			return func(ctx context.Context, n int) error {
				bound := f
				set(&bound, n)
				return w.OrderThrough(ctx, bound)
			}
		}
	}
	return []definition{
		step(`a customer apart from the others`, "resilience: no requirement is judged by it", func(w *harness.World) any { return w.ApartCustomer }),
		step(`the gateway answers an order's event with 429 and Retry-After (\d+)`, "a fault bound to this order",
			told(func(f *control.Fault, n int) { f.RetryAfterSeconds = n }, control.Fault{Kind: control.FaultRateLimited})),
		step(`the gateway answers an order's event with (\d+)`, "a fault bound to this order: a 5xx, once",
			told(func(f *control.Fault, n int) { f.Status = n }, control.Fault{Kind: control.FaultServerError})),
		step(`a proxy answers an order's event with a page of HTML and (\d+)`, "a fault bound to this order",
			told(func(f *control.Fault, n int) { f.Status = n }, control.Fault{Kind: control.FaultGarbage})),
		step(`the connection is cut before an order's event is taken`, "a fault bound to this order", through(control.Fault{Kind: control.FaultCutBefore})),
		step(`the gateway takes an order's event and answers after (\d+) ms`, "a fault bound to this order",
			told(func(f *control.Fault, n int) { f.DelayMs = int64(n) }, control.Fault{Kind: control.FaultSlow})),
		step(`the gateway takes an order's event and answers under another content type`, "a fault bound to this order",
			through(control.Fault{Kind: control.FaultContentType})),
		step(`the gateway takes an order's event and answers with (\d+) MiB`, "a fault bound to this order",
			told(func(f *control.Fault, n int) { f.Bytes = int64(n) << 20 }, control.Fault{Kind: control.FaultHugeAnswer})),
		step(`the same event comes again after (\d+) s at the earliest, and is taken`, "resilience", func(w *harness.World) any { return w.ComesAgain }),
		step(`the same event comes again and is taken`, "resilience", func(w *harness.World) any {
			return func(ctx context.Context) error { return w.ComesAgain(ctx, 0) }
		}),
		step(`it is not sent once more`, "resilience", func(w *harness.World) any { return w.NotAgain }),
		step(`it is the same event if it comes again`, "resilience", func(w *harness.World) any { return w.SameIfAgain }),
		step(`the partner goes on`, "resilience: the next order is acknowledged and its event comes", func(w *harness.World) any { return w.GoesOn }),
	}
}

func closingSteps() []definition {
	return []definition{
		step(`no acknowledged request got a second event`, "GEN-10, over the whole run", func(w *harness.World) any { return w.NoSecondEvent }),
		step(`no event answered a request`, "GEN-08, over the whole run", func(w *harness.World) any { return w.NoEventAtAll }),
		step(`no two orders, contacts, fleets or licences share an id`, "GEN-05, over the whole run", func(w *harness.World) any { return w.IDsUnique }),
		step(`each token was asked for with client credentials`, "AUTH-01, over the whole run", func(w *harness.World) any { return w.TokensAskedFor }),
		step(`each event call carried a valid token`, "AUTH-02, over the whole run", func(w *harness.World) any { return w.TokensValid }),
		step(`tokens were reused`, "AUTH-04, over the whole run", func(w *harness.World) any { return w.TokensReused }),
		step(`each event went to the declared offer`, "AUTH-05, over the whole run", func(w *harness.World) any { return w.EventsToOffer }),
		step(`no event refused for good was sent without end`, "AUTH-08, over the whole run", func(w *harness.World) any { return w.RefusedGivenUp }),
		step(`licences are still as the updates left them`, "US-UC2, US-UC3, US-UC4, over the whole run", func(w *harness.World) any { return w.ChangesLast }),
		step(`no licence was given a second end user`, "US-UC5-04, over the whole run", func(w *harness.World) any { return w.OneUserAtATime }),
	}
}
