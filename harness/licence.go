package harness

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/tidwall/gjson"
)

// Licence is one userService as GET showed it: what the contract knows of it, as text.
type Licence struct {
	ID, Fleet, State, Offering string
	In                         string // the fleet whose GET showed it
	User, UserID               string // what is known of the end user, canonical; "" without one
	Rights, Resources          string
	raw                        gjson.Result
	path                       string
	exchange                   int
}

// fleetView is what one or several GETs showed, in order.
type fleetView struct {
	licences []Licence // alive ones
	gone     map[string]bool
	elements int // of the array, usable or not
	exchange int
}

func (v fleetView) find(id string) (Licence, bool) {
	for _, l := range v.licences {
		if l.ID == id {
			return l, true
		}
	}
	return Licence{}, false
}

func (v fleetView) ids() []string {
	out := make([]string, 0, len(v.licences))
	for _, l := range v.licences {
		out = append(out, l.ID)
	}
	return out
}

// different counts the licences, each id once.
func (v fleetView) different() int {
	ids := map[string]bool{}
	for _, l := range v.licences {
		ids[l.ID] = true
	}
	return len(ids)
}

// fresh counts the licences that the customer was not known to have.
func (v fleetView) fresh(c *Customer) int {
	n := 0
	for _, l := range v.licences {
		if _, known := c.licences[l.ID]; !known {
			n++
		}
	}
	return n
}

// consultFleet is the raw call: GET by productRefId.
func (w *World) consultFleet(ctx context.Context, fleet string) (Answer, error) {
	e := w.run.pack.Endpoint("licences")
	return w.get(ctx, e.Path+"?"+e.Query["fleet"]+"="+url.QueryEscape(fleet))
}

func (w *World) get(ctx context.Context, path string) (Answer, error) {
	return w.call(ctx, "call", request{method: w.run.pack.Endpoint("licences").Method, url: w.run.http.base + path})
}

// peek reads a fleet without judging; an answer that is no array reads as empty.
func (w *World) peek(ctx context.Context, fleet string) (fleetView, error) {
	a, err := w.consultFleet(ctx, fleet)
	if err != nil {
		return fleetView{}, err
	}
	v := fleetView{exchange: a.Exchange, gone: map[string]bool{}}
	if a.OK() && a.JSON().IsArray() {
		w.read(&v, a, "")
	}
	return v, nil
}

// consult reads one fleet and judges the answer: US-UC1-01, its schema, and that it holds this fleet's licences only.
func (w *World) consult(ctx context.Context, fleet string, expected int) (fleetView, error) {
	v := fleetView{gone: map[string]bool{}}
	a, err := w.consultFleet(ctx, fleet)
	if err != nil {
		return v, err
	}
	v.exchange = a.Exchange
	if w.emptied[fleet] && a.Err == nil && a.Status >= 400 && a.Status < 500 {
		w.fail("US-UC3-05", breach{expected: "a fleet whose licences are all deleted can still be consulted", seen: a.said(), exchange: a.Exchange})
		return v, nil
	}
	w.judged("US-UC1-01")
	if !a.OK() {
		return v, w.failAndBlock("US-UC1-01", breach{expected: "GET by productRefId returns the fleet's licences", seen: a.said(), exchange: a.Exchange})
	}
	w.violations(a.Exchange, w.run.judge("licences", a.ContentType, a.Body))
	if !a.JSON().IsArray() {
		return v, w.blockUnusable("the answer is no array of licences")
	}
	w.read(&v, a, fleet)
	w.ownOnly(&v, fleet, expected)
	w.stillHolds(v, fleet)
	return v, nil
}

// read turns an array of licences into a view; deleted and terminated ones count as gone.
func (w *World) read(v *fleetView, a Answer, fleet string) {
	a.JSON().ForEach(func(i, l gjson.Result) bool {
		lic := w.licence(l, fmt.Sprintf("$[%d]", i.Int()), a.Exchange)
		lic.In = fleet
		v.elements++
		if lic.ID == "" {
			return true
		}
		if lic.State == w.role("licence.deleted") || lic.State == w.role("licence.terminated") {
			v.gone[lic.ID] = true
			return true
		}
		v.licences = append(v.licences, lic)
		return true
	})
}

