package defect

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// consultation is about GET userService.
func consultation() []Defect {
	return family("consultation", slices.Concat(wrongLicences(), wrongShapes(), changedByReading(), unknownFleetsRead()))
}

func wrongLicences() []Defect {
	return []Defect{
		{
			Name: "fleet-filter-ignored", Requirement: "US-UC1-01", Mode: Both,
			How: "The name of the query parameter differs in the code, so that nothing is filtered.",
			Seam: func() partner.Seam {
				var known fleets
				return partner.Join(everything(&known), known.watch())
			},
		},
		{
			Name: "page-of-50", Requirement: "US-UC1-01", Mode: Both,
			How:  "The framework pages each list by default and returns the first page.",
			Seam: func() partner.Seam { return page(50) },
		},
		{
			Name: "page-of-100", Requirement: "US-UC1-01", Mode: Both,
			How:  "The query has LIMIT 100, which was plenty when it was written.",
			Seam: func() partner.Seam { return page(100) },
		},
		{
			Name: "consultation-crashes", Requirement: "US-UC1-01", Mode: Both,
			How: "The serialiser runs into a cycle between licence and fleet.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isFleet(x.request) && len(gjson.ParseBytes(x.body).Array()) > 0 {
						x.status, x.body = http.StatusInternalServerError, []byte(crash().body)
					}
				})
			},
		},
	}
}

func wrongShapes() []Defect {
	return []Defect{
		{
			Name: "licence-listed-twice", Requirement: "US-UC1-01", Mode: Both,
			How: "The query joins licences with their history, and one that has two entries there comes twice.",
			Seam: func() partner.Seam {
				return onLists(func(_ *exchange, licences []gjson.Result) []byte {
					shown := raws(licences)
					return array(append(shown, shown[:min(1, len(shown))]...))
				})
			},
		},
		{
			Name: "list-wrapped", Requirement: "US-UC1-01", Mode: Both,
			How: "A list of Spring Data is an object with content and totalElements.",
			Seam: func() partner.Seam {
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					return []byte(`{"content":` + string(x.body) + `,"totalElements":` + strconv.Itoa(len(licences)) + `}`)
				})
			},
		},
		{
			Name: "single-licence-not-in-a-list", Requirement: "US-UC1-01", Mode: Both,
			How: "A converter unwraps lists with one element.",
			Seam: func() partner.Seam {
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					if len(licences) == 1 {
						return []byte(licences[0].Raw)
					}
					return x.body
				})
			},
		},
		{
			Name: "list-numbered", Requirement: "US-UC1-01", Mode: Both,
			How: "array_filter in PHP keeps the keys, and json_encode then writes an object.",
			Seam: func() partner.Seam {
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					if len(licences) == 0 {
						return x.body
					}
					var members []string
					for i, l := range licences {
						members = append(members, `"`+strconv.Itoa(i+3)+`":`+l.Raw)
					}
					return []byte("{" + strings.Join(members, ",") + "}")
				})
			},
		},
	}
}

func changedByReading() []Defect {
	return []Defect{
		{
			Name: "login-made-at-reading", Requirement: "US-UC1-05", Mode: Both,
			How: "The login is a one-time link that is made whenever the licence is serialised.",
			Seam: func() partner.Seam {
				var n atomic.Int64
				return onConsulted(func(l []byte) []byte {
					return change(l, "right.0.loginKeyValue.value", func(old gjson.Result) any {
						return old.String() + "-" + strconv.FormatInt(n.Add(1), 10)
					})
				})
			},
		},
		{
			Name: "licence-ids-made-at-reading", Requirement: "US-UC1-05", Mode: Both,
			How: "Licences are rows without a key, numbered whenever they are read.",
			Seam: func() partner.Seam {
				var n atomic.Int64
				return onConsulted(func(l []byte) []byte { return set(l, "id", "row-"+strconv.FormatInt(n.Add(1), 10)) })
			},
		},
		{
			Name: "reading-wakes-the-suspended", Requirement: "US-UC1-05", Mode: Both,
			How: "Reading a licence counts as its use, and use makes it active.",
			Seam: func() partner.Seam {
				var reads memo[int]
				return onConsulted(func(l []byte) []byte {
					id := text(l, "id")
					n, _ := reads.get(id)
					if state(l) != string(wire.Inactive) {
						n = -1
					}
					reads.set(id, n+1)
					if n > 0 {
						return set(l, "state", string(wire.Active))
					}
					return l
				})
			},
		},
		{
			Name: "reading-suspends", Requirement: "US-UC1-05", Mode: Both,
			How: "Each licence has a quota of calls, and a consultation counts as one.",
			Seam: func() partner.Seam {
				var reads memo[int]
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					n, _ := reads.get(asked(x))
					reads.set(asked(x), n+1)
					if n > 0 && len(licences) > 0 {
						return set(x.body, "0.state", string(wire.Inactive))
					}
					return x.body
				})
			},
		},
		{
			Name: "reading-archives", Requirement: "US-UC1-05", Mode: Both,
			How: "GET is served from a queue that Orange is thought to poll: what was read twice is gone.",
			Seam: func() partner.Seam {
				var reads memo[int]
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					fleet := asked(x)
					n, _ := reads.get(fleet)
					reads.set(fleet, n+1)
					if n >= 2 && len(licences) > 0 {
						return array(raws(licences)[1:])
					}
					return x.body
				})
			},
		},
	}
}

