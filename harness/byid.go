package harness

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// ConsultList judges US-UC1-02: GET by a list of ids returns just the chosen licences.
func (w *World) ConsultList(ctx context.Context) error {
	e := w.run.pack.Endpoint("licences")
	escaped := make([]string, len(w.chosen))
	for i, id := range w.chosen {
		escaped[i] = url.QueryEscape(id)
	}
	a, err := w.get(ctx, e.Path+"?"+e.Query["ids"]+"="+strings.Join(escaped, ","))
	if err != nil {
		return err
	}
	w.judged("US-UC1-02")
	expected := "just the licences " + strings.Join(w.chosen, ", ")
	if !a.OK() || !a.JSON().IsArray() {
		return w.failAndBlock("US-UC1-02", breach{expected: expected, seen: a.said(), exchange: a.Exchange})
	}
	w.violations(a.Exchange, w.run.judge("licences", a.ContentType, a.Body))
	v := fleetView{gone: map[string]bool{}}
	w.read(&v, a, "")
	got := v.ids()
	slices.Sort(got)
	want := slices.Sorted(slices.Values(w.chosen))
	w.check("US-UC1-02", slices.Equal(got, want), breach{expected: expected, seen: strings.Join(got, ", "), verbatim: true, path: "$", exchange: a.Exchange})
	return nil
}

// ConsultOne judges US-UC1-03 for a licence that exists: GET by its id returns it.
func (w *World) ConsultOne(ctx context.Context) error {
	a, err := w.getOne(ctx, w.chosen[0])
	if err != nil {
		return err
	}
	expected := fmt.Sprintf("the licence %q", w.chosen[0])
	w.judged("US-UC1-03")
	if !a.OK() {
		return w.failAndBlock("US-UC1-03", breach{expected: expected, seen: a.said(), exchange: a.Exchange})
	}
	doc := a.JSON()
	list := []gjson.Result{doc}
	if doc.IsArray() {
		list = doc.Array()
	}
	ok := len(list) == 1 && w.run.text(list[0], "licence.id") == w.chosen[0]
	if !w.check("US-UC1-03", ok, breach{expected: expected + " and no other", seen: clipTo(doc.Raw, 300), path: "$", exchange: a.Exchange}) {
		return w.blockOn("US-UC1-03")
	}
	w.violations(a.Exchange, w.run.judge("licence", a.ContentType, a.Body))
	alone, listed := w.licence(list[0], "$", a.Exchange), w.one()
	if d := difference(Licence{State: listed.State, Offering: listed.Offering}, Licence{State: alone.State, Offering: alone.Offering}, true); d != "" && alone.State != "" && alone.Offering != "" {
		w.fail("US-UC1-03", breach{expected: fmt.Sprintf("licence %q as the GET of its fleet shows it", w.chosen[0]), seen: d, path: "$", exchange: a.Exchange})
	}
	return nil
}

// ConsultNone judges US-UC1-03 for a licence that does not exist: a 4xx.
func (w *World) ConsultNone(ctx context.Context) error {
	a, err := w.getOne(ctx, w.run.seed.id("NO-SUCH-LICENCE", w.id))
	if err != nil {
		return err
	}
	w.check("US-UC1-03", a.Err == nil && a.Status >= 400 && a.Status < 500, breach{expected: "a 4xx, as there is no such licence", seen: a.said(), exchange: a.Exchange})
	return nil
}

func (w *World) getOne(ctx context.Context, id string) (Answer, error) {
	return w.get(ctx, strings.ReplaceAll(w.run.pack.Endpoint("licence").Path, "{id}", url.PathEscape(id)))
}

// ConsultUnknownFleet judges US-UC1-04: an empty array or a 4xx, never another fleet's licences, never a 5xx.
func (w *World) ConsultUnknownFleet(ctx context.Context) error {
	a, err := w.consultFleet(ctx, w.run.seed.id("NO-SUCH-FLEET", w.id))
	if err != nil {
		return err
	}
	ok := a.Err == nil && a.Status >= 400 && a.Status < 500
	if a.OK() {
		doc := a.JSON()
		if ok = doc.IsArray() && len(doc.Array()) == 0; ok {
			w.violations(a.Exchange, w.run.judge("licences", a.ContentType, a.Body))
		}
	}
	w.check("US-UC1-04", ok, breach{expected: "an empty array, or a 4xx", seen: a.said(), path: "$", exchange: a.Exchange, hint: "No fleet has this id: answer [] or 404."})
	return nil
}
