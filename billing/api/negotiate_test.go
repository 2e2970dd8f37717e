package api_test

import (
	"testing"

	"github.com/clementine-ope/clementine/billing/api"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ accept, want string }{
		{"", "jsonld"},
		{"*/*", "jsonld"},
		{"application/json", "json"},
		{"application/ld+json", "jsonld"},
		{"text/csv", "csv"},
		{"text/*", "csv"},
		{"application/x-ndjson, application/json;q=0.5", "jsonl"},
		{"application/json;q=0.5, application/x-ndjson;q=0.4", "json"},
		{"application/ld+json;q=0, */*", "json"},
		{"text/html, application/xhtml+xml, */*;q=0.8", "jsonld"},
		{"APPLICATION/JSON", "json"},
		{"application/json; charset=utf-8", "json"},
		{"text/html", ""},
		{"*/*;q=0", ""},
		{"application/json;q=x", ""},
		{"/,;", ""},
	} {
		got, ok := api.Negotiate(tc.accept, "jsonld", "json", "csv", "jsonl")
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("Accept: %s gives %q, %t; want %q", tc.accept, got, ok, tc.want)
		}
	}
}
