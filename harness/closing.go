package harness

import (
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// The verbs of this file look at the whole run, once everything else has ended and the quiet window has passed.

// ours lists the events that this run asked for: a partner may still be sending events of an earlier run.
func (w *World) ours() []*event {
	var out []*event
	for _, ev := range w.since(0) {
		if w.run.knows(ev) {
			out = append(out, ev)
		}
	}
	return out
}

func (r *Run) knows(ev *event) bool {
	if ref := r.text(ev.resource, "order.externalReference"); ref != "" {
		r.registry.mu.Lock()
		_, update := r.registry.updates[ref]
		_, order := r.registry.orders[ref]
		r.registry.mu.Unlock()
		if update || order {
			return true
		}
	}
	if _, ok := r.registry.ownerOf("order", r.text(ev.resource, "order.id")); ok && ev.class == classOrder {
		return true
	}
	for _, id := range ev.licences {
		if _, ok := r.registry.ownerOf("licence", id); ok {
			return true
		}
	}
	return false
}

// NoSecondEvent judges GEN-10 over the whole run: no acknowledged request got two events.
func (w *World) NoSecondEvent() error {
	if len(w.run.registry.allOrders())+len(w.run.registry.allUpdates()) == 0 {
		return w.block("no order was sent in this run")
	}
	w.judged("GEN-10")
	events := w.ours()
	for _, o := range w.run.registry.allOrders() {
		if o.acked && !o.repeated && !o.turnedAway {
			w.once(events, "order "+o.Reference, func(ev *event) bool {
				ref := w.run.text(ev.resource, "order.externalReference")
				return w.run.matchesOrder(ev, o) && (ref == o.Reference || w.run.registry.orderBy(ref) == nil)
			})
		}
	}
	for _, u := range w.run.registry.allUpdates() {
		if u.acked {
			w.once(events, "update "+u.Reference, func(ev *event) bool {
				return w.run.matchesUpdate(ev, u) && (u.event == ev || w.answers(ev, u))
			})
		}
	}
	return nil
}

// answers reports whether an update event names the update itself, not only its licences.
func (w *World) answers(ev *event, u *Update) bool {
	id := w.run.text(ev.resource, "update.id")
	return w.run.text(ev.resource, "update.externalReference") == u.Reference || id != "" && id == u.id
}

// lateAnswer is how long our gateway may take: who has waited longer may have given up, and is right to send the event again.
const lateAnswer = 5 * time.Second

func (w *World) once(events []*event, what string, match func(*event) bool) {
	var taken []*event
	parts, late := map[int]bool{}, false
	for _, ev := range events {
		if !ev.delivered() || !match(ev) {
			continue
		}
		// The mock Orange may have ended before its answer had left: then sending again is right.
		part := w.run.partOf(ev.exchange)
		if len(taken) == 0 || parts[part] && !late || !w.sameEvent(taken[0], ev) {
			taken = append(taken, ev)
		}
		parts[part], late = true, ev.DurationMs >= float64(lateAnswer.Milliseconds())
	}
	if len(taken) > 1 {
		w.saw(taken[1].exchange)
		w.fail("GEN-10", breach{expected: fmt.Sprintf("exactly one final event for the %s", what), seen: fmt.Sprintf("%d events that the gateway took", len(taken)), exchange: taken[1].exchange,
			hint: "Once the gateway has answered 201 the event is delivered: do not send it again."})
	}
}

// NoEventAtAll judges GEN-08: a synchronous partner sent no event that answers a request.
func (w *World) NoEventAtAll() error {
	if len(w.run.registry.allOrders())+len(w.run.registry.allUpdates()) == 0 {
		return w.block("no order was sent in this run")
	}
	w.judged("GEN-08")
	for _, ev := range w.ours() {
		answers := ev.class == classOrder || ev.class == classUpdate && w.run.present(ev.resource, "update.state")
		if answers {
			w.saw(ev.exchange)
			w.fail("GEN-08", breach{expected: "no event that answers a request: the answer already held the result", seen: fmt.Sprintf("%s %s, type %q", ev.Method, ev.Path, ev.kind), exchange: ev.exchange,
				hint: "The profile says mode: sync. Send events for UserService UC5 only, or declare mode: async."})
		}
	}
	return nil
}

// eventsSeen blocks what looks at event calls while there are none.
func (w *World) eventsSeen() ([]*event, error) {
	events := w.ours()
	if len(events) == 0 {
		return nil, w.block("no event call was seen in this run")
	}
	return events, nil
}

// TokensAskedFor judges AUTH-01 over the whole run.
func (w *World) TokensAskedFor() error {
	calls := w.tokenCalls()
	for _, ev := range w.since(0) {
		if ev.API == "" && isTokenPath(ev.Path) {
			w.saw(ev.exchange)
			w.fail("AUTH-01", breach{expected: "POST " + w.run.pack.Endpoint("token").Path, seen: ev.Method + " " + ev.Path, verbatim: true, exchange: ev.exchange})
		}
	}
	if len(calls) == 0 {
		if w.failedSomewhere("AUTH-01") {
			return nil
		}
		if _, err := w.eventsSeen(); err != nil {
			return err
		}
		return w.skip("not observable: the partner used a token from before this run")
	}
	w.judged("AUTH-01")
	for _, c := range calls {
		w.judgeGrant(c)
	}
	return nil
}

func (w *World) judgeGrant(c tokenCall) {
	if c.Grant == nil || c.Fault != "" {
		return
	}
	w.saw(c.exchange)
	g := c.Grant
	ok := soundGrant(*g)
	seen := fmt.Sprintf("grant_type %q, credentials in %s, client id %q", g.GrantType, g.CredentialsIn, g.ClientID)
	if g.Error != "" {
		seen += ": " + g.Error
	}
	if ok && g.CredentialsIn != "basic" {
		w.note("client credentials in the form body: accepted, Basic is the rule")
	}
	w.check("AUTH-01", ok, breach{expected: "grant_type client_credentials with the client id and secret as Basic credentials", seen: seen, exchange: c.exchange, hint: grantHint(*g, w.run.profile.Orange.ClientID)})
}

// soundGrant reports whether a token was asked for as AUTH-01 says. Too many requests are AUTH-04's, whatever they hold.
func soundGrant(g control.Grant) bool {
	taken := g.Error == "" || g.Error == "too_many_requests"
	return g.GrantType == "client_credentials" && taken && (g.CredentialsIn == "basic" || g.CredentialsIn == "body" || g.CredentialsIn == "both")
}

// tokenRefused says that no token was given at the last request for one, and why; empty where one was, or none was asked for.
func (w *World) tokenRefused() string {
	calls := w.tokenCalls()
	if len(calls) == 0 {
		return ""
	}
	last := calls[len(calls)-1]
	if last.Grant == nil || last.Fault != "" || last.Grant.Error == "" || soundGrant(*last.Grant) {
		return ""
	}
	return fmt.Sprintf("The partner's last token request was refused (%s), so that it has none for an event. %s", last.Grant.Error, grantHint(*last.Grant, w.run.profile.Orange.ClientID))
}

// grantHint is what to change about a token request, where own is the client id that the profile lets in.
func grantHint(g control.Grant, own string) string {
	switch {
	case g.Error == "invalid_client" && g.ClientID != own:
		return fmt.Sprintf("The profile lets in the client id %q (orange.clientID).", own)
	case g.Error == "invalid_client" && (g.CredentialsIn == "basic" || g.CredentialsIn == "body"):
		return fmt.Sprintf("The secret is not that of the client id %q (orange.clientSecret).", own)
	}
	return "POST grant_type=client_credentials with Authorization: Basic base64(client id:client secret)."
}

// TokensValid judges AUTH-02 over the whole run.
func (w *World) TokensValid() error {
	events, err := w.eventsSeen()
	if err != nil {
		return err
	}
	w.judged("AUTH-02")
	for _, ev := range events {
		w.judgeToken(ev)
	}
	return nil
}

// From this many event calls on, a token request for each of them shows.
const enoughEvents = 5

// TokensReused judges AUTH-04 over the whole run: far fewer token requests than event calls. A token that a fault made
// the partner ask for does not count, whichever event met the fault: one of the resilience section's is none of ours.
func (w *World) TokensReused() error {
	events, err := w.eventsSeen()
	if err != nil {
		return err
	}
	if len(events) < enoughEvents {
		return w.skip(fmt.Sprintf("not observable: fewer than %d event calls", enoughEvents))
	}
	grants, forced, last := 0, 0, -1
	for _, c := range w.tokenCalls() {
		// A token whose answer a fault changed or held back may never have been of use.
		if c.Grant != nil && c.Grant.Error == "" && c.Fault == "" {
			grants, last = grants+1, c.exchange
		}
	}
	for _, ev := range w.run.inbox.since(0) {
		if ev.Auth.JudgeMade || ev.deniedByFault() {
			forced++
		}
	}
	w.check("AUTH-04", grants-forced <= len(events)/2, breach{expected: "one token for many calls: it is good for an hour", seen: fmt.Sprintf("%d tokens for %d event calls", grants, len(events)), exchange: last,
		hint: "Keep the token until shortly before expires_in has passed, or until a 401. 50 token requests a minute are allowed."})
	return nil
}

// EventsToOffer judges AUTH-05 over the whole run.
func (w *World) EventsToOffer() error {
	events, err := w.eventsSeen()
	if err != nil {
		return err
	}
	w.judged("AUTH-05")
	for _, ev := range events {
		if ev.API != "" && ev.Offer != w.run.profile.Offer {
			w.saw(ev.exchange)
			w.fail("AUTH-05", breach{expected: "events on the offer " + w.run.profile.Offer, seen: ev.Method + " " + ev.Path, verbatim: true, exchange: ev.exchange, hint: "The path's first part is the declared offer, " + w.run.profile.Offer + "."})
		}
	}
	return nil
}

// OneUserAtATime judges US-UC5-04 over the whole run: no add for a licence that has an end user.
func (w *World) OneUserAtATime() error {
	has, told := map[string]bool{}, map[string]bool{}
	looked := false
	for _, ev := range w.ours() {
		// The same bytes again are a redelivery, not a second change.
		if !ev.delivered() || ev.class != classOperations || told[string(ev.Body)] {
			continue
		}
		told[string(ev.Body)] = true
		for _, id := range ev.licences {
			for _, op := range w.run.operations(ev, id, "operations.user") {
				looked = true
				switch w.run.text(op, "operation.action") {
				case w.role("action.delete"):
					has[id] = false
				case w.role("action.add"):
					if has[id] {
						w.saw(ev.exchange)
						w.fail("US-UC5-04", breach{expected: "no add for a licence that has an end user", seen: fmt.Sprintf("a second add for licence %q", id), exchange: ev.exchange, hint: "Refuse it in your tool, or report delete first, or modify."})
					}
					has[id] = true
				}
			}
		}
	}
	if reason := w.run.noTrigger(profile.TriggerEndUserAdd); reason != "" && !looked {
		return w.skip(reason)
	}
	if !looked {
		return w.block("no end user operation was seen in this run")
	}
	w.judged("US-UC5-04")
	return nil
}

// RefusedGivenUp judges AUTH-08 over the whole run, on the events that the gateway refused for good.
func (w *World) RefusedGivenUp() error {
	w.run.mu.Lock()
	refused := w.run.refused
	w.run.mu.Unlock()
	if len(refused) == 0 {
		return w.skip("no event was refused for good in this run")
	}
	w.judged("AUTH-08")
	for _, f := range refused {
		w.saw(f.first.exchange)
		w.givenUp(f)
	}
	return nil
}

// IDsUnique judges GEN-05 over the whole run: the findings were recorded where the ids were read.
func (w *World) IDsUnique() error {
	w.judged("GEN-05")
	return nil
}

func isTokenPath(path string) bool {
	return len(path) >= 6 && (path[len(path)-6:] == "/token" || path[:6] == "/oauth")
}