func (w *World) licence(l gjson.Result, path string, exchange int) Licence {
	r := w.run
	lic := Licence{ID: r.text(l, "licence.id"), Fleet: r.text(l, "licence.fleet"), State: r.text(l, "licence.state"), Offering: r.text(l, "licence.offering"),
		UserID: r.text(l, "licence.user.id"), raw: l, path: path, exchange: exchange}
	if u := l.Get(r.pack.Path("licence.user")); u.IsObject() && w.filled(u) {
		lic.User = w.userText(u)
	}
	lic.Rights = w.setText(l.Get(r.pack.Path("licence.rights")), "right.key", "right.value", "right.email")
	var resources []string
	l.Get(r.pack.Path("licence.resources")).ForEach(func(_, res gjson.Result) bool {
		resources = append(resources, r.text(res, "resource.type")+":"+w.setText(res.Get(r.pack.Path("resource.characteristics")), "characteristic.name", "characteristic.value"))
		return true
	})
	sort.Strings(resources)
	lic.Resources = strings.Join(resources, "; ")
	return lic
}

// userText is what the contract knows of an end user.
func (w *World) userText(u gjson.Result) string {
	return w.fields(u, "user.id", "user.externalReference", "user.givenName", "user.familyName", "user.email")
}

func (w *World) fields(v gjson.Result, roles ...string) string {
	var parts []string
	for _, role := range roles {
		if f := v.Get(w.run.pack.Path(role)); f.Exists() {
			parts = append(parts, fmt.Sprintf("%s=%s", role[strings.IndexByte(role, '.')+1:], f.String()))
		}
	}
	return strings.Join(parts, " ")
}

