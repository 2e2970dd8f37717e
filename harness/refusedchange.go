package harness

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// RefuseChange sends an update that the partner has to refuse: the chosen licences, with one more that does not exist
// if unknown. state "swap" swaps, "unknown offering" swaps to an offering that no catalogue has.
func (w *World) RefuseChange(ctx context.Context, state string, unknown bool, requirement string) error {
	c := w.changeTo(state)
	switch state {
	case "swap":
		if c.swap = w.offer(1); c.swap == "" {
			return w.skip("the profile has one offering only")
		}
	case "unknown offering":
		c.swap = w.unknownOffering()
	}
	c.requirement = requirement
	ids := slices.Clone(w.chosen)
	if unknown {
		ids = append(ids, w.run.seed.id("NO-SUCH-LICENCE", w.id))
	}
	u := w.newUpdate(c, ids)
	body, err := w.render("update", "update.request", w.updateVars(u))
	if err != nil {
		return err
	}
	u.body = body
	return w.refuseUpdate(ctx, u, requirement)
}

// refuseUpdate sends an update to be refused and judges that it is.
func (w *World) refuseUpdate(ctx context.Context, u *Update, requirement string) error {
	if err := w.snapshot(ctx); err != nil {
		return err
	}
	return w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.sendUpdate(ctx, u); err != nil {
			return 0, err
		}
		out, err := w.settleUpdate(ctx, u, requirement)
		if err != nil {
			return 0, err
		}
		if !w.check(requirement, out.refused, breach{expected: refusedMeans, seen: "completed", exchange: out.exchange, hint: "An update is one transaction: if one licence can't be changed, none is."}) {
			return u.waited(), w.blockOn(requirement)
		}
		return u.waited(), nil
	})
}

// settleUpdate follows an update to its end where the end may be a refusal.
func (w *World) settleUpdate(ctx context.Context, u *Update, requirement string) (outcome, error) {
	a := u.answer
	out, state, err := w.settleAnswer(a, u.body, "update.refusal", "update.state", requirement, refusedMeans)
	if err != nil || out.refused && !out.doc.Exists() {
		return out, err
	}
	w.nameUpdate(u, out.doc)
	switch state {
	case w.role("update.failed"):
		w.sameUpdate(u, out.doc, a.Exchange)
		out.refused = true
		return out, nil
	case w.role("update.completed"):
		return out, nil
	}
	u.acked, u.ackAt = true, a.At.Add(a.Elapsed)
	ev, err := w.awaitUpdate(ctx, u)
	if err != nil {
		return out, err
	}
	if ev == nil {
		return out, w.noEvent(ctx, "update", u.Reference, u.id, a.Exchange, u.from)
	}
	w.judged("GEN-10", "US-UC6-02")
	w.judgeUpdateEvent(u, ev)
	if err := w.notPartialUpdate(ev.resource, ev.exchange); err != nil {
		return out, err
	}
	state = w.run.text(ev.resource, "update.state")
	if state != w.role("update.failed") && state != w.role("update.completed") {
		return out, w.failAndBlock("US-UC6-02", breach{expected: "the final state, completed or failed", seen: stateSeen(state, ""), path: "$." + w.run.pack.Path("event.resource") + "." + w.run.pack.Path("update.state"), exchange: ev.exchange})
	}
	return outcome{refused: state == w.role("update.failed"), doc: ev.resource, exchange: ev.exchange}, nil
}

// RefuseMalformedUpdate judges GEN-13 for updates: "userServices" missing, an "id" missing, or no JSON at all.
func (w *World) RefuseMalformedUpdate(ctx context.Context, what string) error {
	u := w.newUpdate(w.changeTo("suspended"), slices.Clone(w.chosen))
	body, err := w.run.pack.Payload("update", w.updateVars(u))
	if err != nil {
		return w.breakDown("payload update: %v", err)
	}
	p := w.run.pack
	spoil := map[string]func([]byte) ([]byte, error){
		"no licences":          w.without("update.licences"),
		"a licence without id": w.withoutPath(fmt.Sprintf("%s.%d.%s", p.Path("update.licences"), len(u.IDs)-1, p.Path("update.licence.id"))),
		"no JSON":              func(b []byte) ([]byte, error) { return b[:len(b)-len(b)/3], nil },
	}[what]
	if u.body, err = spoil(body); err != nil {
		return w.breakDown("spoil the update: %v", err)
	}
	return w.refuseUpdate(ctx, u, "GEN-13")
}
