package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor is a browser at the console of a program that serves.
type visitor struct {
	t    *testing.T
	base string
	*http.Client
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func newVisitor(t *testing.T, base string) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{t, base + "/console", &http.Client{Jar: jar}}
}

// see reads a page and says where it was led to.
func (v visitor) see(path string) (at, body string) {
	v.t.Helper()
	response, err := v.Get(v.base + path)
	return v.read(response, err)
}

// send sends a form with the token of the page it is on.
func (v visitor) send(from, path string, form url.Values) (at, body string) {
	v.t.Helper()
	_, page := v.see(from)
	token := formToken.FindStringSubmatch(page)
	if token == nil {
		v.t.Fatalf("%s has no form: %s", from, page)
	}
	form.Set("csrf", token[1])
	response, err := v.PostForm(v.base+path, form)
	return v.read(response, err)
}

func (v visitor) read(response *http.Response, err error) (at, body string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		v.t.Fatalf("%s answers %d: %s", response.Request.URL, response.StatusCode, data)
	}
	return strings.TrimPrefix(response.Request.URL.Path, "/console"), string(data)
}

// judged sets up the partner at an address, runs the suite, and returns the page of the finished run.
func (v visitor) judged(partner string, only ...string) string {
	v.t.Helper()
	yaml := fmt.Sprintf("partner: {name: Reference}\nbaseURL: %s\noffer: mba2\nmode: sync\nofferings: [{code: NOTES-S}, {code: NOTES-L}]\n"+
		"features: {changeOffering: true, technicalInformation: [{name: storageSize, example: \"50\", required: true}]}\ndelays: {quiet: 100ms}\n", partner)
	at, body := v.send("/profiles/new", "/profiles/yaml", url.Values{"yaml": {yaml}})
	if !strings.HasSuffix(at, "/run") {
		v.t.Fatalf("the profile leads to %s: %s", at, body)
	}
	run, _ := v.send(at, at, url.Values{"mode": {"sync"}, "only": only, "lang": {"en"}})
	for {
		_, page := v.see(run)
		stream := regexp.MustCompile(`data-stream="/console([^"]+)"`).FindStringSubmatch(page)
		if stream == nil {
			return page
		}
		// It ends with the run, which may have ended before it began.
		if response, err := v.Get(v.base + stream[1]); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
}

// From `clementine serve` to a judged run through the console alone.
func TestConsoleJudgesThePartner(t *testing.T) {
	t.Parallel()
	orange := servedPortal(t)
	partner := address.FindString(background(t, "tokens", "partner", "--listen", "127.0.0.1:0", "--mode", "sync", "--gateway", orange.base))
	page := newVisitor(t, orange.base).judged(partner)
	if !strings.Contains(page, `state-passed`) || strings.Contains(page, "What failed") || !strings.Contains(page, "/report.clem") {
		t.Errorf("the reference partner's run reads %s", page)
	}
}

// A developer of the portal signs in, sees its own runs, and reaches what the operator allows.
func TestDevelopersUseTheConsole(t *testing.T) {
	t.Parallel()
	for _, reach := range []string{"", "127.0.0.0/8"} {
		args := []string{"--backoffice-token", "operator"}
		if reach != "" {
			args = append(args, "--console-reach", reach)
		}
		orange := servedPortal(t, args...)
		operator := portalUser{t, orange.base, "operator"}
		partner := address.FindString(background(t, "tokens", "partner", "--listen", "127.0.0.1:0", "--mode", "sync", "--gateway", orange.base))
		operator.ask(http.StatusAccepted, http.MethodPost, "/accounts", fmt.Sprintf(`{"email": "dev@acme.test", "name": "Dev", "company": "Acme", "password": %q}`, devPassword))
		operator.ask(http.StatusOK, http.MethodPost, "/activations", fmt.Sprintf(`{"token": %q}`, operator.mail("dev@acme.test")))
		dev, reviewer := newVisitor(t, orange.base), newVisitor(t, orange.base)
		dev.send("/sign-in", "/sign-in", url.Values{"name": {"dev@acme.test"}, "secret": {devPassword}})
		reviewer.send("/sign-in", "/sign-in", url.Values{"secret": {"operator"}})
		page := dev.judged(partner, "PO-UC1")
		if refused := strings.Contains(page, "is not a public address"); refused != (reach == "") {
			t.Errorf("reaching %q: %s", reach, page)
		}
		for who, v := range map[string]visitor{"developer": dev, "reviewer": reviewer} {
			if _, list := v.see("/runs"); strings.Count(list, "<th scope=\"row\"") != 1 {
				t.Errorf("the %s sees %s", who, list)
			}
		}
		reviewer.judged(partner, "PO-UC1")
		if _, list := dev.see("/runs"); strings.Count(list, "<th scope=\"row\"") != 1 {
			t.Errorf("the developer sees somebody else's runs: %s", list)
		}
	}
}