func (w *World) setText(list gjson.Result, roles ...string) string {
	var parts []string
	list.ForEach(func(_, e gjson.Result) bool {
		parts = append(parts, w.fields(e, roles...))
		return true
	})
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

// ownOnly judges that a fleet's answer holds its own licences only, each once (US-UC1-01, PO-UC2-11, GEN-05), and drops
// the rest. expected is how many it should hold, -1 if that is not known.
func (w *World) ownOnly(v *fleetView, fleet string, expected int) {
	different := v.different()
	tooMany := expected >= 0 && different > expected
	if expected < 0 {
		tooMany = slices.ContainsFunc(v.licences, func(l Licence) bool { return l.Fleet == fleet })
	}
	seen := map[string]bool{}
	v.licences = slices.DeleteFunc(v.licences, func(l Licence) bool {
		if seen[l.ID] && w.listedTwice(l.ID, different, expected) {
			w.fail("US-UC1-01", breach{expected: "each licence of the fleet once", seen: fmt.Sprintf("licence %q a second time", l.ID), path: l.path, exchange: l.exchange, hint: "List each licence once, also where a query joins it with several rows."})
			return true
		}
		if seen[l.ID] {
			w.fail("GEN-05", breach{expected: "each licence has an id of its own", seen: fmt.Sprintf("the id %q stands for two licences", l.ID), path: l.path, exchange: l.exchange, hint: "Generate a new id for each licence."})
			return true
		}
		seen[l.ID] = true
		return w.misnamed(l, fleet, tooMany) || w.shared(l, fleet, expected >= 0 && tooMany)
	})
}

// listedTwice tells one licence that is listed twice from two licences that share an id: as many different ones as there
// should be are there, or, where nobody counted, the id was one licence's before.
func (w *World) listedTwice(id string, different, expected int) bool {
	if expected >= 0 {
		return different >= expected
	}
	return slices.ContainsFunc(w.customers, func(c *Customer) bool { return c.licences[id].ID == id })
}

// misnamed judges the fleet that a licence names. It reports whether the licence is another fleet's: the filter let it
// through (US-UC1-01). A licence of this fleet under a wrong name is PO-UC2-03's.
func (w *World) misnamed(l Licence, fleet string, tooMany bool) bool {
	if l.Fleet == fleet || l.Fleet == "" || w.knownIn(l.ID, fleet) {
		return false // a licence that changed its fleet is for the comparison with before
	}
	if _, known := w.ownerOf("fleet", l.Fleet); known || tooMany {
		w.fail("US-UC1-01", breach{expected: fmt.Sprintf("licences of the fleet %q and no others", fleet), seen: fmt.Sprintf("licence %q of the fleet %q", l.ID, l.Fleet), path: l.path, exchange: l.exchange,
			hint: "Filter by the productRefId that was asked for."})
		if w.otherCustomers(l.Fleet) {
			w.fail("PO-UC2-11", breach{expected: "licences of this customer only", seen: fmt.Sprintf("licence %q of another customer's fleet %q", l.ID, l.Fleet), path: l.path, exchange: l.exchange})
		}
		return true
	}
	w.fail("PO-UC2-03", breach{fix: toSay(l.path+"."+w.run.pack.Path("licence.fleet"), fleet), expected: fmt.Sprintf("relatedProductRefId %q, the fleet that was asked for", fleet), seen: fmt.Sprintf("%q", l.Fleet),
		path: l.path + "." + w.run.pack.Path("licence.fleet"), exchange: l.exchange})
	return false
}

// knownIn reports whether one of the customers was seen with this licence in this fleet.
func (w *World) knownIn(id, fleet string) bool {
	return slices.ContainsFunc(w.customers, func(c *Customer) bool { return c.licences[id].Fleet == fleet && fleet != "" })
}

// shared judges that a licence's id stands for one licence in the whole run. It reports whether the licence is another
// customer's that shows up on top of this fleet's own.
func (w *World) shared(l Licence, fleet string, tooMany bool) bool {
	w.judged("GEN-05")
	first, other := w.enter("licence", l.ID, fleet)
	if !other {
		return false
	}
	if tooMany && w.otherCustomers(first.reference) {
		w.fail("PO-UC2-11", breach{expected: "licences of this customer only", seen: fmt.Sprintf("licence %q of another customer's fleet %q", l.ID, first.reference), path: l.path, exchange: l.exchange})
		return true
	}
	w.run.mix(first.scenario, w.id)
	w.fail("GEN-05", breach{expected: "two licences never share an id", seen: fmt.Sprintf("the id %q stands for a licence of the fleet %q and for one of the fleet %q", l.ID, first.reference, fleet),
		path: l.path + "." + w.run.pack.Path("licence.id"), exchange: l.exchange,
		hint: "Generate ids that are unique over all fleets."})
	return false
}

func (w *World) otherCustomers(fleet string) bool {
	o, ok := w.ownerOf("fleet", fleet)
	return ok && o.reference != w.customer().Reference
}

// snapshot reads all fleets of the current customer: what later comparisons start from.
func (w *World) snapshot(ctx context.Context) error {
	v, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	w.before = v
	return nil
}

// all reads every fleet of a customer into one view.
func (w *World) all(ctx context.Context, c *Customer) (fleetView, error) {
	sum := fleetView{gone: map[string]bool{}}
	for _, f := range c.fleets {
		v, err := w.consult(ctx, f, -1)
		if err != nil {
			return sum, err
		}
		sum.licences = append(sum.licences, v.licences...)
		sum.exchange = v.exchange
		for id := range v.gone {
			sum.gone[id] = true
		}
	}
	return sum, nil
}

// difference names what changed in a licence, state aside if asked; "" if nothing that the contract knows.
func difference(before, after Licence, state bool) string {
	for _, f := range []struct {
		name          string
		before, after string
		ignored       bool
	}{
		{"fleet", before.Fleet, after.Fleet, false}, {"offering", before.Offering, after.Offering, false}, {"state", before.State, after.State, !state},
		{"end user", before.User, after.User, false}, {"login", before.Rights, after.Rights, false}, {"realizing resource", before.Resources, after.Resources, false},
	} {
		if !f.ignored && f.before != f.after {
			return fmt.Sprintf("%s was %s, is %s", f.name, orNone(f.before), orNone(f.after))
		}
	}
	return ""
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return fmt.Sprintf("%q", s)
}

func canonicalObject(v gjson.Result) string {
	var parts []string
	v.ForEach(func(k, e gjson.Result) bool {
		parts = append(parts, fmt.Sprintf("%q:%s", k.String(), canonical(e)))
		return true
	})
	sort.Strings(parts)
	return "{" + strings.Join(parts, ",") + "}"
}
