package harness

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/clementine-ope/clementine/reports"
)

// Mend changes a recorded message of the partner's as a finding's fix says, and reports whether that changed anything.
// The message is the answer to a call, and the request of an event.
func Mend(e *reports.Exchange, fix reports.Fix) bool {
	m := &e.Response
	if e.Direction == "partner-to-orange" {
		m = &e.Request
	}
	switch fix.Op {
	case "status":
		status, err := strconv.Atoi(fix.Value)
		if err != nil || m.Status == status {
			return false
		}
		m.Status = status
		return true
	case "content-type":
		if slices.Equal(m.Headers["Content-Type"], []string{fix.Value}) {
			return false
		}
		headers := map[string][]string{"Content-Type": {fix.Value}}
		for name, values := range m.Headers {
			if name != "Content-Type" {
				headers[name] = values
			}
		}
		m.Headers = headers
		return true
	}
	if m.Body == nil || m.Body.Truncated || !gjson.Valid(m.Body.Text) {
		return false
	}
	mended := m.Body.Text
	for _, at := range places(gjson.Parse(mended), membersOf(fix.Path), fix.Op == "set") {
		mended = mend(mended, at, fix)
	}
	if mended == m.Body.Text {
		return false
	}
	body := *m.Body
	body.Text = mended
	m.Body = &body
	return true
}

// mend changes one place; a place that needs no change stays.
func mend(doc, at string, fix reports.Fix) string {
	v := gjson.Get(doc, at)
	out, err := doc, error(nil)
	switch {
	case fix.Op == "set":
		out, err = sjson.SetRaw(doc, at, fix.Value)
	case fix.Op == "omit" && v.Exists():
		out, err = sjson.Delete(doc, at)
	case fix.Op == "text" && (v.Type == gjson.Number || v.Type == gjson.True || v.Type == gjson.False):
		out, err = sjson.Set(doc, at, v.Raw)
	case fix.Op == "number" && v.Type == gjson.String:
		if n, wrong := strconv.Atoi(strings.TrimSpace(v.String())); wrong == nil {
			out, err = sjson.Set(doc, at, n)
		}
	}
	if err != nil {
		return doc
	}
	return out
}

// places are the paths, as gjson writes them, that a finding's path leads to: itself where exact, and otherwise the same
// member in every element of the arrays on its way. Later elements come first, so that what is left out moves none.
func places(doc gjson.Result, members []string, exact bool) []string {
	at := []string{""}
	for _, m := range members {
		var next []string
		for _, prefix := range at {
			if _, err := strconv.Atoi(m); err == nil && !exact {
				list := doc
				if prefix != "" {
					list = doc.Get(prefix)
				}
				for i := len(list.Array()) - 1; i >= 0; i-- {
					next = append(next, joined(prefix, strconv.Itoa(i)))
				}
				continue
			}
			next = append(next, joined(prefix, m))
		}
		at = next
	}
	if exact || len(members) == 0 {
		return at
	}
	return slices.DeleteFunc(at, func(place string) bool { return !doc.Get(place).Exists() })
}

func joined(prefix, member string) string {
	if prefix == "" {
		return member
	}
	return prefix + "." + member
}

// membersOf splits $.a[0].b and $[0].a, and roles' paths such as $.a.0.b, into members as gjson escapes them.
func membersOf(path string) []string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	path = strings.NewReplacer("[", ".", "]", "").Replace(path)
	var out []string
	for m := range strings.SplitSeq(path, ".") {
		if m != "" {
			out = append(out, gjson.Escape(strings.Trim(m, `"`)))
		}
	}
	return out
}
