package reports_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

// side is a run of one scenario, "s", with the exchanges of its steps.
func side(base string, findings []reports.Finding, steps ...[]reports.Exchange) reports.Side {
	s := reports.Side{
		Results: reports.Results{Partner: reports.Partner{BaseURL: base}, Scenarios: []reports.Scenario{{ID: "s", Verdict: reports.Passed, Findings: findings}}},
		Steps:   map[string][][]int{"s": {}},
	}
	if len(findings) > 0 {
		s.Results.Scenarios[0].Verdict = reports.Failed
	}
	for _, step := range steps {
		var ids []int
		for _, e := range step {
			e.ID = len(s.Results.Exchanges)
			e.Request.URL = base + e.Request.URL
			s.Results.Exchanges = append(s.Results.Exchanges, e)
			ids = append(ids, e.ID)
		}
		s.Steps["s"] = append(s.Steps["s"], ids)
	}
	return s
}

func answered(method, url, sent string, status int, got string) reports.Exchange {
	e := reports.Exchange{Direction: reports.OrangeToPartner, Kind: "call", Request: reports.Message{Method: method, URL: url},
		Response: reports.Message{Status: status, Headers: map[string][]string{"Content-Type": {"application/json"}}}}
	if sent != "" {
		e.Request.Body = text(sent)
	}
	if got != "" {
		e.Response.Body = text(got)
	}
	return e
}

func event(url, body string) reports.Exchange {
	return reports.Exchange{Direction: reports.PartnerToOrange, Kind: "event", Auth: reports.Auth{State: "valid"},
		Request:  reports.Message{Method: "POST", URL: url, Headers: map[string][]string{"Content-Type": {"application/json"}}, Body: text(body)},
		Response: reports.Message{Status: 201}}
}

// ids is where partners have values of their own in these tests.
func ids(path string) bool { return path == "id" || path == "fleet" || path == "resource.id" }

// compared is what stands beside the finding about one exchange: path, kind and values of each difference.
func compared(t *testing.T, partner, reference reports.Side) (*reports.Comparison, []string) {
	t.Helper()
	reports.Compare(&partner, reference, ids)
	c := partner.Results.Scenarios[0].Findings[0].Reference
	if c == nil {
		t.Fatal("no comparison")
	}
	var out []string
	for _, d := range c.Differences {
		out = append(out, fmt.Sprintf("%s %s %s|%s", d.Path, d.Kind, d.Partner, d.Reference))
	}
	return c, out
}

