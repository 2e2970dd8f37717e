package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/time/rate"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/pages"
	"github.com/clementine-ope/clementine/reports"
)

// sees fails the test unless an answer has a status and shows all of the words.
func (p page) sees(t *testing.T, at string, status int, words ...string) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s: %d, want %d: %s", at, p.status, status, textOf(p.parse(t)))
	}
	text := textOf(p.parse(t))
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q: %s", at, w, text)
		}
	}
	return p
}

// follow reads the page that a form led to.
func (b *browser) follow(t *testing.T, p page) page {
	t.Helper()
	if p.status != http.StatusSeeOther {
		t.Fatalf("the form answers %d: %s", p.status, textOf(p.parse(t)))
	}
	return b.get(t, strings.TrimPrefix(p.header.Get("Location"), pages.Base))
}

// The whole way by forms, without a script: two people, Orange at this machine and a partner.
func TestTheWholeWayByForms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(nil)
	orange, dev := newBrowser(t, server), newBrowser(t, server)
	link := func(to string) string {
		page := orange.get(t, "/mailbox?to="+url.QueryEscape(to))
		found := regexp.MustCompile(`href="/portal([^"]+token=[^"]+)"`).FindStringSubmatch(page.body)
		if found == nil {
			t.Fatalf("no link in the mail to %s: %s", to, textOf(page.parse(t)))
		}
		return found[1]
	}
	in := url.Values{"email": {"new@acme.test"}, "name": {"New"}, "company": {"New SaaS"}, "password": {password}}
	dev.follow(t, dev.post(t, "/sign-up", "/sign-up", in)).sees(t, "sent", 200, "Look into your mail")
	activation := link("new@acme.test")
	_, secret, _ := strings.Cut(activation, "token=")
	dev.post(t, activation, "/activate", url.Values{"token": {secret}}).sees(t, "activated", 200, "Welcome")
	dev.get(t, activation).sees(t, "the link again", 200)
	dev.post(t, activation, "/activate", url.Values{"token": {secret}}).sees(t, "activated twice", 404, "used already")
	dev.follow(t, dev.post(t, "/sign-in", "/sign-in", url.Values{"name": {"new@acme.test"}, "secret": {password}, "next": {"/portal/"}})).
		sees(t, "home", 200, "New SaaS: the way to production", "Create an application")
	made := dev.post(t, "/apps", "/apps", url.Values{"name": {"Vault"}}).sees(t, "credentials", 200, "Client secret", "the only one that shows the secret")
	app := regexp.MustCompile(`href="/portal(/apps/[a-z0-9]{20,})"`).FindStringSubmatch(made.body)[1]
	shown := regexp.MustCompile(`class="secret">([A-Z0-9]+)<`).FindStringSubmatch(made.body)[1]
	if again := dev.get(t, app); strings.Contains(again.body, shown) {
		t.Error("the secret is shown twice")
	}
	dev.post(t, app, app+"/subscriptions", url.Values{"offer": {"mba2-beta"}}).sees(t, "without an invitation", 422, "by invitation only")
	orange.follow(t, orange.post(t, "/review/invitations", "/review/invitations", url.Values{"email": {"new@acme.test"}, "offer": {"mba2-beta"}})).
		sees(t, "invited", 200, "new@acme.test")
	invitation := link("new@acme.test")
	_, secret, _ = strings.Cut(invitation, "token=")
	orange.get(t, invitation).sees(t, "for who has not signed in", 200, "Sign in with the account")
	dev.follow(t, dev.post(t, invitation, "/invitation", url.Values{"token": {secret}})).sees(t, "accepted", 200, "The invitation is accepted")
	beta := app + "/subscriptions/mba2-beta"
	dev.follow(t, dev.post(t, app, app+"/subscriptions", url.Values{"offer": {"mba2-beta"}})).sees(t, "beta", 200, "Approved", "Tokens do not open it")
	config := url.Values{"contract": {"MBA-7"}, "baseURL": {"nowhere"}, "authType": {"basic"}, "authName": {"orange"}, "secret": {"s3cret"}}
	refused := dev.post(t, beta, beta+"/configure", config).sees(t, "a wrong address", 422, "Base address of your APIs")
	if !strings.Contains(refused.body, `value="MBA-7"`) || strings.Contains(refused.body, "s3cret") {
		t.Error("the refused form lost what was typed, or shows the secret")
	}
	config.Set("baseURL", "https://partner.test")
	dev.follow(t, dev.post(t, beta, beta+"/configure", config)).sees(t, "configured", 200, "has been saved", "There is one. Leave it empty")
	dev.follow(t, dev.post(t, beta, beta+"/terms", url.Values{"version": {portal.TermsVersion}})).sees(t, "terms", 200, "Tokens open it")
	dev.follow(t, dev.post(t, app, app+"/subscriptions", url.Values{"offer": {"mba2"}})).sees(t, "production", 200, "Pending", "no need to wait")
	list := orange.get(t, "/review").sees(t, "to review", 200, "New SaaS", "Vault")
	review := ""
	for _, m := range regexp.MustCompile(`href="/portal(/review/subscriptions/[a-z0-9]+)"`).FindAllStringSubmatch(list.body, -1) {
		if strings.Contains(orange.get(t, m[1]).body, "New SaaS") {
			review = m[1]
		}
	}
	orange.post(t, review, review+"/decide", url.Values{"decision": {"refuse"}}).sees(t, "refused without a reason", 422, "Reason")
	orange.follow(t, orange.post(t, review, review+"/decide", url.Values{"decision": {"approve"}})).sees(t, "approved", 200, "The subscription is approved")
	orange.post(t, review, review+"/decide", url.Values{"decision": {"approve"}}).sees(t, "approved twice", 422, "in the state: Approved")
	orange.follow(t, orange.post(t, review, review+"/decide", url.Values{"decision": {"revoke"}, "reason": {"Not signed"}})).sees(t, "revoked", 200, "Not signed")
	dev.get(t, app+"/subscriptions/mba2").sees(t, "the partner's page", 200, "Revoked", "Not signed")
	dev.post(t, app, app+"/rotate", url.Values{}).sees(t, "rotated", 200, "There is a new secret")
	dev.follow(t, dev.post(t, app, app+"/delete", url.Values{})).sees(t, "deleted", 200, "has been deleted", "There is no application yet")
}

