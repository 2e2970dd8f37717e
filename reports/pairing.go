package reports

import (
	"cmp"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// pairing says which exchange of the reference's stands beside which of the partner's, in one scenario.
type pairing struct {
	with  map[int]int  // partner's exchange -> reference's
	step  map[int]int  // partner's exchange -> index of its step
	taken map[int]bool // exchanges of the reference's that have a partner's beside them
	ids   *identities  // the fleet that stands for the partner's fleet, and so on
	// before is what was known of ids before a partner's exchange.
	before map[int]*identities
}

// pairedExchanges bounds what is paired of one step, which a partner may flood with events.
const pairedExchanges = 200

// pairs goes through a scenario step by step. Orange makes the same calls in both runs and knows the same things, under
// the ids that each partner gave them; one that Orange repeated with the partner alone stands beside the reference's
// last. Events may come in any order: they go by what they have in common.
func (c *comparer) pairs(scenario string) pairing {
	p := pairing{with: map[int]int{}, step: map[int]int{}, taken: map[int]bool{}, ids: newIdentities(), before: map[int]*identities{}}
	theirs := c.reference.Steps[scenario]
	for i, ids := range c.partner.Steps[scenario] {
		var candidates []Exchange
		if i < len(theirs) {
			candidates = pick(c.reference.Results, theirs[i])
		}
		mine := pick(c.partner.Results, ids[:min(len(ids), pairedExchanges)])
		events := c.events(mine, candidates)
		for _, e := range mine {
			p.step[e.ID] = i
			r, ok := events[e.ID]
			if e.Direction == OrangeToPartner {
				r, ok = c.call(e, candidates, p)
			}
			if !ok {
				continue
			}
			p.with[e.ID], p.taken[r.ID] = r.ID, true
			p.before[e.ID] = p.ids.clone()
			newDiffer(c.natural, nil, p.ids).exchanges(e, r)
		}
	}
	return p
}

func pick(r Results, ids []int) []Exchange {
	var out []Exchange
	for _, id := range ids {
		if e, ok := r.Exchange(id); ok {
			out = append(out, e)
		}
	}
	return out
}

// call picks the call that has most in common with e. One that is taken will do for a call that was repeated.
func (c *comparer) call(e Exchange, candidates []Exchange, p pairing) (Exchange, bool) {
	best, score := Exchange{}, -1
	for _, r := range candidates {
		if !c.alike(e, r) {
			continue
		}
		s := 2 * common(e.Request.Body, r.Request.Body)
		if p.translated(e.Request.URL) == parameters(r.Request.URL) {
			s += 2
		}
		if !p.taken[r.ID] {
			s++
		}
		// Of those that are taken, the last: it shows where the reference came to.
		if s > score || s == score && p.taken[r.ID] {
			best, score = r, s
		}
	}
	return best, score >= 0
}

// alike reports whether two exchanges are of one kind and, where Orange calls, of one endpoint.
func (c *comparer) alike(e, r Exchange) bool {
	return r.Kind == e.Kind && r.Direction == e.Direction &&
		(e.Direction == PartnerToOrange || c.shape(e, c.partner.Results) == c.shape(r, c.reference.Results))
}

// events pairs the partner's calls of one step with the reference's, those that have most in common first.
func (c *comparer) events(mine, theirs []Exchange) map[int]Exchange {
	type candidate struct {
		e, r  Exchange
		score int
	}
	var all []candidate
	for _, e := range mine {
		for _, r := range theirs {
			if e.Direction != PartnerToOrange || !c.alike(e, r) {
				continue
			}
			score := 2 * common(e.Request.Body, r.Request.Body)
			if c.shape(e, c.partner.Results) == c.shape(r, c.reference.Results) {
				score++
			}
			all = append(all, candidate{e, r, score})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	out, taken := map[int]Exchange{}, map[int]bool{}
	for _, x := range all {
		if _, paired := out[x.e.ID]; !paired && !taken[x.r.ID] {
			out[x.e.ID], taken[x.r.ID] = x.r, true
		}
	}
	return out
}

// parameters is what of a call's URL names things: the last part of its path, and its query.
func parameters(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return path.Base(u.Path) + "?" + u.Query().Encode()
}

// translated is parameters with the reference's ids in place of the partner's.
func (p pairing) translated(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	query := u.Query()
	for _, values := range query {
		for i, value := range values {
			ids := strings.Split(value, ",")
			for j, id := range ids {
				ids[j] = p.translate(id)
			}
			values[i] = strings.Join(ids, ",")
		}
	}
	return p.translate(path.Base(u.Path)) + "?" + query.Encode()
}

func (p pairing) translate(id string) string {
	if theirs := p.ids.counterpart(id); theirs != "" {
		return theirs
	}
	return id
}

// shape is what two calls of the same kind share, whatever ids stand in them: method, path without its variable parts,
// and the names of its parameters.
func (c *comparer) shape(e Exchange, r Results) string {
	raw := e.Request.URL
	if e.Direction == OrangeToPartner {
		raw = strings.TrimPrefix(raw, strings.TrimSuffix(r.Partner.BaseURL, "/"))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return e.Request.Method
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if e.Direction == OrangeToPartner && e.Request.Method == http.MethodGet && len(parts) > 1 {
		// The last part may be a licence's id; what is left tells the endpoints apart all the same.
		parts[len(parts)-1] = ""
	}
	var names []string
	for _, pair := range strings.Split(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	return e.Request.Method + " " + strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}

// commonBody is the length of the longest body that is looked at for pairing; Orange's requests and proper events are
// far shorter.
const commonBody = 32 << 10

// common counts the scalar values that stand at the same place in two JSON bodies.
func common(a, b *Body) int {
	if a == nil || b == nil || max(a.Bytes, b.Bytes) > commonBody {
		return 0
	}
	left, _ := parseTree(a.Raw())
	right, _ := parseTree(b.Raw())
	if left == nil || right == nil {
		return 0
	}
	return left.common(right)
}

func (n *tree) common(o *tree) int {
	if n.kind != o.kind {
		return 0
	}
	sum := 0
	switch n.kind {
	case treeObject:
		for name, m := range n.members {
			if other := o.members[name]; other != nil {
				sum += m.common(other)
			}
		}
	case treeArray:
		for i := range min(len(n.items), len(o.items)) {
			sum += n.items[i].common(o.items[i])
		}
	default:
		if n.raw == o.raw {
			return 1
		}
	}
	return sum
}

func pathOf(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.RequestURI()
	}
	return raw
}