func unknownFleetsRead() []Defect {
	return []Defect{
		{
			Name: "unknown-fleet-read-crashes", Requirement: "US-UC1-04", Mode: Both,
			How: "The fleet is looked up first, and its licences are read from null.",
			Seam: func() partner.Seam {
				return unknown(func(*exchange) (int, string) { return http.StatusInternalServerError, crash().body })
			},
		},
		{
			Name: "unknown-fleet-read-as-null", Requirement: "US-UC1-04", Mode: Both,
			How:  "A list that is not there is written as null.",
			Seam: func() partner.Seam { return unknown(func(*exchange) (int, string) { return http.StatusOK, "null" }) },
		},
		{
			Name: "unknown-fleet-read-as-object", Requirement: "US-UC1-04", Mode: Both,
			How:  "An empty PHP array of a typed collection is written as {}.",
			Seam: func() partner.Seam { return unknown(func(*exchange) (int, string) { return http.StatusOK, "{}" }) },
		},
		{
			Name: "unknown-fleet-shows-another", Requirement: "US-UC1-04", Mode: Both,
			How: "An id that is not found drops the filter, and the first fleet's licences come.",
			Seam: func() partner.Seam {
				var last memo[string]
				return partner.Join(
					onLists(func(x *exchange, licences []gjson.Result) []byte {
						if len(licences) > 0 {
							last.set("", string(x.body))
						}
						return x.body
					}),
					unknown(func(x *exchange) (int, string) {
						if body, ok := last.get(""); ok {
							return http.StatusOK, body
						}
						return x.status, string(x.body)
					}))
			},
		},
	}
}

// byID is about GET by one id or by a list of them.
func byIDs() []Defect {
	return family("consultation by id", slices.Concat(idLists(), singleIDs()))
}

func idLists() []Defect {
	return []Defect{
		{
			Name: "id-list-first-only", Requirement: "US-UC1-02", Mode: Both, Needs: "consultById",
			How: "The parameter is read as a number, which ends at the comma.",
			Seam: func() partner.Seam {
				return onIDs(func(ids []string) []string { return ids[:1] })
			},
		},
		{
			Name: "id-list-as-one-id", Requirement: "US-UC1-02", Mode: Both, Needs: "consultById",
			How: "The list is not split: WHERE id = 'A,B' finds nothing.",
			Seam: func() partner.Seam {
				return onIDs(func([]string) []string { return []string{"none"} })
			},
		},
		{
			Name: "id-list-refused", Requirement: "US-UC1-02", Mode: Both, Needs: "consultById",
			How: "productRefId is a required parameter, whatever else is asked for.",
			Seam: func() partner.Seam {
				return instead(func(r *http.Request, _ []byte) *reply {
					if isConsultation(r) && r.URL.Query().Has("id") {
						return reject("productRefId is required")
					}
					return nil
				})
			},
		},
	}
}

func singleIDs() []Defect {
	return []Defect{
		{
			Name: "licence-by-id-not-served", Requirement: "US-UC1-03", Mode: Both, Needs: "consultById",
			How: "The feature is declared and the route was never written.",
			Seam: func() partner.Seam {
				return instead(func(r *http.Request, _ []byte) *reply {
					if isOne(r) {
						return jsonReply(http.StatusNotFound, `{"code":60,"message":"Resource not found","description":"No route."}`)
					}
					return nil
				})
			},
		},
		{
			Name: "unknown-licence-is-empty", Requirement: "US-UC1-03", Mode: Both, Needs: "consultById",
			How:  "A licence that is not found is answered 200 with an empty list.",
			Seam: func() partner.Seam { return onMissing(http.StatusOK, "[]") },
		},
		{
			Name: "unknown-licence-crashes", Requirement: "US-UC1-03", Mode: Both, Needs: "consultById",
			How:  "Optional.get() without isPresent().",
			Seam: func() partner.Seam { return onMissing(http.StatusInternalServerError, crash().body) },
		},
		{
			Name: "licence-by-id-wrapped", Requirement: "US-UC1-03", Mode: Both, Needs: "consultById",
			How: "Each answer of the partner's API has its content in data.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isOne(x.request) && x.status == http.StatusOK {
						x.body = []byte(`{"data":` + string(x.body) + `}`)
					}
				})
			},
		},
	}
}

// isOne tells GET of one licence.
func isOne(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/userService/")
}

// onMissing answers GET of a licence that the partner doesn't know.
func onMissing(status int, body string) partner.Seam {
	return onAnswer(func(x *exchange) {
		if isOne(x.request) && x.status == http.StatusNotFound {
			x.status, x.body = status, []byte(body)
		}
	})
}

// onIDs changes the list of ids that GET is asked for.
func onIDs(rewrite func(ids []string) []string) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); isConsultation(r) && query.Has("id") {
			query.Set("id", strings.Join(rewrite(strings.Split(query.Get("id"), ",")), ","))
			r.URL.RawQuery = query.Encode()
		}
		next.ServeHTTP(w, r)
	})
}

// page shows only so many licences.
func page(size int) partner.Seam {
	return onLists(func(_ *exchange, licences []gjson.Result) []byte {
		return array(raws(licences)[:min(size, len(licences))])
	})
}

// unknown answers GET of a fleet that has no licences and is none of the reference's.
func unknown(answer func(x *exchange) (int, string)) partner.Seam {
	return onAnswer(func(x *exchange) {
		if isFleet(x.request) && !strings.HasPrefix(asked(x), "flt_") {
			status, body := answer(x)
			x.status, x.body = status, []byte(body)
		}
	})
}

// everything answers GET of a fleet with the licences of the first fleets too.
func everything(known *fleets) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		fleet, all := r.URL.Query().Get("productRefId"), known.all()
		if !isFleet(r) || !slices.Contains(all, fleet) {
			next.ServeHTTP(w, r)
			return
		}
		shown := raws(licencesOf(next, r, fleet))
		for _, other := range all[:min(3, len(all))] {
			if other != fleet {
				shown = append(shown, raws(licencesOf(next, r, other))...)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(array(shown)) // a caller that has gone misses nothing
	})
}
