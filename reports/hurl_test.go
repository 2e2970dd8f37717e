package reports_test

import (
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

func TestHurl(t *testing.T) {
	t.Parallel()
	post := reports.Exchange{ID: 7, Request: reports.Message{Method: "post", URL: "http://partner:8081/productordering/v2/productOrder",
		Headers: map[string][]string{"Authorization": {"Basic ***5f1c22"}, "Content-Type": {"application/json"}, "Host": {"partner"}, "X-Key": {"***aa"}, "X-Odd": {"a # b {{c}}"}},
		Body:    text(`{"id":"1"}`)}, Response: reports.Message{Status: 201}}
	event := reports.Exchange{Request: reports.Message{Method: "POST", URL: "/mba2/productordering/v2/event",
		Headers: map[string][]string{"Authorization": {"Bearer ***3f2a9c"}}, Body: text("{{secret}}")}}
	for _, tt := range []struct {
		name     string
		exchange reports.Exchange
		want     string
	}{
		{"a call", post, "POST http://partner:8081/productordering/v2/productOrder\nAuthorization: Basic {{credentials}}\nContent-Type: application/json\n" +
			"X-Key: {{x_key}}\nX-Odd: a \\# b \\u{7b}\\u{7b}c}}\n```\n{\"id\":\"1\"}\n```\n\nHTTP 201\n"},
		{"an event with what hurl would fill in", event, "POST {{gateway}}/mba2/productordering/v2/event\nAuthorization: Bearer {{token}}\n" +
			"# exchange-0.body: 10 bytes, see exchange 0 in results.json\nfile,exchange-0.body;\n"},
		{"nothing recorded", reports.Exchange{}, "# no HTTP request was recorded\n"},
	} {
		if got := reports.Hurl(tt.exchange); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

// Nothing that a partner said may begin another entry of the file.
func TestHurlStaysOneEntry(t *testing.T) {
	t.Parallel()
	e := reports.Exchange{Request: reports.Message{Method: "GET\nDELETE http://victim/", URL: "http://a/\nGET http://b/",
		Headers: map[string][]string{"X": {"1\nGET http://c/"}}, Body: text("```\nGET http://d/")}}
	for _, line := range strings.Split(reports.Hurl(e), "\n")[1:] {
		if strings.HasPrefix(line, "GET ") || strings.HasPrefix(line, "DELETE ") {
			t.Errorf("another entry: %s", line)
		}
	}
}
