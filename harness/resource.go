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
	values := map[string]map[string]bool{} // what the licences of each fleet have, by fleet
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
			if values[l.In] == nil {
				values[l.In] = map[string]bool{}
			}
			values[l.In][l.Resources] = true
		}
	}
	for fleet, different := range values {
		w.sharedAsDeclared(fleet, len(different))
	}
	return nil
}

// sharedAsDeclared judges whether the licences of a fleet share their resource: different is how many it has in all.
func (w *World) sharedAsDeclared(fleet string, different int) {
	res, path := w.run.profile.Features.RealizingResource, "$."+w.run.pack.Path("licence.resources")
	licences := 0
	for _, l := range w.after.licences {
		if l.In == fleet {
			licences++
		}
	}
	switch {
	case res.Per == "fleet" && different > 1:
		w.fail("PO-UC2-08", breach{expected: "one realizing resource for the whole fleet, as declared", seen: fmt.Sprintf("%d different ones", different), path: path, exchange: w.after.exchange})
	case res.Per == "licence" && res.From == "order" && different == 1 && licences > 1:
		w.fail("PO-UC2-08", breach{expected: "a realizing resource of its own for each licence, as declared", seen: "the same one on all", path: path, exchange: w.after.exchange})
	}
}
