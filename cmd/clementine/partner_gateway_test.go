package main_test

import (
	"strings"
	"testing"
)

// The reference partner sends its events where a run with its profile serves Orange.
func TestPartnerFollowsTheProfileToTheGateway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		orange string
		flags  []string
		want   string
	}{
		{`{listen: "127.0.0.1:0"}`, nil, "http://127.0.0.1:8090"},
		{`{listen: "127.0.0.1:18090"}`, nil, "http://127.0.0.1:18090"},
		{`{listen: ":18090"}`, nil, "http://127.0.0.1:18090"},
		{`{listen: "[::]:18090"}`, nil, "http://127.0.0.1:18090"},
		{`{listen: "orange.test:80"}`, nil, "http://orange.test:80"},
		{`{listen: ":18090", publicURL: "https://orange.test/mba"}`, nil, "https://orange.test/mba"},
		{`{listen: ":18090"}`, []string{"--gateway", "http://127.0.0.1:18091"}, "http://127.0.0.1:18091"},
	} {
		profile := write(t, "partner.yaml", strings.Replace(minimalProfile, `{listen: "127.0.0.1:0"}`, tt.orange, 1))
		said := background(t, "tokens come from", append([]string{"partner", "--listen", "127.0.0.1:0", "--profile", profile}, tt.flags...)...)
		if want := "events go to " + tt.want + ", tokens come from " + tt.want + "/oauth/v3/token"; !strings.Contains(said, want) {
			t.Errorf("%s %v: it says %q, not %q", tt.orange, tt.flags, said, want)
		}
	}
}
