package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/partner"
)

// What is smuggled into texts. No text holds a comma, which separates ids in a query.
const (
	markup  = `"'></script></pre>]]><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>{{.}}`
	escapes = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://other.invalid\x1b\\\u202e\u009b31m\x00\r\b"
	paths   = "/../../../../../../../../etc/passwd"
	beside  = "/../../beside"
	absent  = "\x00/absolute"
)

// texts are attacks on whoever shows or stores what the partner says.
func texts() []Kind {
	return []Kind{
		everywhere("markup-in-every-string", "Every string of every answer and event holds HTML and script.", markup),
		inIDs("markup-in-ids", "Every id that the partner makes holds HTML and script, and works.", markup),
		everywhere("escapes-in-every-string", "Every string of every answer and event holds terminal escapes.", escapes),
		inIDs("escapes-in-ids", "Every id that the partner makes holds terminal escapes, and works.", escapes),
		everywhere("paths-in-every-string", "Every string of every answer and event ends in a path out of the folder.", paths),
		inIDs("paths-in-ids", "Every id that the partner makes ends in a path out of the folder, and works.", paths),
		inIDs("neighbours-in-ids", "Every id that the partner makes leads to the folder beside that of the reports, and works.", beside),
		inIDs("nul-in-ids", "Every id that the partner makes holds a NUL before an absolute path, and works.", absent),
		inIDs("ids-of-fifty-kilobytes", "Every id that the partner makes has 50,000 characters, and works.", strings.Repeat("x", 50_000)),
		{
			Name: "markup-in-headers", What: "The headers of each answer hold HTML, script and terminal escapes.",
			Seam: raw(func(l *line) {
				l.say("HTTP/1.1 200 <script>alert(1)</script>\x1b[2J\r\nContent-Type: text/html" + markup + "\r\n" +
					"X-Note: " + markup + "\x1b[2J\x1b]0;owned\x07\r\nLocation: javascript:alert(1)\r\nSet-Cookie: a=" + markup + "\r\nContent-Length: 2\r\n\r\n[]")
			}),
		},
	}
}

// everywhere puts text behind every string that the partner says.
func everywhere(name, what, text string) Kind {
	return Kind{Name: name, What: what, Seam: func() partner.Seam {
		return smuggling(text, func(string) bool { return true })
	}}
}

// inIDs puts text behind the ids that the partner makes, and takes it off again where Orange sends them.
func inIDs(name, what, text string) Kind {
	return Kind{Name: name, What: what, Seam: func() partner.Seam {
		return smuggling(text, func(member string) bool { return member == "id" || member == "relatedProductRefId" })
	}}
}

// smuggling changes answers and events. References are Orange's own and stay, unless every member is chosen.
func smuggling(text string, chosen func(member string) bool) partner.Seam {
	change := func(body []byte) []byte {
		doc, ok := decode(body)
		if !ok {
			return body
		}
		return encode(suffixed(doc, "", text, chosen))
	}
	return partner.Seam{
		WrapHandler: func(next http.Handler) http.Handler {
			return edited(func(status int, _ http.Header, body []byte) (int, []byte) {
				return status, change(body)
			})().WrapHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, without(r, text))
			}))
		},
		Deliver: func(ctx context.Context, d *partner.Delivery, next deliverer) error {
			d.Body = change(d.Body)
			return next(ctx, d)
		},
	}
}

type deliverer = func(context.Context, *partner.Delivery) error

func suffixed(v any, name, text string, chosen func(member string) bool) any {
	switch v := v.(type) {
	case map[string]any:
		for member, value := range v {
			if member == "externalReference" && !chosen(member) {
				continue
			}
			v[member] = suffixed(value, member, text, chosen)
		}
	case []any:
		for i := range v {
			v[i] = suffixed(v[i], name, text, chosen)
		}
	case string:
		if chosen(name) {
			return v + text
		}
	}
	return v
}

// without is the request with text taken off its ids, wherever they stand.
func without(r *http.Request, text string) *http.Request {
	clean := r.Clone(r.Context())
	clean.URL.Path = strings.ReplaceAll(r.URL.Path, text, "")
	clean.URL.RawPath = ""
	query := clean.URL.Query()
	for name, values := range query {
		for i := range values {
			query[name][i] = strings.ReplaceAll(values[i], text, "")
		}
	}
	clean.URL.RawQuery = strings.ReplaceAll(query.Encode(), url.QueryEscape(","), ",")
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return clean
	}
	if doc, ok := decode(body); ok {
		body = encode(stripped(doc, text))
	}
	clean.Body, clean.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return clean
}

func stripped(v any, text string) any {
	switch v := v.(type) {
	case map[string]any:
		for member, value := range v {
			v[member] = stripped(value, text)
		}
	case []any:
		for i := range v {
			v[i] = stripped(v[i], text)
		}
	case string:
		return strings.TrimSuffix(v, text)
	}
	return v
}

// decode reads JSON; numbers stay as they are written.
func decode(body []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	return v, true
}

// encode writes what decode read.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what was decoded can be encoded
	return slices.Clip(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
