package partner_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	os.Exit(databasetest.Run(m, &server))
}

// TestOnEachEngine runs the behaviours that memory has on the durable stores too.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	behaviours := map[string]func(*testing.T){
		"delivery is repeated": TestDeliveryIsRepeated, "retry after": TestRetryAfterIsHeeded,
		"token": TestTokenIsReusedAndRenewed, "token server": TestTokenServerTroubleIsOvercome,
		"parked": TestRefusedEventIsParked, "refused tokens": TestRefusedTokensAreOvercome, "side by side": TestCustomersDoNotWaitForEachOther,
		"shows as the event leaves": TestLicencesShowWhenTheEventLeaves, "not before": TestNothingShowsBeforeTheWorkIsDone,
		"acknowledgement first": TestAcknowledgementLeavesBeforeTheEvent,
		"customer":              TestCustomer, "order": TestOrder, "more licences": TestMoreLicences,
		"cannot be met": TestOrderThatCannotBeMet, "failed order": TestFailedOrderIsTold, "malformed": TestMalformed,
		"technical information": TestTechnicalInformationIsKept, "same order twice": TestSameOrderTwice,
		"in flight": TestOrdersInFlightKeepTheirOrder, "consult": TestConsult,
		"end user": TestEndUser, "refusals of the tool": TestToolRefusals, "resource": TestResource,
		"resource of the order": TestResourceGivenByTheOrder, "login": TestLogin, "organization code": TestOrganizationCode,
		"states": TestStates, "delete": TestDelete, "empty fleet": TestEmptyFleetTakesOrders, "swap": TestSwap,
		"one transaction": TestUpdateIsOneTransaction, "same update twice": TestSameUpdateTwice,
		"shared reference": TestOrderAndUpdateMayShareAReference,
	}
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			for name, behaviour := range behaviours {
				t.Run(name, behaviour)
			}
		})
	}
}

// storeOf opens the store of the engine that the test's name gives; there is none above TestOnEachEngine.
func storeOf(t *testing.T) *partner.Durable {
	t.Helper()
	parts := strings.Split(t.Name(), "/")
	for _, engine := range databasetest.Engines(&server) {
		if len(parts) > 1 && parts[1] == engine.Name {
			return open(t, engine.Address(t))
		}
	}
	return nil
}

func open(t *testing.T, address string) *partner.Durable {
	t.Helper()
	store, err := partner.OpenDurable(t.Context(), databasetest.Open(t, address, database.Options{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// onDurable runs a test on a database that outlives a partner.
func onDurable(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run("on "+engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, engine.Address(t))
		})
	}
}

func in(store *partner.Durable) option { return func(o *partner.Options) { o.Store = store } }

func (w *world) stop() {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.partner.Close(ctx); err != nil {
		w.Error(err)
	}
}

func TestRestartGoesOn(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		w := newWorld(t, profile.Async, in(open(t, address)))
		c := w.customer("c1")
		first := w.place(order("o1", c, "", "NOTES-S", 2))
		w.orange.then(status(503), status(503))
		body := write(w, order("o2", c, first.OrderItem[0].ProductRef.ID, "NOTES-S", 3))
		acknowledged := w.call("POST", orders, body)
		receive(w, w.orange.calls, "the first event's call")
		refused := receive(w, w.orange.calls, "the second event's call")
		w.stop()

		w2 := newWorld(t, profile.Async, in(open(t, address)), func(o *partner.Options) {
			o.GatewayURL, o.TokenURL = w.orange.server.URL, w.orange.server.URL+"/oauth/v3/token"
		})
		sameBytes(t, refused.body, w.orange.next(t).body)
		if n := len(w2.licences(first.OrderItem[0].ProductRef.ID)); n != 5 {
			t.Errorf("%d licences after the restart, want 5", n)
		}
		again := w2.call("POST", orders, body)
		sameBytes(t, acknowledged.body, again.body)
	})
}

func TestOneReferenceIsOneOrderUnderLoad(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		// Two partners on one database, as two replicas are; a file has one user.
		w := newWorld(t, profile.Sync, in(open(t, address)))
		w2 := w
		if strings.HasPrefix(address, "postgres") {
			w2 = newWorld(t, profile.Sync, in(open(t, address)))
		}
		body := write(t, order("o1", wire.Customer{ExternalReference: ref("new"), TradingName: "New"}, "", "NOTES-S", 3))
		answers := make([]reply, 8)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = []*world{w, w2}[i%2].call("POST", orders, body) })
		}
		group.Wait()
		for _, a := range answers {
			sameBytes(t, answers[0].body, a.body)
		}
		o := read[wire.ProductOrder](t, answers[0].body)
		if n := len(w.licences(o.OrderItem[0].ProductRef.ID)); n != 3 {
			t.Errorf("%d licences, want 3", n)
		}
	})
}

