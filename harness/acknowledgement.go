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
	hint := technicalHint
	if fleet := w.run.text(doc, "order.fleet"); fleet != "" && fleet != o.Sent {
		w.fail("GEN-09", breach{fix: &reports.Fix{Op: "omit", Path: "$." + w.run.pack.Path("order.fleet")}, expected: "no fleet id of the partner's in an acknowledgement", seen: fmt.Sprintf("%q", fleet),
			path: "$." + w.run.pack.Path("order.fleet"), exchange: o.answer.Exchange,
			hint: hint})
	}
	w.notDone(doc, o.answer.Exchange)
	if at, fleet := w.fleetIn(doc, "$", 0); at != "" && at != "$."+w.run.pack.Path("order.fleet") && fleet != o.Sent {
		w.fail("GEN-09", breach{expected: "no fleet id of the partner's in an acknowledgement", seen: fmt.Sprintf("%q", fleet), path: at, exchange: o.answer.Exchange, hint: hint})
	}
	quantity := doc.Get(w.run.pack.Path("order.item.quantity"))
	if n, ok := o.Quantity.(int); ok && quantity.Type == gjson.Number && quantity.Num != float64(n) {
		w.fail("GEN-09", breach{expected: fmt.Sprintf("quantity %d as ordered, or none", n), seen: quantity.Raw, path: "$." + w.run.pack.Path("order.item.quantity"), exchange: o.answer.Exchange, hint: hint})
	}
	for _, where := range []gjson.Result{doc, doc.Get(w.run.pack.Path("order.item"))} {
		if list := where.Get(w.run.pack.Path("update.licences")); list.Exists() && w.filled(list) {
			w.fail("GEN-09", breach{expected: "no licences in an acknowledgement", seen: list.Raw, exchange: o.answer.Exchange, hint: hint})
		}
	}
}
