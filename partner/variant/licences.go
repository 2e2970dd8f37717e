package variant

import (
	"math/rand/v2"
	"sync"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func licences() []Variant {
	return []Variant{
		{
			Name: "deleted-hidden", Why: "US-UC3-01: GET no longer returns a deleted licence.",
			Seam: func() partner.Seam {
				return shown(func(l wire.UserService) (wire.UserService, bool) { return l, l.State != wire.Deleted })
			},
		},
		{
			Name: "deleted-shown", Why: "US-UC3-01: GET may return a deleted licence as deleted.",
			Seam: func() partner.Seam {
				return shown(func(l wire.UserService) (wire.UserService, bool) { return l, true })
			},
		},
		{
			Name: "deleted-shown-terminated", Why: "US-UC3-01: GET may return a deleted licence as terminated.",
			Seam: func() partner.Seam {
				return partner.Join(shown(func(l wire.UserService) (wire.UserService, bool) { return l, true }), onMessages(terminated))
			},
		},
		{
			Name: "licences-in-any-order", Why: "US-UC1-01 wants all the fleet's licences and no others; no clause sorts them.",
			Seam: func() partner.Seam { return onMessages(shuffler()) },
		},
		{
			Name: "logins-not-shown", Why: "wire.md, 1: of a licence the judge may require id, fleet, state and offering; a login need not be shown.",
			Seam: func() partner.Seam {
				return onAnswers(func(m *message) { walk(m.doc, func(fields map[string]any) { delete(fields, "right") }) })
			},
		},
		{
			Name: "more-characteristics", Why: "wire.md, 2: characteristics are a list of names and values; the declared ones are there.",
			Seam: func() partner.Seam { return onMessages(moreCharacteristics) },
		},
		{
			Name: "one-licence-as-an-array", Why: "US-UC1-03: GET of one licence returns it; the sources show GET as an array.",
			Seam: func() partner.Seam {
				return onAnswers(func(m *message) {
					if m.kind == aLicence && m.status == 200 {
						m.doc = []any{m.doc}
					}
				})
			},
		},
	}
}

func shown(rule func(wire.UserService) (wire.UserService, bool)) partner.Seam {
	return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
		r.Shown = rule
		return r
	}}
}

func terminated(m *message) {
	walk(m.doc, func(fields map[string]any) {
		if fields["state"] == "deleted" {
			fields["state"] = "terminated"
		}
	})
}

func moreCharacteristics(m *message) {
	if m.kind == anOrder {
		return // those of an order are Orange's
	}
	walk(m.doc, func(fields map[string]any) {
		for _, name := range []string{"characteristic", "serviceCharacteristic"} {
			if list, ok := fields[name].([]any); ok {
				fields[name] = append([]any{map[string]any{"name": "region", "value": "eu-west"}}, list...)
			}
		}
	})
}

func shuffler() func(m *message) {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	return func(m *message) {
		mu.Lock()
		defer mu.Unlock()
		licences, ok := m.doc.([]any)
		if !ok {
			licences, _ = at(m.doc, "userServices").([]any)
		}
		random.Shuffle(len(licences), func(i, j int) { licences[i], licences[j] = licences[j], licences[i] })
	}
}
