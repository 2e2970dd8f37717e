package reports_test

import (
	"time"

	"github.com/clementine-ope/clementine/reports"
)

var sampleStart = time.Date(2026, 3, 5, 9, 30, 0, 0, time.UTC)

// sample is a small run with one requirement, and one scenario, of every verdict.
func sample() reports.Results {
	requirements := []reports.Requirement{
		{ID: "GEN-01", Level: "mandatory", Verdict: reports.Passed, Text: "GET ping answers HTTP 200.",
			Source: "getting-started: Development phase", Scenarios: []string{"ping"}},
		{ID: "GEN-10", Level: "mandatory", Verdict: reports.Broken, Reason: "the gateway stopped answering", Text: "Each acknowledged request is answered by exactly one final event.",
			Source: "getting-started: UC4", Scenarios: []string{"one-event"}},
		{ID: "GEN-15", Level: "advice", Verdict: reports.Warning, Text: "The same order sent twice creates one set of licences.",
			Source: "derived", Scenarios: []string{"twice"}},
		{ID: "PO-UC2-02", Level: "mandatory", Verdict: reports.Failed, Text: "The fleet then holds exactly userServiceQuantity licences, each with its own id.",
			Source: "getting-started: UC2", Scenarios: []string{"three", "two-customers"}},
		{ID: "PO-UC3-01", Level: "mandatory", Verdict: reports.Inconclusive, Reason: "waits for PO-UC2-02", Text: "An add order with a known fleet id adds licences.",
			Source: "getting-started: UC3", Scenarios: []string{"delta"}},
		{ID: "US-UC4-01", Level: "optional", Verdict: reports.Skipped, Reason: "feature changeOffering is not declared", Text: "A swap moves the licence to the new offering.",
			Source: "getting-started: UC4", Scenarios: []string{"swap"}},
		{ID: "US-UC4-02", Level: "optional", Verdict: reports.Skipped, Reason: "feature changeOffering is not declared", Text: "A swap to an unknown offering is refused.",
			Source: "getting-started: UC4", Scenarios: []string{}},
		{ID: "acme-naming", Level: "own", Verdict: reports.Passed, Text: "A licence shows the name of its site.",
			Source: "own feature", Scenarios: []string{"naming"}},
	}
	return reports.Results{
		Version: reports.Version, Verdict: "failed", Mode: "async", Lang: "en", Seed: 42, StartedAt: sampleStart, DurationMs: 1234,
		Suite:        reports.Suite{Name: "clementine", Version: "0.1.0", Contract: "mba-2.2", Digest: "sha256:0f1e2d3c"},
		Partner:      reports.Partner{Name: "Acme SaaS", Contract: "MBA-2026-042", BaseURL: "http://localhost:8081"},
		Profile:      map[string]any{"offer": "mba2-beta", "auth": map[string]any{"type": "basic", "user": "orange", "password": "***5f1c22"}},
		Counts:       reports.Count(requirements),
		Requirements: requirements, Scenarios: sampleScenarios(), Exchanges: sampleExchanges(),
		Resilience: []reports.Resilience{
			{Name: "429 with Retry-After", Held: true, Seen: "the same event again after 1s, taken"},
			{Name: "A slow answer", Seen: "another event"},
			{Name: "A huge answer", Seen: "sent 6 times more"},
			{Name: "500", Seen: "not sent again"},
		},
		Reference: &reports.Reference{Status: reports.Compared},
		Proof:     &reports.Proof{Status: reports.Proven, Noticed: 148, Known: 153, Undeclared: 4, Unjudged: 1},
		Claims: []reports.Claim{
			{Feature: "changeOffering", Declared: true, State: reports.ClaimUnproven, Requirements: []string{"US-UC4-01", "US-UC4-02"}, Exchange: reports.NoExchange},
			{Feature: "endUser", Declared: true, State: reports.ClaimOver, Requirements: []string{"PO-UC2-02"}, Exchange: reports.NoExchange},
			{Feature: "realizingResource", State: reports.ClaimUnder, Requirements: []string{}, Sign: "$[*].realizingResource", Exchange: 1},
			{Feature: "consultById", State: reports.ClaimNone, Requirements: []string{}, Exchange: reports.NoExchange},
		},
		Notes: []string{"Credentials came in the form body as well: accepted."},
	}
}

