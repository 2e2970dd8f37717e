package defect

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

// encoding is about bodies that are not the JSON that they should be.
func encoding() []Defect {
	return family("encoding", slices.Concat(contentTypes(), aroundJSON(), notJSON(), brokenBytes()))
}

func contentTypes() []Defect {
	return []Defect{
		{
			Name: "content-type-html", Requirement: "GEN-12", Mode: Both,
			How:  "PHP sends text/html unless the script calls header() first.",
			Seam: func() partner.Seam { return contentType("text/html; charset=UTF-8") },
		},
		{
			Name: "content-type-text", Requirement: "GEN-12", Mode: Both,
			How:  "The JSON is sent as a string, so that the framework calls it text/plain.",
			Seam: func() partner.Seam { return contentType("text/plain; charset=utf-8") },
		},
		{
			Name: "content-type-missing", Requirement: "GEN-12", Mode: Both,
			How:  "A bare servlet or node http server sends no content type unless it is told to.",
			Seam: func() partner.Seam { return contentType("") },
		},
		{
			Name: "charset-latin1", Requirement: "GEN-12", Mode: Both,
			How: "An old servlet container answers in ISO-8859-1, its default, and says so.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					x.body = latin1(x.body)
					x.header.Set("Content-Type", "application/json;charset=ISO-8859-1")
				})
			},
		},
		{
			Name: "charset-latin1-unsaid", Requirement: "GEN-12", Mode: Both,
			How:  "Text from a Latin-1 database is copied into the answer as it is, below a content type that says nothing of it.",
			Seam: func() partner.Seam { return answered(latin1) },
		},
		{
			Name: "utf16-body", Requirement: "GEN-12", Mode: Both,
			How: "C# code writes the body with Encoding.Unicode, which is UTF-16.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte {
					out := []byte{0xff, 0xfe}
					for _, c := range utf16.Encode([]rune(string(body))) {
						out = append(out, byte(c), byte(c>>8)) // #nosec G115 -- both halves
					}
					return out
				})
			},
		},
	}
}

func aroundJSON() []Defect {
	return []Defect{
		{
			Name: "byte-order-mark", Requirement: "GEN-12", Mode: Both,
			How: "An editor on Windows saved the PHP script with a byte order mark, which leaves before each answer.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte { return append([]byte("\xef\xbb\xbf"), body...) })
			},
		},
		{
			Name: "byte-order-mark-in-list", Requirement: "GEN-12", Mode: Both,
			How: "The list of licences is written by a .NET StreamWriter, which starts with a byte order mark.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isConsultation(x.request) {
						x.body = append([]byte("\xef\xbb\xbf"), x.body...)
					}
				})
			},
		},
		{
			Name: "trailing-data", Requirement: "GEN-12", Mode: Both,
			How:  "A debug statement after the answer adds its own output.",
			Seam: func() partner.Seam { return answered(func(body []byte) []byte { return append(body, "\nOK"...) }) },
		},
		{
			Name: "two-json-values", Requirement: "GEN-12", Mode: Both,
			How:  "Two layers both write the answer: the handler, and the filter around it.",
			Seam: func() partner.Seam { return answered(func(body []byte) []byte { return append(body, body...) }) },
		},
		{
			Name: "warning-before-json", Requirement: "GEN-12", Mode: Both,
			How: "PHP with display_errors on prints its warnings into the body.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte {
					return append([]byte("<br />\n<b>Warning</b>: Undefined array key \"note\" in order.php on line 12<br />\n"), body...)
				})
			},
		},
		{
			Name: "anti-hijacking-prefix", Requirement: "GEN-12", Mode: Both,
			How: "A web framework guards JSON against script inclusion with a prefix that only its own client removes.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte { return append([]byte(")]}',\n"), body...) })
			},
		},
	}
}

