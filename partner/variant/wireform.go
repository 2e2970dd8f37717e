package variant

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/clementine-ope/clementine/partner"
)

func wireForms() []Variant {
	return []Variant{
		{
			Name: "keys-reversed", Why: "The members of a JSON object have no order (RFC 8259).",
			Seam: func() partner.Seam {
				return written(func(v any) []byte { return layout{less: func(a, b string) int { return cmp.Compare(b, a) }}.write(v) })
			},
		},
		{
			Name: "unicode-escaped", Why: "GEN-12 wants JSON: \\u00e9 and é are the same text (RFC 8259).",
			Seam: func() partner.Seam {
				return written(func(v any) []byte { return layout{less: strings.Compare, escape: true}.write(v) })
			},
		},
		{
			Name: "slashes-escaped", Why: "GEN-12 wants JSON: \\/ and / are the same text (RFC 8259), and PHP writes the first.",
			Seam: func() partner.Seam {
				return written(func(v any) []byte {
					return bytes.ReplaceAll(layout{less: strings.Compare, escape: true}.write(v), []byte("/"), []byte(`\/`))
				})
			},
		},
		{
			Name: "pretty-printed", Why: "White space between JSON tokens, and a line end after them, means nothing (RFC 8259).",
			Seam: func() partner.Seam {
				return written(func(v any) []byte {
					var b bytes.Buffer
					_ = json.Indent(&b, encode(v), " \r\n", "\t") // what was encoded can be indented
					return append(b.Bytes(), "\r\n\n"...)
				})
			},
		},
		{
			Name: "integers-with-a-fraction", Why: "JSON knows one kind of number (RFC 8259): 3.0 is the integer 3, as JSON Schema reads it.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					each(at(m.doc, "orderItem"), func(item map[string]any) {
						ref, _ := item["productRef"].(map[string]any)
						if n, ok := ref["userServiceQuantity"].(json.Number); ok && !strings.ContainsAny(n.String(), ".eE") {
							ref["userServiceQuantity"] = json.Number(n.String() + ".0")
						}
					})
				})
			},
		},
		{
			Name: "vendor-fields", Why: "wire.md, 2: unknown fields are to be ignored by whoever reads.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) { walk(m.doc, vendorFields); vendorFieldsOf(m.wrapper) })
			},
		},
	}
}

// timesAndTypes write times and media types as other servers do.
func timesAndTypes() []Variant {
	return []Variant{
		{
			Name: "times-with-an-offset", Why: "wire.md, 1: any RFC 3339 time with an offset.",
			Seam: func() partner.Seam { return times(time.FixedZone("", 2*60*60), time.RFC3339) },
		},
		{
			Name: "times-in-lower-case", Why: "wire.md, 1: any RFC 3339 time; RFC 3339, 5.6, lets t and z be written in lower case.",
			Seam: func() partner.Seam { return times(time.UTC, "2006-01-02t15:04:05z") },
		},
		{
			Name: "times-with-nanoseconds", Why: "wire.md, 1: any RFC 3339 time with an offset; no clause limits its digits.",
			Seam: func() partner.Seam { return times(time.UTC, "2006-01-02T15:04:05.000000000Z07:00") },
		},
		contentType("application/json;charset=UTF-8"),
		contentType(`application/json; charset="utf-8"`),
		contentType("Application/JSON"),
		contentType("application/json"),
	}
}

// written writes answers, whatever their status, and events in another way.
func written(write func(v any) []byte) partner.Seam {
	answers := onExchanges(func(next http.Handler, x *exchange) {
		x.serve(next)
		if doc, ok := decode(x.body); ok {
			x.body = write(doc)
		}
	})
	return partner.Join(answers, onDeliveries(func(d *partner.Delivery) {
		if doc, ok := decode(d.Body); ok {
			d.Body = write(doc)
		}
	}))
}

// layout is a way to write JSON.
type layout struct {
	less   func(a, b string) int // the order of members
	escape bool                  // everything beyond ASCII
}

func (l layout) write(v any) []byte {
	var b bytes.Buffer
	l.value(&b, v)
	return b.Bytes()
}

func (l layout) value(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, name := range slices.SortedFunc(maps.Keys(v), l.less) {
			comma(b, i)
			l.text(b, name)
			b.WriteByte(':')
			l.value(b, v[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, element := range v {
			comma(b, i)
			l.value(b, element)
		}
		b.WriteByte(']')
	case string:
		l.text(b, v)
	default:
		b.Write(encode(v))
	}
}

func comma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func (l layout) text(b *bytes.Buffer, s string) {
	plain := encode(s)
	if !l.escape {
		b.Write(plain)
		return
	}
	for _, r := range string(plain) {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(b, `\u%04x`, unit)
		}
	}
}

func vendorFieldsOf(fields map[string]any) {
	if fields != nil {
		vendorFields(fields)
	}
}

// vendorFields adds members of every type; their values are never empty (GEN-02).
func vendorFields(fields map[string]any) {
	fields["@type"] = "Vendor"
	fields["href"] = "https://vendor.example.com/v7/things/42"
	fields["vendor"] = map[string]any{"tenant": "eu-1", "tier": json.Number("3"), "labels": []any{"a", map[string]any{"state": "draft", "name": "b"}}}
	fields["isBundle"] = false
	fields["score"] = json.Number("-1.5e3")
}

func times(zone *time.Location, form string) partner.Seam {
	move := func(fields map[string]any) {
		for name, value := range fields {
			if at, err := time.Parse(time.RFC3339, text(value)); err == nil {
				fields[name] = at.In(zone).Format(form)
			}
		}
	}
	return onMessages(func(m *message) {
		walk(m.doc, move)
		if m.wrapper != nil {
			move(m.wrapper)
		}
	})
}

func contentType(value string) Variant {
	name := strings.NewReplacer("/", "-", ";", "-", "=", "-", `"`, "quoted-", " ", "").Replace(value)
	if value == "Application/JSON" {
		name = "upper-case"
	}
	return Variant{
		Name: "content-type-" + strings.Trim(strings.ToLower(name), "-"), Why: "GEN-12 wants an application/json content type: names are read in any case, parameters may follow (RFC 9110).",
		Seam: func() partner.Seam {
			answers := onExchanges(func(next http.Handler, x *exchange) {
				x.serve(next)
				if len(x.body) > 0 {
					x.header.Set("Content-Type", value)
				}
			})
			return partner.Join(answers, onCalls(func(r *http.Request) {
				if !isTokenRequest(r) {
					r.Header.Set("Content-Type", value)
				}
			}))
		},
	}
}
