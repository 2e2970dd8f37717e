package harness

import (
	"fmt"
	"strings"
)

// ResourcesAsDeclared judges PO-UC2-08 on the fleet of the last order.
func (w *World) ResourcesAsDeclared() error {
	w.judged("PO-UC2-08")
	res := w.run.profile.Features.RealizingResource
	path := w.run.pack.Path("licence.resources")
	values := map[string]int{}
	for _, l := range w.after.licences {
		switch {
		case l.Resources == "" && res.From == "assignment":
			continue
		case !strings.Contains("; "+l.Resources, "; "+res.Type+":"):
			w.fail("PO-UC2-08", breach{expected: fmt.Sprintf("a realizing resource of type %q on each licence, as declared", res.Type), seen: orAbsent(l.Resources), path: l.path + "." + path, exchange: l.exchange})
		case res.Per == "licence" && strings.Count("; "+l.Resources, "; "+res.Type+":") > 1:
			w.fail("PO-UC2-08", breach{expected: fmt.Sprintf("one realizing resource of type %q on each licence, as declared", res.Type), seen: l.Resources, path: l.path + "." + path, exchange: l.exchange})
		}
		if strings.Contains(l.Resources, "=") {
			values[l.Resources]++
		}
	}
	switch {
	case res.Per == "fleet" && len(values) > 1:
		w.fail("PO-UC2-08", breach{expected: "one realizing resource for the whole fleet, as declared", seen: fmt.Sprintf("%d different ones", len(values)), path: "$." + path, exchange: w.after.exchange})
	case res.Per == "licence" && res.From == "order" && len(values) == 1 && len(w.after.licences) > 1:
		w.fail("PO-UC2-08", breach{expected: "a realizing resource of its own for each licence, as declared", seen: "the same one on all", path: "$." + path, exchange: w.after.exchange})
	}
	return nil
}
