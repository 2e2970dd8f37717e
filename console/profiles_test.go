package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
)

func TestFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBrowser(t, newFixture(t, profile.Sync).serve(nil))
	got := b.post("/profiles/new", "/profiles", url.Values{
		"partner.name": {hostile}, "partner.contract": {""}, "baseURL": {"ftp://x"}, "mode": {"never"}, "offer": {"mba2"}, "auth.type": {"basic"}, "auth.user": {"orange"},
		"offerings[0].code": {"A"}, "offerings[1].code": {"A"}, "offerings[1].price": {"cheap"}, "limits.quantity": {"many"}, "delays.event": {"soon"},
		"triggers.login.modify.http.url": {"nowhere"}, "triggers.login.modify.ask": {"Both"},
	})
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong form answers %d", got.status)
	}
	if strings.Contains(got.body, "<script>alert") {
		t.Error("what was typed is not escaped")
	}
	for _, id := range []string{
		"baseURL", "mode", "auth-password", "offerings-1-code", "offerings-1-price", "limits-quantity", "delays-event", "triggers-login-modify-http-url",
	} {
		if !strings.Contains(got.body, `id="`+id+`-problem"`) {
			t.Errorf("nothing is said at %s", id)
		}
	}
	if text := got.text(t); !strings.Contains(text, `Base URL: must be an http or https URL`) || !strings.Contains(text, `Offering 2, Code: "A" is there twice`) {
		t.Errorf("the list of what is wrong reads %s", text)
	}
	if got := b.post("/profiles/new", "/profiles", url.Values{}); !strings.Contains(got.body, `id="partner-name-problem"`) || !strings.Contains(got.body, `id="offerings-0-code-problem"`) {
		t.Error("nothing is said at what is required")
	}
	if got.value(t, "partner.name") != hostile || got.value(t, "offerings[1].price") != "cheap" || got.value(t, "limits.quantity") != "many" {
		t.Error("what was typed is not shown again")
	}
}

// Whatever is pasted, this server runs no command for it, reads no file and none of its own variables.
func TestPastedProfilesActAsNobody(t *testing.T) {
	t.Setenv("SERVER_SECRET", "of the server")
	b := newBrowser(t, newFixture(t, profile.Sync).serve(nil))
	const head = "partner: {name: A}\nbaseURL: http://127.0.0.1:1\noffer: mba2\nmode: sync\nofferings: [{code: A}]\n"
	for name, text := range map[string]string{
		"triggers.endUser.add.command": head + "triggers: {endUser.add: {command: [/bin/touch, x]}}",
		"auth.type":                    head + "auth: {type: mtls, cert: /etc/passwd, key: /etc/passwd}",
		"tls.ca":                       head + "tls: {ca: /etc/passwd}",
		"names the environment variable SERVER_SECRET, and none is read here": head + `auth: {type: bearer, token: "${SERVER_SECRET}"}`,
		"line 3, mode: must be": "partner: {name: A}\noffer: mba2\nmode: maybe\nofferings: [{code: A}]",
		"baseURL":               strings.Replace(head, "baseURL: http://127.0.0.1:1\n", "", 1),
		"partner":               "[]",
	} {
		got := b.post("/profiles/new", "/profiles/yaml", url.Values{"yaml": {text}})
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), name) {
			t.Errorf("%s: %d %s", name, got.status, got.text(t))
		}
		// The form above holds nothing of it: what is wrong stands at what was pasted.
		if before, _, _ := strings.Cut(got.body, `id="paste-title"`); strings.Contains(before, "aria-invalid") || strings.Contains(before, `class="problem"`) {
			t.Errorf("%s: the form is marked for what was pasted", name)
		}
	}
}

