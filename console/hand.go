package console

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/web"
)

// How many calls by hand there are at once, and how long one may take besides what the profile allows.
const (
	handsKept    = 50 // of everybody
	handsAtOnce  = 4  // of one owner
	handPatience = time.Minute
	handWait     = 2 * time.Second // before the page of a call is shown without its end
)

// handCall is one call by hand: what is shown while it goes on, and what came of it.
type handCall struct {
	live *live
	form url.Values
	stop context.CancelFunc

	// Set once, before live is over.
	result  *handResult
	problem error
}

// hands are the calls by hand, oldest first. Each program has its own.
type hands struct {
	mu      sync.Mutex
	all     []*handCall
	closing bool
	going   sync.WaitGroup
}

// find is a call that the owner may see; nil if there is none.
func (h *hands) find(owner, id string) *handCall {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, call := range h.all {
		if call.live.run.ID == id && (owner == "" || call.live.run.Owner == owner) {
			return call
		}
	}
	return nil
}

// given is what the calls by hand to a set-up have brought so far, the last of each kind: values of the form's fields.
func (h *hands) given(owner, setUp string) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]string{}
	for _, call := range h.all {
		if call.live.run.Owner != owner || call.form.Get("profile") != setUp || !call.live.state(0).over || call.result == nil {
			continue
		}
		n := call.result.judged.Named
		if call.form.Get("call") == callUC1 && n.Customer != "" {
			// Another customer: what the last one had is not its own.
			out = map[string]string{"customer": n.Customer, "customerReference": customerReference(call.form.Get("reference")), "name": call.form.Get("name")}
		}
		for field, value := range map[string]string{"fleet": n.Fleet, "licence": n.Licence} {
			if value != "" {
				out[field] = value
			}
		}
	}
	return out
}

// begin takes a call in; errBusy where its owner, or everybody, has as many under way as may be.
func (h *hands) begin(call *handCall) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return errClosing
	}
	own := 0
	for _, other := range h.all {
		if other.live.run.Owner == call.live.run.Owner && !other.live.state(0).over {
			own++
		}
	}
	if own >= handsAtOnce {
		return errBusy
	}
	for i := 0; len(h.all) >= handsKept && i < len(h.all); {
		if h.all[i].live.state(0).over {
			h.all = append(h.all[:i], h.all[i+1:]...)
			continue
		}
		i++
	}
	if len(h.all) >= handsKept {
		return errBusy
	}
	h.all = append(h.all, call)
	h.going.Add(1)
	return nil
}

func (h *hands) close(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	for _, call := range h.all {
		call.stop()
	}
	h.mu.Unlock()
	return ended(ctx, &h.going, "calls by hand are under way")
}

// sendByHand makes the call that the form holds, and leads to its page: at its end, or once there is something to wait
// for.
func (c *Console) sendByHand(w http.ResponseWriter, r *http.Request, by caller) error {
	h, err := c.handChoice(r, by, r.PostForm)
	if err != nil {
		return err
	}
	if h.profile == nil || h.call == nil {
		if h.stored == nil || h.profile != nil {
			return archive.ErrNotFound
		}
		return goTo(w, r, "/profiles/"+h.stored.ID, "")
	}
	if r.PostForm.Get("do") == doFill {
		return c.helperPage(w, r, http.StatusOK, h, helperPage{})
	}
	if h.call.Trigger != "" && h.values["licence"] == "" {
		return c.helperPage(w, r, http.StatusUnprocessableEntity, h, helperPage{Problem: c.text(r, "helper.noLicence")})
	}
	call, ctx := c.newHandCall(r, by, h)
	switch err := c.hands.begin(call); {
	case errors.Is(err, errBusy), errors.Is(err, errClosing):
		call.stop()
		return c.helperPage(w, r, http.StatusServiceUnavailable, h, helperPage{Problem: c.text(r, "helper.busy")})
	case err != nil:
		return err
	}
	go c.judgeHand(ctx, call, c.handOptions(c.calling(by, *h.stored), h.profile, call), h)
	wait := time.NewTimer(handWait)
	defer wait.Stop()
	for {
		s := call.live.state(0)
		if s.over || s.asked != nil {
			break
		}
		select {
		case <-s.changed:
			continue
		case <-wait.C:
		case <-r.Context().Done():
			return r.Context().Err()
		}
		break
	}
	return goTo(w, r, "/helper/"+call.live.run.ID, "")
}

