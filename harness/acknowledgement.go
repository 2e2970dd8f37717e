package harness

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/reports"
)

const technicalHint = "An acknowledgement says only that the request arrived; the result belongs in the event."

// notDone judges GEN-09 on the date of completion, which orders and updates have in the same place.
func (w *World) notDone(doc gjson.Result, exchange int) {
	at := w.run.pack.Path("order.completionDate")
	if done := doc.Get(at); done.Exists() && w.filled(done) {
		w.fail("GEN-09", breach{fix: &reports.Fix{Op: "omit", Path: "$." + at}, expected: "no completionDate in an acknowledgement", seen: done.Raw, path: "$." + at, exchange: exchange, hint: technicalHint})
	}
}

// technicalOnly judges GEN-09: the acknowledgement of an order holds no result.
func (w *World) technicalOnly(o *Order, doc gjson.Result) {
	w.judged("GEN-09")
	p, exchange := w.run.pack, o.answer.Exchange
	own := breach{expected: "no fleet id of the partner's in an acknowledgement", exchange: exchange, hint: technicalHint}
	if fleet := w.run.text(doc, "order.fleet"); fleet != "" && fleet != o.Sent {
		own.seen, own.path = fmt.Sprintf("%q", fleet), "$."+p.Path("order.fleet")
		own.fix = &reports.Fix{Op: "omit", Path: own.path}
		w.fail("GEN-09", own)
	} else if at, fleet := w.fleetIn(doc, o.Sent, "$", 0); at != "" {
		own.seen, own.path = fmt.Sprintf("%q", fleet), at
		w.fail("GEN-09", own)
	}
	w.notDone(doc, exchange)
	quantity := doc.Get(p.Path("order.item.quantity"))
	if n, ok := o.Quantity.(int); ok && quantity.Type == gjson.Number && quantity.Num != float64(n) {
		w.fail("GEN-09", breach{expected: fmt.Sprintf("quantity %d as ordered, or none", n), seen: quantity.Raw, path: "$." + p.Path("order.item.quantity"), exchange: exchange, hint: technicalHint})
	}
	for _, where := range []gjson.Result{doc, doc.Get(p.Path("order.item"))} {
		if list := where.Get(p.Path("update.licences")); list.Exists() && w.filled(list) {
			w.fail("GEN-09", breach{expected: "no licences in an acknowledgement", seen: list.Raw, exchange: exchange, hint: technicalHint})
		}
	}
}