func sampleScenarios() []reports.Scenario {
	short := reports.Finding{Requirement: "PO-UC2-02", Expected: "3 licences in fleet F-1", Seen: "2 licences", Path: "$.length()",
		Exchange: 1, Hint: "Create every licence before you answer completed."}
	compared := short
	compared.Reference = sampleComparison()
	steps := func(last reports.Verdict) []reports.Step {
		return []reports.Step{{Text: "Given a customer of the partner", Verdict: reports.Passed}, {Text: "Then the answer holds", Verdict: last}}
	}
	return []reports.Scenario{
		{ID: "ping", Feature: "Service availability", Name: "The service answers", UseCase: "GEN", Requirements: []string{"GEN-01"},
			Verdict: reports.Passed, DurationMs: 4, Steps: steps(reports.Passed), Exchanges: []int{0}},
		{ID: "three", Feature: "A fleet and its licences", Name: "An order of three licences", UseCase: "PO-UC2", Requirements: []string{"PO-UC2-02"},
			Verdict: reports.Failed, DurationMs: 120, Findings: []reports.Finding{compared}, Steps: steps(reports.Failed), Exchanges: []int{1, 2}},
		{ID: "two-customers", Feature: "A fleet and its licences", Name: "Two customers", UseCase: "PO-UC2", Requirements: []string{"PO-UC2-02"},
			Verdict: reports.Failed, DurationMs: 130, Findings: []reports.Finding{short}, Steps: steps(reports.Failed), Exchanges: []int{1}},
		{ID: "delta", Feature: "More licences", Name: "Two more licences", UseCase: "PO-UC3", Requirements: []string{"PO-UC3-01"},
			Verdict: reports.Inconclusive, Reason: "waits for PO-UC2-02", DurationMs: 90, Steps: steps(reports.Inconclusive), Exchanges: []int{3},
			Findings: []reports.Finding{{Requirement: "PO-UC3-01", Expected: "5 licences", Seen: "4 licences", Path: "$.length()", Exchange: 3,
				Hint: "Add the quantity to what is there.", FollowOf: "PO-UC2-02"}}},
		{ID: "one-event", Feature: "The event of an order", Name: "One event answers one order", UseCase: "PO-UC4", Requirements: []string{"GEN-10"},
			Verdict: reports.Broken, Reason: "the gateway stopped answering", DurationMs: 30, Steps: steps(reports.Broken), Exchanges: []int{2}},
		{ID: "twice", Feature: "A fleet and its licences", Name: "The same order twice", UseCase: "PO-UC2", Requirements: []string{"GEN-15"},
			Verdict: reports.Warning, DurationMs: 60, Steps: steps(reports.Warning), Exchanges: []int{4},
			Findings: []reports.Finding{{Requirement: "GEN-15", Expected: "one fleet", Seen: "two fleets", Exchange: reports.NoExchange,
				Hint: "Recognise the order by its externalReference."}}, Notes: []string{"The second answer was completed, too."}},
		{ID: "swap", Feature: "Change of offering", Name: "A swap", UseCase: "US-UC4", Requirements: []string{"US-UC4-01"},
			Verdict: reports.Skipped, Reason: "feature changeOffering is not declared"},
		{ID: "naming", Feature: "Acme's own rules", Name: "The site's name", Requirements: []string{"acme-naming"},
			Verdict: reports.Passed, DurationMs: 8, Steps: steps(reports.Passed)},
	}
}

// sampleComparison is what the reference does in the scenario "three".
func sampleComparison() *reports.Comparison {
	return &reports.Comparison{
		Exchange: &reports.Exchange{ID: 7, Direction: reports.OrangeToPartner, Kind: "call", At: sampleStart, DurationMs: 0.4,
			Request: reports.Message{Method: "GET", URL: "http://127.0.0.1:40001/userservice/v2/userService?productRefId=F-77"},
			Response: reports.Message{Status: 200, Headers: map[string][]string{"Content-Type": {"application/json"}},
				Body: text(`[{"id":"L-71","state":"active"},{"id":"L-72","state":"active"},{"id":"L-73","state":"active"}]`)}},
		Differences: []reports.Difference{
			{Path: "$", Kind: "length", Partner: "2", Reference: "3", Words: "the reference lists 3 here, the partner 2"},
			{Path: "$[1].note", Kind: "extra", Partner: `"<b>late</b>"`, Words: `the reference has no such member, the partner says "<b>late</b>"`},
		},
		More: 1, ByNature: []string{"$[*].id"},
	}
}

func sampleExchanges() []reports.Exchange {
	call := func(id int, method, url, sent string, status int, got string) reports.Exchange {
		e := reports.Exchange{ID: id, Direction: reports.OrangeToPartner, Kind: "call", At: sampleStart.Add(time.Duration(id) * time.Second), DurationMs: 3.2,
			Request:  reports.Message{Method: method, URL: "http://localhost:8081" + url, Headers: map[string][]string{"Authorization": {"Basic ***5f1c22"}, "Accept": {"application/json"}}},
			Response: reports.Message{Status: status, Headers: map[string][]string{"Content-Type": {"application/json"}}}}
		if sent != "" {
			e.Request.Headers["Content-Type"] = []string{"application/json"}
			e.Request.Body = text(sent)
		}
		if got != "" {
			e.Response.Body = text(got)
		}
		return e
	}
	event := call(2, "POST", "", `{"type":"completedStateNotification","resource":{"id":"O-1"}}`, 201, "")
	event.Direction, event.Kind = reports.PartnerToOrange, "event"
	event.Request.URL = "http://127.0.0.1:8090/mba2-beta/productordering/v2/event"
	event.Request.Headers["Authorization"] = []string{"Bearer ***3f2a9c"}
	event.Auth = reports.Auth{Scheme: "Bearer", Application: "demo", State: "valid"}
	cut := call(4, "POST", "/productordering/v2/productOrder", `{"externalReference":{"type":"orange","id":"R-9"}}`, 0, "")
	cut.Error, cut.Fault = "connection reset", "cut-once"
	return []reports.Exchange{
		call(0, "GET", "/ping", "", 200, "pong"),
		call(1, "GET", "/userservice/v2/userService?productRefId=F-1", "", 200, `[{"id":"L-1","state":"active"},{"id":"L-2","state":"active"}]`),
		event,
		call(3, "POST", "/productordering/v2/productOrder", `{"note":{"text":"l'été à Besançon"}}`, 200, `{"state":"completed"}`),
		cut,
	}
}

func text(s string) *reports.Body {
	return &reports.Body{Text: s, Bytes: int64(len(s)), SHA256: "0000000000000000000000000000000000000000000000000000000000000000"}
}
