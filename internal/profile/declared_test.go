package profile_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
)

func TestDeclared(t *testing.T) {
	t.Parallel()
	trigger := map[string]profile.Trigger{profile.TriggerLoginModify: {Ask: "please"}}
	tests := []struct {
		name    string
		profile profile.Profile
		feature string
		reason  string // "" = declared
	}{
		{"mandatory", profile.Profile{}, "", ""},
		{"user off", profile.Profile{}, "endUser", "feature endUser is not declared"},
		{"user on", profile.Profile{Features: profile.Features{EndUser: true}}, "endUser", ""},
		{"offering on", profile.Profile{Features: profile.Features{ChangeOffering: true}}, "changeOffering", ""},
		{"login on", profile.Profile{Features: profile.Features{RenewLogin: true}}, "renewLogin", ""},
		{"login off", profile.Profile{}, "renewLogin", "feature renewLogin is not declared"},
		{"by id on", profile.Profile{Features: profile.Features{ConsultByID: true}}, "consultById", ""},
		{"resource off", profile.Profile{}, "realizingResource", "feature realizingResource is not declared"},
		{
			"resource on", profile.Profile{Features: profile.Features{RealizingResource: &profile.RealizingResource{}}},
			"realizingResource", "",
		},
		{
			"technical on", profile.Profile{Features: profile.Features{TechnicalInformation: []profile.TechnicalInformation{{}}}},
			"technicalInformation", "",
		},
		{"events async", profile.Profile{Mode: profile.Async}, "events", ""},
		{"events sync with trigger", profile.Profile{Mode: profile.Sync, Triggers: trigger}, "events", ""},
		{"events sync", profile.Profile{Mode: profile.Sync}, "events", "no event is due: mode is sync and no trigger is set"},
		{"uc5", profile.Profile{Triggers: trigger}, "uc5", ""},
		{"uc5 without", profile.Profile{Mode: profile.Async}, "uc5", "no trigger is set"},
		{"production", profile.Profile{Offer: "mba2"}, "production", ""},
		{"beta", profile.Profile{Offer: "mba2-beta"}, "production", "offer is mba2-beta, not mba2"},
		{"unknown", profile.Profile{}, "telepathy", "feature telepathy is not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ok, reason := tt.profile.Declared(tt.feature)
			if ok != (tt.reason == "") || reason != tt.reason {
				t.Errorf("Declared(%q) = %t, %q; want %q", tt.feature, ok, reason, tt.reason)
			}
		})
	}
}

func TestRedactedHidesEverySecret(t *testing.T) {
	t.Parallel()
	text := minimal + `auth: {type: basic, user: s3cret-user, password: s3cret-password, token: s3cret-token, name: X-Key, value: s3cret-value}
orange: {clientSecret: s3cret-client}
tls: {ca: deep/folder/ca.pem}
triggers:
  endUser.add: {http: {url: "http://s3cret-u:s3cret-p@tool.example/a?key=s3cret-q", headers: {Authorization: Bearer s3cret-h, Accept: text/plain}, body: s3cret-b}}
  endUser.modify: {command: [./modify, --key, s3cret-arg]}
  endUser.delete: {ask: "Sign in with s3cret-password"}
  login.modify: {http: {url: "{base}/tool/s3cret-value/x"}}
`
	p, err := profile.Parse("conf/p.yaml", []byte(text), environment())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(p.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cret", "deep", "conf"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("%q shows in %s", secret, data)
		}
	}
	got := p.Redacted()["triggers"].(map[string]any)
	add := got["endUser.add"].(map[string]any)["http"].(map[string]any)
	if a := add["headers"].(map[string]any)["Accept"]; a != "text/plain" {
		t.Errorf("Accept is hidden: %q", a)
	}
	if a := add["headers"].(map[string]any)["Authorization"].(string); !strings.HasPrefix(a, "Bearer ***") {
		t.Errorf("the scheme is lost: %q", a)
	}
	if p.Auth.Password != "s3cret-password" || p.Triggers[profile.TriggerEndUserAdd].HTTP.Body != "s3cret-b" {
		t.Error("redaction changed the profile itself")
	}
}