func TestParkedEventIsSentAgainByHand(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		store := open(t, address)
		w := newWorld(t, profile.Async, in(store))
		c := w.customer("c1")
		w.orange.then(status(400))
		w.call("POST", orders, write(w, order("o1", c, "", "NOTES-S", 1)))
		refused := receive(w, w.orange.calls, "the refused call")
		// The next event of the lane leaves when the first is out of its way.
		w.place(order("o2", c, "", "NOTES-S", 1))
		parked, _, err := store.Parked(t.Context(), 10)
		if err != nil || len(parked) != 1 || !strings.Contains(parked[0].Reason, "400") || parked[0].Lane != "c1" {
			t.Fatalf("parked: %+v, %v", parked, err)
		}
		if err := store.Resend(t.Context(), "nobody"); !errors.Is(err, outbox.ErrNotParked) {
			t.Errorf("resend of an unknown event: %v", err)
		}
		if err := store.Resend(t.Context(), parked[0].ID); err != nil {
			t.Fatal(err)
		}
		sameBytes(t, refused.body, w.orange.next(t).body)
	})
}

// What others choose as text must fit both engines.
func TestStrangeReferences(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		w := newWorld(t, profile.Sync, in(open(t, address)))
		for _, id := range []string{"nul\x00", `nul\0`, "é漢\U0001F34A", strings.Repeat("long", 5000), strings.Repeat("long", 5001)} {
			customer := w.customer(id)
			o := w.place(order("o "+id, customer, "", "NOTES-S", 1))
			if again := w.place(order("o "+id, customer, "", "NOTES-S", 1)); o.ID == "" || again.ID != o.ID {
				t.Errorf("%.20q: order %q, then %q", id, o.ID, again.ID)
			}
			if found := w.place(order("p "+id, wire.Customer{ExternalReference: ref(id)}, "", "NOTES-S", 1)); found.Customer.ID != customer.ID {
				t.Errorf("%.20q: customer %q found as %q", id, customer.ID, found.Customer.ID)
			}
		}
		for _, path := range []string{"/userservice/v2/userService?productRefId=%00", "/userservice/v2/userService?productRefId=%ff"} {
			if got := w.call("GET", path, ""); got.status != http.StatusOK || string(got.body) != "[]" {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	})
}

// Updates of one fleet at a time, through two partners where the engine lets them: none undoes another.
func TestUpdatesSideBySide(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		w := newWorld(t, profile.Sync, in(open(t, address)))
		w2 := w
		if strings.HasPrefix(address, "postgres") {
			w2 = newWorld(t, profile.Sync, in(open(t, address)))
		}
		licences := w.fleet("c1", 8)
		var group sync.WaitGroup
		for i, l := range licences {
			group.Go(func() {
				[]*world{w, w2}[i%2].call("POST", updates, write(t, wire.UpdateRequest{
					ExternalReference: ref(l.ID), UserServices: []wire.Change{{ID: l.ID, ExternalState: wire.Suspended}},
				}))
				[]*world{w, w2}[i%2].call("POST", "/customer-tool/"+l.ID+"/resource/modify", "")
			})
		}
		group.Wait()
		for _, l := range w.licences(licences[0].RelatedProductRefID) {
			if l.ExternalState != wire.Suspended {
				t.Errorf("%s is %s", l.ID, l.ExternalState)
			}
		}
	})
}

// A server that ends under the partner costs calls, and nothing that was acknowledged.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel()
	own := &databasetest.Server{}
	address := own.Address(t)
	w := newWorld(t, profile.Async, in(open(t, address)))
	t.Cleanup(func() {
		w.stop()
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := w.customer("c1")
	const orderCount = 5
	for i := range orderCount {
		w.call("POST", orders, write(w, order(fmt.Sprintf("o%d", i), c, "", "NOTES-S", 1)))
	}
	own.Restart(t)
	// The pool finds out by failing calls that its connections are dead; Orange sends again.
	body := write(w, order("after", c, "", "NOTES-S", 1))
	for w.call("POST", orders, body).status != http.StatusAccepted {
		if t.Context().Err() != nil {
			t.Fatal("the partner did not come back")
		}
	}
	seen := map[string]bool{}
	for len(seen) < orderCount+1 {
		event, late := receiveWithin(t, w.orange.events, time.Minute)
		if late {
			t.Fatalf("only the events of %v have arrived", seen)
		}
		seen[read[struct{ Resource wire.ProductOrder }](t, event.body).Resource.ExternalReference.ID] = true
	}
}

func receiveWithin(t *testing.T, events <-chan event, patience time.Duration) (event, bool) {
	t.Helper()
	select {
	case e := <-events:
		return e, false
	case <-time.After(patience):
		return event{}, true
	}
}

// A partner that is told to stop at once hands back what it had in hand.
func TestStoppedBeforeTheWork(t *testing.T) {
	t.Parallel()
	onDurable(t, func(t *testing.T, address string) {
		slow := func(o *partner.Options) { o.Delay = 50 * time.Millisecond }
		w := newWorld(t, profile.Async, in(open(t, address)), slow)
		ack := w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 1)))
		w.stop()
		newWorld(t, profile.Async, in(open(t, address)), slow, func(o *partner.Options) {
			o.GatewayURL, o.TokenURL = w.orange.server.URL, w.orange.server.URL+"/oauth/v3/token"
		})
		want := read[wire.ProductOrder](t, ack.body).ID
		if o := read[struct{ Resource wire.ProductOrder }](t, w.orange.next(t).body).Resource; o.ID != want {
			t.Errorf("event of %s, want %s", o.ID, want)
		}
	})
}