func (c *Console) newHandCall(r *http.Request, by caller, h handChoice) (*handCall, context.Context) {
	limit := h.profile.Delays.Answer.D() + h.profile.Delays.Event.D() + h.profile.Delays.Quiet.D() + c.options.Patience + handPatience
	ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), limit)
	form := url.Values{"profile": {h.stored.ID}, "call": {h.call.ID}, "body": {h.body}, "filled": {h.filled}}
	for name, value := range h.values {
		form.Set(name, value)
	}
	l := &live{
		run: archive.Run{ID: archive.NewID(), Owner: by.owner, Partner: h.profile.Partner.Name}, waits: c.options.Patience, parties: partiesOf(h.profile),
		changed: make(chan struct{}),
	}
	return &handCall{live: l, form: form, stop: stop}, ctx
}

func (c *Console) handOptions(by caller, p *profile.Profile, call *handCall) harness.Options {
	c.atThisOrange(p)
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // it never fails
	return harness.Options{
		Pack: c.options.Pack, Profile: p, Orange: ownOrange{c.options.Orange(), p.Orange.ClientID}, Seed: binary.LittleEndian.Uint64(seed[:]),
		Version: c.options.Version, Now: c.options.Now, Ask: call.live.ask, Dial: by.dial, Watch: call.live.watch,
	}
}

func (c *Console) judgeHand(ctx context.Context, call *handCall, o harness.Options, h handChoice) {
	defer c.hands.going.Done()
	defer call.stop()
	defer call.live.change(func() { call.live.over = true })
	defer func() {
		if broke := recover(); broke != nil {
			call.problem = fmt.Errorf("the call panicked: %v", broke)
			c.log.Error("call by hand", "error", call.problem)
		}
	}()
	judged, err := harness.JudgeSingle(ctx, o, harness.Single{
		Kind: h.call.Kind, Body: []byte(h.body), Fleet: h.values["fleet"], Licence: h.values["licence"], Customer: h.values["customer"], Trigger: h.call.Trigger,
	}, string(web.English))
	if err != nil {
		call.problem = err
		return
	}
	call.result = resultOf(judged)
}

func (c *Console) showHand(w http.ResponseWriter, r *http.Request, by caller) error {
	call := c.hands.find(by.sees(), r.PathValue("id"))
	if call == nil {
		return archive.ErrNotFound
	}
	h, err := c.handChoice(r, by, call.form)
	if err != nil {
		return err
	}
	d, err := c.sentPage(r, by, call)
	if err != nil {
		return err
	}
	return c.helperPage(w, r, http.StatusOK, h, helperPage{Sent: d, Next: c.goesOn(r, h, call)})
}

// goesOn lists the calls that name what a call has brought.
func (c *Console) goesOn(r *http.Request, h handChoice, call *handCall) []option {
	if !call.live.state(0).over || call.result == nil {
		return nil
	}
	n := call.result.judged.Named
	var out []option
	for _, each := range h.calls {
		brought := map[string]bool{"uc2": n.Customer != "" && call.form.Get("call") == callUC1, "uc3": n.Fleet != "" && n.Licence == "", "consult": n.Fleet != "" && n.Licence == ""}[each.ID]
		if brought || n.Licence != "" && slices.Contains(each.Fields, "licence") {
			out = append(out, option{Value: each.ID, Text: c.text(r, "call."+each.ID)})
		}
	}
	return out
}

func (c *Console) streamHand(w http.ResponseWriter, r *http.Request, by caller) error {
	call := c.hands.find(by.sees(), r.PathValue("id"))
	if call == nil {
		return archive.ErrNotFound
	}
	return c.follow(w, r, call.live)
}

// answerHand is a button of what a call by hand asks.
func (c *Console) answerHand(w http.ResponseWriter, r *http.Request, by caller) error {
	call := c.hands.find(by.sees(), r.PathValue("id"))
	if call == nil {
		return archive.ErrNotFound
	}
	return c.answer(w, r, call.live, "/helper/"+call.live.run.ID)
}