// A results.json of the usual size goes through the form, and the page says what is open; a small form stays small.
func TestUploads(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(guarded)
	dev := signedIn(t, server, f.partner.Email, password)
	dev.get(t, "/integration").sees(t, "before", 200, "The run has not passed", "Open in PO-UC2", "The fleet holds the ordered licences.")
	dev.get(t, "/integration?lang=fr").sees(t, "in French", 200, "Le parc contient les licences commandées.", "11 points terminés sur 13")
	large := results(t, func(r *reports.Results) { r.Notes = []string{strings.Repeat("x", 3<<20)} }).Bytes()
	dev.get(t, "/?lang=en")
	dev.follow(t, dev.upload(t, "/integration", "/integration/runs", large)).sees(t, "after", 200, "The run has been read", "Step 1", "Done")
	dev.upload(t, "/integration", "/integration/runs", []byte("<html>")).sees(t, "no results", 422, "results.json: must be a results.json")
	dev.post(t, "/integration", "/integration/runs", url.Values{}).sees(t, "no file", 422, "must be chosen")
	dev.upload(t, "/integration", "/integration/runs", make([]byte, portal.MaxResults+(1<<20))).sees(t, "too large", 413)
	dev.upload(t, "/integration", "/apps", make([]byte, 2<<20)).sees(t, "a file where none is taken", 403)
	orange := signedIn(t, server, "", token)
	path := "/review/partners/" + f.other.ID
	orange.follow(t, orange.upload(t, path, path+"/runs", large)).sees(t, "for a partner", 200, "The run has been read")
	stranger := newBrowser(t, server)
	stranger.upload(t, "/sign-in", "/integration/runs", large).sees(t, "a stranger's", 403)
}

func TestSignUpAndSignInTellNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(guarded)
	answers := map[string]string{}
	for _, email := range []string{f.partner.Email, "nobody@acme.test"} {
		b := newBrowser(t, server)
		got := b.post(t, "/sign-up", "/sign-up", url.Values{"email": {email}, "name": {"x"}, "company": {"x"}, "password": {"another password"}})
		wrong := b.post(t, "/sign-in", "/sign-in", url.Values{"name": {email}, "secret": {"wrong password"}})
		answers[email] = got.header.Get("Location") + " " + strings.ReplaceAll(textOf(wrong.parse(t)), email, "")
		if got.status != http.StatusSeeOther || wrong.status != http.StatusUnauthorized {
			t.Errorf("%s: %d and %d", email, got.status, wrong.status)
		}
	}
	if answers[f.partner.Email] != answers["nobody@acme.test"] {
		t.Errorf("the answers differ: %v", answers)
	}
	for _, tt := range [][2]string{{"", ""}, {"", "wrong"}, {"", password}, {f.partner.Email, token}, {"orange", token}} {
		if got := newBrowser(t, server).post(t, "/sign-in", "/sign-in", url.Values{"name": {tt[0]}, "secret": {tt[1]}}); got.status != http.StatusUnauthorized {
			t.Errorf("%v: %d", tt, got.status)
		}
	}
	got := newBrowser(t, server).post(t, "/sign-up", "/sign-up?lang=fr", url.Values{"email": {"x"}, "password": {"court"}})
	got.sees(t, "a wrong form", 422, "L’action n’a pas pu être effectuée", "Adresse e-mail : n’a pas la bonne forme", "Mot de passe : est trop court")
	if strings.Contains(got.body, "court\"") {
		t.Error("the password comes back")
	}
}

func TestSignUpsAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(func(o *pages.Options) { o.SignUps = rate.NewLimiter(0, 2) }))
	for i, want := range []int{422, 404, 429, 429} {
		path, form := "/sign-up", url.Values{"email": {"x"}}
		if i%2 == 1 {
			path, form = "/activate", url.Values{"token": {"x"}}
		}
		if got := b.post(t, "/sign-up", path, form); got.status != want || (want == 429) != (got.header.Get("Retry-After") != "") {
			t.Errorf("form %d answers %d", i+1, got.status)
		}
	}
}
