package reports_test

import (
	"fmt"

	"github.com/clementine-ope/clementine/reports"
)

func ExampleCurl() {
	fmt.Println(reports.Curl(reports.Exchange{Request: reports.Message{
		Method: "POST", URL: "http://localhost:8081/productordering/v2/productOrder",
		Headers: map[string][]string{"Authorization": {"Bearer ***3f2a9c"}},
		Body:    &reports.Body{Text: `{"category":"production"}`, Bytes: 25},
	}}))
	// Output: curl -sS -i -g -X POST --url http://localhost:8081/productordering/v2/productOrder -H 'Authorization: Bearer '"$TOKEN" --data-raw '{"category":"production"}'
}

func ExampleExitCode() {
	fmt.Println(reports.ExitCode(reports.Results{Verdict: "passed", Requirements: []reports.Requirement{
		{ID: "GEN-01", Level: "mandatory", Verdict: reports.Passed},
		{ID: "GEN-15", Level: "advice", Verdict: reports.Warning},
	}}))
	// Output: 0
}
