package harness_test

import (
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// A token request that is wrong says what to change; one too many is not AUTH-01's.
func TestGrants(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*control.Grant)
		sound  bool
		hint   string
	}{
		"as it should be":   {func(*control.Grant) {}, true, ""},
		"in the body":       {func(g *control.Grant) { g.CredentialsIn = "body" }, true, ""},
		"too many":          {func(g *control.Grant) { g.Error = "too_many_requests" }, true, ""},
		"too many, nowhere": {func(g *control.Grant) { g.Error, g.CredentialsIn = "too_many_requests", "none" }, false, "Authorization: Basic"},
		"another grant":     {func(g *control.Grant) { g.Error, g.GrantType = "unsupported_grant_type", "password" }, false, "grant_type=client_credentials"},
		"another id":        {func(g *control.Grant) { g.Error, g.ClientID = "invalid_client", "acme" }, false, `the client id "demo" (orange.clientID)`},
		"another secret":    {func(g *control.Grant) { g.Error = "invalid_client" }, false, `not that of the client id "demo" (orange.clientSecret)`},
		"no credentials":    {func(g *control.Grant) { g.Error, g.CredentialsIn = "invalid_client", "none" }, false, "Authorization: Basic"},
	} {
		g := control.Grant{GrantType: "client_credentials", CredentialsIn: "basic", ClientID: "demo"}
		tt.change(&g)
		if got := harness.SoundGrant(g); got != tt.sound {
			t.Errorf("%s: sound is %t", name, got)
		}
		if got := harness.GrantHint(g, "demo"); !strings.Contains(got, tt.hint) {
			t.Errorf("%s: the hint is %q", name, got)
		}
	}
}