func TestCompareAnswers(t *testing.T) {
	t.Parallel()
	get := func(status int, body string) reports.Exchange {
		return answered("GET", "/licences?fleet=F", "", status, body)
	}
	typed := func(kind string) reports.Exchange {
		e := get(200, `{}`)
		e.Response.Headers = map[string][]string{"Content-Type": {kind}}
		return e
	}
	cut := get(0, "")
	cut.Error = "connection reset"
	long := get(200, `{"a":1}`)
	long.Response.Body.Truncated = true
	for _, tt := range []struct {
		name, path      string
		mine, reference reports.Exchange
		want, natural   []string
	}{
		{"the same", "", get(200, `{"a":1}`), get(200, `{ "a" : 1 }`), nil, nil},
		{"200 is as good as 201", "", get(200, `{}`), get(201, `{}`), nil, []string{"status"}},
		{"another status", "", get(404, `{}`), get(200, `{}`), []string{"status message HTTP 404|HTTP 200"}, nil},
		{"no answer", "", cut, get(200, `{}`), []string{"status message connection reset|HTTP 200"}, nil},
		{"charset", "", typed("application/json; charset=latin1"), typed("application/json;charset=UTF-8"), []string{"Content-Type message application/json; charset=latin1|application/json"}, nil},
		{"ids, dates and URLs", "", get(200, `{"id":"1","at":"2026-01-01T00:00:00Z","u":"http://a/1"}`), get(200, `{"id":"2","at":"2026-01-02T00:00:00Z","u":"http://b/2"}`), nil, []string{"$.at", "$.id", "$.u"}},
		{"the finding is about an id", "$.id", get(200, `{"id":"1"}`), get(200, `{"id":"2"}`), []string{`$.id nature "1"|"2"`}, []string{"$.id"}},
		{"an id that is no text", "", get(200, `{"id":1}`), get(200, `{"id":"2"}`), []string{`$.id value 1|"2"`}, nil},
		{"a date that is none", "", get(200, `{"at":"01/02/2026"}`), get(200, `{"at":"2026-01-02T00:00:00Z"}`), []string{`$.at value "01/02/2026"|"2026-01-02T00:00:00Z"`}, nil},
		{"number as text", "", get(200, `{"n":"3"}`), get(200, `{"n":3}`), []string{`$.n value "3"|3`}, nil},
		{"null", "", get(200, `{"n":null}`), get(200, `{}`), []string{`$.n extra null|`}, nil},
		{"finding first, then by path", "$.z.0.state", get(200, `{"b":1,"z":[{"state":"x"}],"a":1}`), get(200, `{"b":2,"z":[{"state":"y"}],"a":2}`), []string{`$.z[0].state value "x"|"y"`, "$.a value 1|2", "$.b value 1|2"}, nil},
		{"in another order", "", get(200, `[{"id":"1","s":"on"},{"id":"2","s":"off"}]`), get(200, `[{"id":"3","s":"off"},{"id":"4","s":"on"}]`), nil, []string{"$[*].id"}},
		{"one of a list", "", get(200, `[{"id":"1","s":"off"},{"id":"2","s":"on"}]`), get(200, `[{"id":"3","s":"on"},{"id":"4","s":"on"}]`), []string{`$[0].s value "off"|"on"`}, []string{"$[*].id"}},
		{"fewer", "", get(200, `[{"id":"1"}]`), get(200, `[{"id":"3"},{"id":"4"}]`), []string{"$ length 1|2"}, []string{"$[*].id"}},
		{"no JSON", "", get(200, `<html>`), get(200, `{}`), []string{"body form not JSON: <html>|"}, nil},
		{"two values", "", get(200, `{} {}`), get(200, `{}`), []string{"body form more after the JSON value|"}, nil},
		{"a member twice", "", get(200, `{"a":1,"a":1}`), get(200, `{"a":1}`), []string{`$.a form "a" twice|`}, nil},
		{"too deep", "", get(200, strings.Repeat("[", 5000)+strings.Repeat("]", 5000)), get(200, `[]`), []string{"body form not JSON: " + strings.Repeat("[", 200) + "… (10000 characters)|"}, nil},
		{"cut in the record", "", long, get(200, `{"a":2}`), nil, nil},
		{"a long name", "", get(200, `{"`+strings.Repeat("n", 1000)+`":1}`), get(200, `{}`), []string{"$." + strings.Repeat("n", 198) + "… (1002 characters) extra 1|"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			finding := []reports.Finding{{Requirement: "R", Path: tt.path, Exchange: 0}}
			c, got := compared(t, side("http://p", finding, []reports.Exchange{tt.mine}), side("http://r", nil, []reports.Exchange{tt.reference}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.natural, c.ByNature); diff != "" {
				t.Errorf("by nature (-want +got):\n%s", diff)
			}
			if (len(got) == 0) != (c.Note != "") {
				t.Errorf("%d differences and the note %q", len(got), c.Note)
			}
		})
	}
}

// The counterpart is the call about the same thing, whatever else happened in the step.
func TestCompareFindsTheCounterpart(t *testing.T) {
	t.Parallel()
	order := func(ref, id, fleet string) reports.Exchange {
		return answered("POST", "/order", `{"ref":"`+ref+`"}`, 201, `{"ref":"`+ref+`","id":"`+id+`","fleet":"`+fleet+`"}`)
	}
	read := func(fleet, list string) reports.Exchange {
		return answered("GET", "/licences?fleet="+fleet, "", 200, list)
	}
	done := func(ref, state string) reports.Exchange {
		return event("/event", `{"resource":{"ref":"`+ref+`","state":"`+state+`"}}`)
	}
	reference := side("http://r", nil,
		[]reports.Exchange{order("A", "o1", "f1"), order("B", "o2", "f2")},
		[]reports.Exchange{done("A", "completed"), done("B", "completed")},
		[]reports.Exchange{read("f1", `[1]`), read("f2", `[2]`)})
	for _, tt := range []struct {
		name     string
		exchange int // of the partner's that the finding is about
		step2    []reports.Exchange
		step3    []reports.Exchange
		want     []string
		note     string
	}{
		{"by what Orange sent", 1, nil, nil, []string{"$.extra extra 1|"}, ""},
		{"by what the event is about", 2, []reports.Exchange{done("B", "failed"), done("A", "completed")}, nil, []string{`$.resource.state value "failed"|"completed"`}, ""},
		{"an event twice", 3, []reports.Exchange{done("A", "completed"), done("A", "completed"), done("B", "completed")}, nil, nil, "the reference makes no such call here"},
		{"one event too many", 4, []reports.Exchange{done("A", "completed"), done("B", "completed"), done("B", "completed")}, nil, nil, "the reference makes no such call here"},
		{"an event that is missing", 2, []reports.Exchange{done("A", "completed")}, nil, []string{"event event |POST /event"}, ""},
		{"by the fleet that stands for the partner's", 2, nil, []reports.Exchange{read("p2", `[0]`), read("p2", `[0]`), read("p1", `[1]`)}, []string{"$[0] value 0|2"}, ""},
		{"a call that was repeated", 3, nil, []reports.Exchange{read("p2", `[0]`), read("p2", `[3]`)}, []string{"$[0] value 3|2"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			second := order("A", "p8", "p1")
			second.Response.Body = text(`{"ref":"A","id":"p8","fleet":"p1","extra":1}`)
			finding := []reports.Finding{{Requirement: "R", Exchange: tt.exchange}}
			partner := side("http://p", finding, []reports.Exchange{order("B", "p9", "p2"), second}, tt.step2, tt.step3)
			c, got := compared(t, partner, reference)
			if diff := cmp.Diff(tt.want, got); diff != "" || c.Note != tt.note {
				t.Errorf("note %q; differences (-want +got):\n%s", c.Note, diff)
			}
		})
	}
}

func TestCompareKeepsTheFirstDifferences(t *testing.T) {
	t.Parallel()
	list := func(value string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(value+",", 3000), ",") + "]"
	}
	finding := []reports.Finding{{Requirement: "R", Exchange: 0}, {Requirement: "R", Exchange: 0, FollowOf: "Q"}, {Requirement: "R", Exchange: reports.NoExchange}}
	partner := side("http://p", finding, []reports.Exchange{answered("GET", "/a", "", 200, list("1"))})
	c, got := compared(t, partner, side("http://r", nil, []reports.Exchange{answered("GET", "/a", "", 200, list("2"))}))
	if len(got) != 12 || got[2] != "$[2] value 1|2" || got[11] != "$[11] value 1|2" || c.More != 2988 {
		t.Errorf("%d more than %q", c.More, got)
	}
	findings := partner.Results.Scenarios[0].Findings
	if findings[1].Reference != nil || findings[2].Reference == nil || findings[2].Reference.Note == "" {
		t.Errorf("a follow-on has %+v, a finding without an exchange %+v", findings[1].Reference, findings[2].Reference)
	}
}

func TestCompareSaysWhyNot(t *testing.T) {
	t.Parallel()
	finding := func() []reports.Finding { return []reports.Finding{{Requirement: "R", Exchange: 0}} }
	none := reports.Side{}
	c, _ := compared(t, side("http://p", finding(), []reports.Exchange{answered("GET", "/a", "", 200, "1")}), none)
	if !strings.HasPrefix(c.Note, "not compared") {
		t.Errorf("a scenario that did not run again: %q", c.Note)
	}
	closing := side("http://p", finding(), []reports.Exchange{answered("GET", "/a", "", 200, "1")})
	closing.Steps = nil
	if c, _ = compared(t, closing, none); !strings.Contains(c.Note, "the whole run") {
		t.Errorf("a scenario that looks back: %q", c.Note)
	}
	same := []reports.Exchange{answered("GET", "/a", "", 200, "1")}
	if c, _ = compared(t, side("http://p", finding(), same), side("http://r", finding(), same)); !strings.Contains(c.Note, "please report it") {
		t.Errorf("a reference that fails: %q", c.Note)
	}
}
