package reports

import (
	"cmp"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// differ lists what differs between two messages.
type differ struct {
	natural func(path string) bool
	about   []string // the place of the finding
	found   []Difference
	nature  map[string]bool // places that differ by nature, indexes as [*]
	ids     *identities
	more    int  // differences that were not kept
	cut     bool // a body is not whole in the record, so it was not looked at
}

func newDiffer(natural func(path string) bool, about []string, ids *identities) *differ {
	return &differ{natural: natural, about: about, nature: map[string]bool{}, ids: ids}
}

// foundAtMost bounds the differences of one pair of messages before the first of them are picked.
const foundAtMost = 1000

// exchanges compares what the partner and the reference said, each in its own exchange: their answers to Orange's call,
// or their own calls.
func (d *differ) exchanges(p, r Exchange) {
	mine, theirs := p.Response, r.Response
	if p.Direction == PartnerToOrange {
		mine, theirs = p.Request, r.Request
		d.part(partCall, p.Request.Method+" "+pathOf(p.Request.URL), r.Request.Method+" "+pathOf(r.Request.URL))
		d.part(partToken, p.Auth.State, r.Auth.State)
	} else {
		if p.Error == "" && r.Error == "" && p.Response.Status/100 == 2 && r.Response.Status/100 == 2 {
			// 200, 201 and 202 are all right.
			if p.Response.Status != r.Response.Status {
				d.nature[partStatus] = true
			}
		} else {
			d.part(partStatus, statusOf(p), statusOf(r))
		}
		if p.Response.Status == 0 {
			return
		}
	}
	if kind := mediaType(theirs); kind != "" && mine.Body != nil {
		d.part(partType, mediaType(mine), kind)
	}
	if p.Kind != "token" { // its body is a form with nothing but secrets
		d.bodies(mine.Body, theirs.Body)
	}
}

func statusOf(e Exchange) string {
	switch {
	case e.Error != "":
		return e.Error
	case e.Response.Status == 0:
		return ""
	}
	return fmt.Sprintf("HTTP %d", e.Response.Status)
}

// mediaType is the content type of a message with a body; of its parameters the charset alone, where it is not UTF-8.
func mediaType(m Message) string {
	if m.Body == nil || m.Body.Bytes == 0 {
		return ""
	}
	value := http.Header(m.Headers).Get(partType)
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		return value
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") {
		return kind + "; charset=" + set
	}
	return kind
}

func (d *differ) part(name, partner, reference string) {
	if partner != reference {
		d.found = append(d.found, Difference{Path: name, Kind: diffMessage, Partner: clipped(partner), Reference: clipped(reference)})
	}
}

func (d *differ) bodies(mine, theirs *Body) {
	if mine != nil && mine.Truncated || theirs != nil && theirs.Truncated {
		d.cut = true
		return
	}
	left, right := mine.Raw(), theirs.Raw()
	if left == "" && right == "" {
		return
	}
	p, faults := parseTree(left)
	r, _ := parseTree(right)
	switch {
	case left == "" || right == "":
		d.part(partBody, left, right)
		return
	case len(faults) > 0 && r != nil:
		wrong := strings.Join(faults, ", ")
		if p == nil {
			wrong += ": " + clipped(left)
		}
		d.found = append(d.found, Difference{Path: partBody, Kind: diffForm, Partner: wrong})
	}
	if p != nil && r != nil {
		d.locate(r)
		d.values(nil, p, r)
	}
}

// locate finds the place that the finding is about where its path begins inside an envelope: that of an order, say, in
// the event that holds it.
func (d *differ) locate(r *tree) {
	if len(d.about) == 0 || r.members[d.about[0]] != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		if r.members[name].members[d.about[0]] != nil {
			d.about = append([]string{name}, d.about...)
			return
		}
	}
}

func clipped(s string) string { return shortened(s, comparedClip) }

func (d *differ) add(path []string, kind, partner, reference string) {
	if len(d.found) >= foundAtMost {
		d.more++
		return
	}
	d.found = append(d.found, Difference{Path: clipped(pathText(path)), Kind: kind, Partner: clipped(partner), Reference: clipped(reference)})
}

func (d *differ) values(path []string, p, r *tree) {
	switch {
	case p.kind != r.kind:
		d.add(path, diffValue, p.String(), r.String())
	case p.kind == treeObject:
		d.objects(path, p, r)
	case p.kind == treeArray:
		d.lists(path, p, r)
	case p.raw == r.raw:
	case d.differsByNature(path, p, r):
		d.nature[pathText(generalized(path))] = true
		d.ids.meet(path, p.text, r.text, d.natural)
		if slices.Equal(path, d.about) {
			d.add(path, diffNature, p.raw, r.raw)
		}
	default:
		d.add(path, diffValue, p.raw, r.raw)
	}
}