// A secret is shown on no page and in no download, and stays where a form leaves it empty.
func TestSecretsAreNotShownAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	b := newBrowser(t, f.serve(nil))
	id := b.setUp(strings.Replace(reference(f.partner.URL(), profile.Sync), "offer: mba2\n", "offer: mba2\nauth: {type: basic, user: orange, password: \"hunter-2-secret\"}\n", 1))
	secret := func(text string) bool {
		return strings.Contains(text, "hunter-2") || strings.Contains(text, "trigger-secret")
	}
	for _, path := range []string{"/", "/profiles/" + id, "/profiles/" + id + "/run", "/profiles/" + id + "/yaml", "/helper?profile=" + id + "&call=uc1"} {
		if got := b.get(path); got.status != http.StatusOK || secret(got.body) {
			t.Errorf("%s answers %d and shows a secret: %v", path, got.status, secret(got.body))
		}
	}
	yaml := b.get("/profiles/" + id + "/yaml")
	given := map[string]string{"PARTNER_PASSWORD": "hunter-2-secret", "TRIGGER_ENDUSER_ADD_X_KEY": "trigger-secret"}
	read, err := profile.Parse("partner.yaml", []byte(yaml.body), func(name string) string { return given[name] })
	if err != nil {
		t.Fatalf("the download is no profile: %v\n%s", err, yaml.body)
	}
	if read.Auth.Password != "hunter-2-secret" || read.Triggers[profile.TriggerEndUserAdd].HTTP.Headers["X-Key"] != "trigger-secret" || read.Triggers[profile.TriggerEndUserDelete].Ask == "" {
		t.Errorf("the download reads %+v", read)
	}
	form := url.Values{
		"partner.name": {"Renamed ${HOME}"}, "baseURL": {f.partner.URL()}, "mode": {"sync"}, "offer": {"mba2"}, "auth.type": {"basic"}, "auth.user": {"orange"},
		"offerings[0].code": {"NOTES-S"}, "triggers.endUser.add.http.url": {"{base}/x"}, "triggers.endUser.add.http.method": {"PUT"},
	}
	if got := b.post("/profiles/"+id, "/profiles/"+id, form); got.status != http.StatusOK || secret(got.body) {
		t.Fatalf("saving answers %d", got.status)
	}
	if got := b.get("/profiles/" + id); got.value(t, "partner.name") != "Renamed ${HOME}" {
		t.Errorf("the name reads %q", got.value(t, "partner.name"))
	}
	read, err = profile.Parse("partner.yaml", []byte(b.get("/profiles/"+id+"/yaml").body), func(name string) string { return given[name] })
	if err != nil {
		t.Fatal(err)
	}
	if read.Auth.Password != "hunter-2-secret" || read.Partner.Name != "Renamed ${HOME}" || read.Triggers[profile.TriggerEndUserAdd].HTTP.Headers["X-Key"] != "trigger-secret" || len(read.Offerings) != 1 {
		t.Errorf("the saved profile reads %+v", read)
	}
}

// A partner follows the calls of its own application only.
func TestClientIDIsTheirOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, profile.Sync)
	s := f.serve(guarded)
	text := reference(f.partner.URL(), profile.Sync) + "orange: {clientID: acme-app}\n"
	signedIn(t, s, "acme@acme.test", password).setUp(text)
	got := signedIn(t, s, "other@acme.test", password).post("/profiles/new", "/profiles/yaml", url.Values{"yaml": {text}})
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), "orange.clientID") {
		t.Errorf("somebody else's client id answers %d: %s", got.status, got.text(t))
	}
}

// Credentials that no authentication would use are not dropped without a word; a trigger has a body.
func TestCredentialsWithoutAuthentication(t *testing.T) {
	t.Parallel()
	b := newBrowser(t, newFixture(t, profile.Sync).serve(nil))
	form := url.Values{
		"partner.name": {"A"}, "baseURL": {"http://127.0.0.1:1"}, "mode": {"sync"}, "offer": {"mba2"}, "offerings[0].code": {"A"}, "auth.type": {"none"}, "auth.token": {"t0k3n"},
		"triggers.endUser.add.http.url": {"{base}/add"}, "triggers.endUser.add.http.method": {"POST"}, "triggers.endUser.add.http.body": {`{"licence": "{licence}"}`}, "features.endUser": {"true"},
	}
	if got := b.post("/profiles/new", "/profiles", form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text(t), "Authentication: is none, and credentials are filled in") {
		t.Errorf("a token without a use answers %d: %s", got.status, got.text(t))
	}
	form.Set("auth.type", "bearer")
	got := b.post("/profiles/new", "/profiles", form)
	if got.status != http.StatusOK {
		t.Fatalf("a token with its use answers %d: %s", got.status, got.text(t))
	}
	if yaml := b.get(strings.TrimSuffix(got.at, "/run") + "/yaml"); !strings.Contains(yaml.body, `{licence}`) {
		t.Errorf("the body of the trigger is lost: %s", yaml.body)
	}
}