func notJSON() []Defect {
	return []Defect{
		{
			Name: "xml-answer", Requirement: "GEN-12", Mode: Both,
			How: "Content negotiation prefers XML as soon as an XML mapper is on the class path.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					x.body = []byte(`<?xml version="1.0" encoding="UTF-8"?><ProductOrder><state>` + state(x.body) + `</state></ProductOrder>`)
					x.header.Set("Content-Type", "application/xml")
				})
			},
		},
		{
			Name: "json-in-a-string", Requirement: "GEN-12", Mode: Both,
			How: "The body is serialised twice: json_encode or JSON.stringify on what is JSON text already.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte { return strconv.AppendQuote(nil, string(body)) })
			},
		},
		{
			Name: "python-repr", Requirement: "GEN-12", Mode: Both,
			How: "str(dict) instead of json.dumps: single quotes around every text.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(`"`), []byte(`'`)) })
			},
		},
		{
			Name: "not-a-number", Requirement: "GEN-12", Mode: Both,
			How: "Python writes NaN for a computed value that is not there; JSON has no such word.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte { return put(order, "priority", []byte("NaN")) })
			},
		},
		{
			Name: "duplicate-member", Requirement: "GEN-12", Mode: Both,
			How: "A base class and its subclass both declare the field, and the serialiser writes each.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte { return repeatMember(order, "state") })
			},
		},
	}
}

func brokenBytes() []Defect {
	return []Defect{
		{
			Name: "unasked-gzip", Requirement: "GEN-12", Mode: Both,
			How: "A reverse proxy compresses every answer, whether the client asked for it or not.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if len(x.body) == 0 {
						return
					}
					var b bytes.Buffer
					z := gzip.NewWriter(&b)
					_, _ = z.Write(x.body) // memory takes all
					_ = z.Close()
					x.body = b.Bytes()
					x.header.Set("Content-Encoding", "gzip")
				})
			},
		},
		{
			Name: "empty-answer", Requirement: "GEN-12", Mode: Both,
			How: "The handler returns 201 with a Location header and no body, as REST guides recommend.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isOrder(x.request) && x.status/100 == 2 {
						x.body = nil
						x.header.Set("Location", "/productordering/v2/productOrder/1")
					}
				})
			},
		},
		{
			Name: "truncated-answer", Requirement: "GEN-12", Mode: Both,
			How: "Content-Length counts characters where it should count bytes, so that the end of an accented text is cut.",
			Seam: func() partner.Seam {
				return answered(func(body []byte) []byte {
					return body[:len(body)-max(0, len(body)-len([]rune(string(body))))]
				})
			},
		},
		{
			Name: "event-not-utf8", Requirement: "GEN-12", Mode: Async,
			How: "The batch that sends events runs with the platform's default charset, Latin-1.",
			Seam: func() partner.Seam {
				return onEvent(func(d *partner.Delivery) {
					if isOrderEvent(d) {
						d.Body = latin1(put(d.Body, "resource.description", []byte(`"Commande traitée"`)))
					}
				})
			},
		},
	}
}

// types is about values of a wrong type or a wrong spelling.
func types() []Defect {
	return family("wire types", slices.Concat(wrongScalars(), wrongLists()))
}

