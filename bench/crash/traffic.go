package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/clementine-ope/clementine/wire"
)

const (
	orderPath  = "/productordering/v2/productOrder"
	updatePath = "/userservice/v2/userService/update"
	listPath   = "/userservice/v2/userService"
	tagName    = "storageSize" // the technical information that says which order made a licence
	callLimit  = 10 * time.Second
	// How long a worker waits for an order's event before it leaves the customer to itself.
	eventPatience = 2 * time.Second
	refusalPause  = 50 * time.Millisecond // before a request that was refused is sent again
)

// caller is Orange as it calls the partner.
type caller struct {
	base   string
	client *http.Client
}

func newCaller(base string) *caller {
	return &caller{base: base, client: &http.Client{Timeout: callLimit}}
}

func (c *caller) call(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, 16<<20))
	return res.StatusCode, answer, err
}

// licences are those of a fleet, as GET shows them.
func (c *caller) licences(ctx context.Context, fleet string) ([]wire.UserService, error) {
	status, body, err := c.call(ctx, http.MethodGet, listPath+"?productRefId="+url.QueryEscape(fleet), nil)
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("licences of fleet %s: status %d: %w", fleet, status, err)
	}
	var licences []wire.UserService
	return licences, json.Unmarshal(body, &licences)
}

// traffic is one worker: customer after customer, until it is told to stop.
type traffic struct {
	*caller
	ledger  *ledger
	partner *child
	stop    <-chan struct{}
	name    string
	random  *rand.Rand
}

func (t *traffic) run(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-t.stop:
			return
		default:
			t.customer(ctx, fmt.Sprintf("%s-c%d", t.name, n))
		}
	}
}

// customer orders for two new fleets at once, and goes on with the first of them if it is there soon.
func (t *traffic) customer(ctx context.Context, name string) {
	first := t.order(ctx, name, name+"-o1", "")
	t.order(ctx, name, name+"-o2", "")
	fleet, ok := t.ledger.fleetOf(ctx, first, eventPatience)
	if !ok {
		return
	}
	licences, err := t.licences(ctx, fleet)
	if err != nil || len(licences) == 0 {
		return // killed meanwhile: what is missing shows in the end
	}
	for i := range 2 + t.random.IntN(3) {
		if t.random.IntN(2) == 0 {
			t.order(ctx, name, fmt.Sprintf("%s-p%d", name, i), fleet)
			continue
		}
		state := []wire.State{wire.Suspended, wire.Active}[i%2]
		t.update(ctx, name, fmt.Sprintf("%s-u%d", name, i), licences, state)
	}
}

// order places an order until it is acknowledged, and returns its reference.
func (t *traffic) order(ctx context.Context, customer, reference, fleet string) string {
	quantity := 1 + t.random.IntN(4)
	order := wire.ProductOrder{
		ExternalReference: wire.Reference{Type: "orange", ID: reference},
		Category:          "production",
		Customer:          wire.Customer{ExternalReference: wire.Reference{Type: "orange", ID: customer}, TradingName: customer},
		OrderItem: []wire.OrderItem{{
			Action: wire.Add,
			ProductRef: wire.ProductRef{
				ID: fleet, UserServiceQuantity: quantity,
				Characteristic: []wire.Characteristic{{Name: tagName, Value: reference}},
			},
			ProductOffering: wire.Offering{ExternalReference: wire.Reference{Type: "orange", ID: "NOTES-S"}},
		}},
	}
	t.send(ctx, &request{reference: reference, customer: customer, path: orderPath, quantity: quantity}, order)
	return reference
}

func (t *traffic) update(ctx context.Context, customer, reference string, licences []wire.UserService, state wire.State) {
	update := wire.UpdateRequest{ExternalReference: wire.Reference{Type: "orange", ID: reference}}
	r := &request{reference: reference, customer: customer, path: updatePath, state: state}
	for _, l := range licences {
		update.UserServices = append(update.UserServices, wire.Change{ID: l.ID, ExternalState: state})
		r.licences = append(r.licences, l.ID)
	}
	if len(licences) > 0 {
		r.fleet = licences[0].RelatedProductRefID
	}
	t.send(ctx, r, update)
}

// send repeats a request until it is acknowledged, as Orange does after a time-out, and now and then once more.
func (t *traffic) send(ctx context.Context, r *request, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		t.ledger.fault(&t.ledger.invented, "%s: %v", r.reference, err)
		return
	}
	t.ledger.sent(r)
	for ctx.Err() == nil {
		select {
		case <-t.partner.ready():
		case <-ctx.Done():
			return
		}
		status, answer, err := t.call(ctx, http.MethodPost, r.path, encoded)
		if err != nil {
			continue
		}
		t.ledger.answered(r, status, answer)
		if status/100 == 5 {
			if wait(ctx, refusalPause) != nil {
				return
			}
			continue
		}
		if t.random.IntN(4) > 0 {
			return
		}
	}
}
