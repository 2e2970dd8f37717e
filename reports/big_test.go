package reports_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// whole is a run of the usual size: 85 requirements, 170 scenarios, 1,000 exchanges with bodies of some 700 bytes.
func whole() reports.Results {
	r := sample()
	r.Requirements, r.Scenarios, r.Exchanges = nil, nil, nil
	body := `{"externalReference":{"type":"orange","id":"R-%d"},"state":"completed","customer":{"id":"C-%d","externalReference":{"type":"orange","id":"C-9"},` +
		`"tradingName":"Société Générale de Décoration"},"orderItem":[{"id":"1","action":"add","state":"completed","productRef":{"id":"F-%d","userServiceQuantity":3}}],"relatedContact":[` +
		strings.Repeat(`{"id":"K-1","role":"customerFleetManager","givenName":"Zoé","email":"zoe@example.com"},`, 3) + `{"id":"K-2"}]}`
	call := sampleExchanges()[1]
	for i := range 1000 {
		e := call
		e.ID, e.At = i, sampleStart.Add(time.Duration(i)*time.Millisecond)
		e.Request.Method, e.Request.URL = "POST", "http://localhost:8081/productordering/v2/productOrder"
		e.Request.Body, e.Response.Body = text(fmt.Sprintf(body, i, i, i)), text(fmt.Sprintf(body, i, i, i))
		r.Exchanges = append(r.Exchanges, e)
	}
	prefixes := []string{"GEN", "AUTH", "PO-UC1", "PO-UC2", "PO-UC3", "PO-UC4", "US-UC1", "US-UC2", "US-UC3", "US-UC4"}
	verdicts := []reports.Verdict{reports.Passed, reports.Passed, reports.Failed, reports.Passed, reports.Skipped, reports.Inconclusive, reports.Passed, reports.Warning}
	for i := range 85 {
		v := verdicts[i%len(verdicts)]
		q := reports.Requirement{ID: fmt.Sprintf("%s-%02d", prefixes[i/9], i%9+1), Level: "mandatory", Verdict: v,
			Text: "An optional node without value is absent: no null, no empty object, no empty string anywhere in a 2xx answer or an event.", Source: "faq: data with no value"}
		if v == reports.Skipped {
			q.Reason = "feature changeOffering is not declared"
		}
		for j := range 2 + i%7 {
			s := reports.Scenario{ID: fmt.Sprintf("%s-%d", q.ID, j), Feature: "Feature of " + prefixes[i/9], Name: fmt.Sprintf("Order %d of a customer with accented names", j),
				Verdict: v, Requirements: []string{q.ID}, DurationMs: 12, Steps: sampleScenarios()[0].Steps, Exchanges: []int{i, i + 100, i + 200}}
			if v == reports.Failed || v == reports.Warning {
				s.Findings = []reports.Finding{{Requirement: q.ID, Expected: "state completed", Seen: "\"acknowledged\"", Path: "$.orderItem[0].state", Exchange: i, Hint: "Answer completed, as the profile says sync."}}
			}
			q.Scenarios = append(q.Scenarios, s.ID)
			r.Scenarios = append(r.Scenarios, s)
		}
		r.Requirements = append(r.Requirements, q)
	}
	r.Counts = reports.Count(r.Requirements)
	return r
}