func wrongScalars() []Defect {
	return []Defect{
		{
			Name: "order-id-number", Requirement: "GEN-12", Mode: Both,
			How: "The id is the database's bigint and the serialiser writes it as a number.",
			Seam: func() partner.Seam {
				var ids memo[int]
				return onOrders(func(order []byte) []byte {
					return change(order, "id", func(old gjson.Result) any {
						return ids.once(old.String(), func() int { return 100000 + len(ids.values) })
					})
				})
			},
		},
		{
			Name: "quantity-as-text", Requirement: "GEN-12", Mode: Sync,
			How: "PDO and other drivers return numbers as text, and json_encode keeps them so.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return change(order, quantityPath, func(old gjson.Result) any { return old.Raw })
				})
			},
		},
		{
			Name: "state-in-capitals", Requirement: "GEN-12", Mode: Both,
			How: "The state is a Java enum and its name is written as it stands in the code.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					return change(order, "state", func(old gjson.Result) any { return strings.ToUpper(old.String()) })
				})
			},
		},
		{
			Name: "update-state-of-its-own", Requirement: "GEN-12", Mode: Sync,
			How: "The state comes from the partner's own workflow, which ends with done.",
			Seam: func() partner.Seam {
				return onUpdates(func(update []byte) []byte {
					if completed(update) {
						return set(update, "state", "done")
					}
					return update
				})
			},
		},
		{
			Name: "licence-state-capitalised", Requirement: "GEN-12", Mode: Both,
			How: "The label of the user interface is sent instead of the code.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					return change(l, "state", func(old gjson.Result) any {
						return strings.ToUpper(old.String()[:1]) + old.String()[1:]
					})
				})
			},
		},
		{
			Name: "trading-name-as-object", Requirement: "GEN-12", Mode: Both,
			How: "The name comes from a model with translations and is sent with its language.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return change(order, "customer.tradingName", func(old gjson.Result) any { return map[string]string{"fr": old.String()} })
				})
			},
		},
	}
}

func wrongLists() []Defect {
	return []Defect{
		{
			Name: "contacts-as-object", Requirement: "GEN-12", Mode: Both,
			How: "A PHP array whose keys have a gap is written as an object with numbers as names.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return numbered(order, "relatedContact")
				})
			},
		},
		{
			Name: "item-as-object", Requirement: "GEN-12", Mode: Sync,
			How: "A converter from XML makes an object of a list that has one element.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return put(order, "orderItem", []byte(gjson.GetBytes(order, "orderItem.0").Raw))
				})
			},
		},
		{
			Name: "resource-as-object", Requirement: "GEN-12", Mode: Both, Needs: "resourceFromOrder",
			How: "A licence has one realizing resource in the partner's model, so it is written as an object and not as a list.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					if first := gjson.GetBytes(l, "realizingResource.0"); first.Exists() {
						return put(l, "realizingResource", []byte(first.Raw))
					}
					return l
				})
			},
		},
		{
			Name: "characteristics-as-map", Requirement: "GEN-12", Mode: Sync, Needs: "technicalInformation",
			How: "Names and values are kept in a map, which JSON writes as an object instead of a list of pairs.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return change(order, "orderItem.0.productRef.characteristic", func(old gjson.Result) any {
						m := map[string]string{}
						for _, c := range old.Array() {
							m[c.Get("name").String()] = c.Get("value").String()
						}
						return m
					})
				})
			},
		},
	}
}

func contentType(value string) partner.Seam {
	return onAnswer(func(x *exchange) {
		if len(x.body) == 0 {
			return
		}
		x.header["Content-Type"] = nil // keeps the server from guessing one
		if value != "" {
			x.header.Set("Content-Type", value)
		}
	})
}

// answered rewrites the body of each answer that has one.
func answered(rewrite func(body []byte) []byte) partner.Seam {
	return onAnswer(func(x *exchange) {
		if len(x.body) > 0 {
			x.body = rewrite(x.body)
		}
	})
}

// repeatMember repeats a member of an object at its end.
func repeatMember(doc []byte, name string) []byte {
	member := gjson.GetBytes(doc, name)
	if !member.Exists() {
		return doc
	}
	return append(bytes.TrimSuffix(bytes.Clone(doc), []byte("}")), `,"`+name+`":`+member.Raw+`}`...)
}

// numbered writes the array at a path as an object with its indexes as names.
func numbered(doc []byte, path string) []byte {
	var members []string
	for i, element := range gjson.GetBytes(doc, path).Array() {
		members = append(members, strconv.Quote(strconv.Itoa(i+1))+":"+element.Raw)
	}
	return put(doc, path, []byte("{"+strings.Join(members, ",")+"}"))
}