func (d *differ) objects(path []string, p, r *tree) {
	for _, name := range p.twice {
		d.add(below(path, name), diffForm, fmt.Sprintf("%s twice", quoted(name)), "")
	}
	names := map[string]bool{}
	for _, n := range []*tree{p, r} {
		for name := range n.members {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		mine, theirs, at := p.members[name], r.members[name], below(path, name)
		switch {
		case mine == nil:
			d.add(at, diffMissing, "", theirs.String())
		case theirs == nil:
			d.add(at, diffExtra, mine.String(), "")
		default:
			d.values(at, mine, theirs)
		}
	}
}

// lists sets elements side by side that are the same but for what differs by nature, wherever they stand: a partner may
// list licences in any order. Those that are known to be the same thing go first, and those that are left go by order.
func (d *differ) lists(path []string, p, r *tree) {
	if len(p.items) != len(r.items) {
		d.add(path, diffLength, strconv.Itoa(len(p.items)), strconv.Itoa(len(r.items)))
	}
	at := below(path, "[0]")
	hide := func(show func(id string) string) func(path []string, n *tree) (string, bool) {
		return func(path []string, n *tree) (string, bool) { return show(n.text), d.differsByNature(path, n, n) }
	}
	anyone := func(string) string { return "" }
	beside, taken := make([]*tree, len(p.items)), make([]bool, len(r.items))
	for _, by := range [][2]func(id string) string{{d.ids.counterpart, d.ids.known}, {anyone, anyone}} {
		waiting := map[string][]int{}
		for j, item := range r.items {
			if !taken[j] {
				key := item.write(at, hide(by[1]))
				waiting[key] = append(waiting[key], j)
			}
		}
		for i, item := range p.items {
			key := ""
			if beside[i] == nil {
				key = item.write(at, hide(by[0]))
			}
			if list := waiting[key]; len(list) > 0 {
				beside[i], taken[list[0]], waiting[key] = r.items[list[0]], true, list[1:]
			}
		}
	}
	j := 0
	for i, item := range p.items {
		for ; beside[i] == nil && j < len(r.items); j++ {
			if !taken[j] {
				beside[i], taken[j] = r.items[j], true
			}
		}
		if beside[i] != nil {
			d.values(below(path, fmt.Sprintf("[%d]", i)), item, beside[i])
		}
	}
}

// differsByNature reports whether two correct partners may have different values there. A value of another type, or
// none, is a difference all the same.
func (d *differ) differsByNature(path []string, p, r *tree) bool {
	switch {
	case p.text == "" || r.text == "":
		return false
	case isDate(p.text) && isDate(r.text), isURL(p.text) && isURL(r.text):
		return true
	}
	return d.natural(membersOf(path))
}

// membersOf is a path without its indexes.
func membersOf(path []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(path), func(s string) bool { return strings.HasPrefix(s, "[") }), ".")
}

func isDate(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func below(path []string, name string) []string { return append(path[:len(path):len(path)], name) }

// segments splits a finding's path: $.orderItem.0.state and $.orderItem[0].state are the same place.
func segments(path string) []string {
	var out []string
	fields := strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	for _, s := range fields {
		if _, err := strconv.Atoi(s); err == nil {
			s = "[" + s + "]"
		}
		out = append(out, s)
	}
	return out
}

func pathText(path []string) string {
	out := "$"
	for _, s := range path {
		if !strings.HasPrefix(s, "[") {
			out += "."
		}
		out += s
	}
	return out
}

// generalized is a path for all elements of its lists.
func generalized(path []string) []string {
	out := slices.Clone(path)
	for i, s := range out {
		if strings.HasPrefix(s, "[") {
			out[i] = "[*]"
		}
	}
	return out
}

// natures lists the places that differ by nature, sorted.
func (d *differ) natures() []string { return slices.Sorted(maps.Keys(d.nature)) }

// sorted is what was found: the place of the finding, what holds it or is in it, then the rest; by path.
func (d *differ) sorted() []Difference {
	slices.SortStableFunc(d.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(d.distance(a), d.distance(b)), comparePaths(a.Path, b.Path))
	})
	return append([]Difference{}, d.found...)
}

func (d *differ) distance(x Difference) int {
	if !strings.HasPrefix(x.Path, "$") {
		if len(d.about) == 0 {
			return 0
		}
		return 1
	}
	path := segments(x.Path)
	shared := min(len(path), len(d.about))
	switch {
	case slices.Equal(path, d.about):
		return 0
	case slices.Equal(path[:shared], d.about[:shared]):
		return 1
	}
	return 2
}

// comparePaths orders paths member by member, indexes as numbers; parts of a message come before what is in its body,
// each as it comes over the wire.
func comparePaths(a, b string) int {
	parts := []string{partCall, partStatus, partToken, partType, partBody}
	rank := func(path string) int {
		if strings.HasPrefix(path, "$") {
			return len(parts)
		}
		return slices.Index(parts, path)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), slices.CompareFunc(segments(a), segments(b), compareSegments))
}

func compareSegments(x, y string) int {
	i, errX := strconv.Atoi(strings.Trim(x, "[]"))
	j, errY := strconv.Atoi(strings.Trim(y, "[]"))
	if errX == nil && errY == nil {
		return cmp.Compare(i, j)
	}
	return strings.Compare(x, y)
}
