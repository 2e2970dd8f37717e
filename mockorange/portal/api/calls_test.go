package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/time/rate"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/api"
)

// The document describes what is served, and all of it.
func TestOpenAPIDescribesTheRouter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	d, raw := w.described()
	served := map[string]bool{}
	for _, r := range w.api.Routes() {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")
		served[strings.ToLower(r.Method)+" "+path] = true
		if _, known := d.Paths[path][strings.ToLower(r.Method)]; !known {
			t.Errorf("%s %s is served and not described", r.Method, r.Path)
		}
	}
	ids := map[string]bool{}
	for path, item := range d.Paths {
		for method, op := range item {
			if !served[method+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
			if op.OperationID == "" || ids[op.OperationID] || op.Description == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s: operation %+v", method, path, op)
			}
			ids[op.OperationID] = true
			for _, name := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(path, -1) {
				if !strings.Contains(fmt.Sprint(op.Parameters), name[1]+" path") {
					t.Errorf("%s does not describe %s of its path", op.OperationID, name[1])
				}
			}
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		if d.Components.Schemas[ref[1]] == nil {
			t.Errorf("nothing is called %s", ref[1])
		}
	}
	got := w.want(http.StatusOK, nil, http.MethodGet, "/openapi.json", "", "")
	var version struct{ OpenAPI string }
	if err := json.Unmarshal(got.body, &version); err != nil || version.OpenAPI != "3.1.0" {
		t.Errorf("openapi %q, %v", version.OpenAPI, err)
	}
}

// The page shows every operation, and every problem leads to its place there.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	page := string(w.want(http.StatusOK, nil, http.MethodGet, "/docs", "", "").body)
	d, _ := w.described()
	for _, item := range d.Paths {
		for _, op := range item {
			if !strings.Contains(page, `id="`+op.OperationID+`"`) {
				t.Errorf("the operation %s is not on the page", op.OperationID)
			}
		}
	}
	var p api.Problem
	got := w.want(http.StatusUnauthorized, &p, http.MethodGet, "/account", "", "")
	_, slug, found := strings.Cut(p.Type, "/portal/api/v1/docs#")
	if !found || !strings.Contains(page, `id="`+slug+`"`) {
		t.Errorf("%s leads nowhere", got.body)
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "ZgotmplZ") {
		t.Error("the page holds a script, or what is none")
	}
}

// Each operation lets in whom the document says, and nobody else.
func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	d, _ := w.described()
	developer := w.session("dev@acme.test")
	for path, item := range d.Paths {
		for method, op := range item {
			public, orange := op.Security != nil && len(op.Security) == 0, false
			for _, s := range op.Security {
				_, o := s["operator"]
				orange = orange || o
			}
			call := func(token string) int {
				body := ""
				if method != "get" && method != "delete" {
					body = "{}"
				}
				real := strings.TrimPrefix(strings.NewReplacer("{id}", "none", "{offer}", "mba2").Replace(path), api.BasePath)
				return w.send(strings.ToUpper(method), real, token, body).status
			}
			if op.OperationID == "signOut" {
				continue // it would end the session of all others; TestTheWholeWay signs out
			}
			let := func(status int) bool { return status != http.StatusUnauthorized && status != http.StatusForbidden }
			nobody, wrong, dev, op2 := call(""), call("wrong"), call(developer), call(operator)
			switch {
			case public:
				if op.OperationID != "signIn" && (!let(nobody) || !let(wrong)) {
					t.Errorf("%s is public and answers %d and %d", op.OperationID, nobody, wrong)
				}
			case orange:
				if nobody != 401 || wrong != 401 || dev != 403 || !let(op2) {
					t.Errorf("%s answers %d without a token, %d to a wrong one, %d to a developer, %d to the operator", op.OperationID, nobody, wrong, dev, op2)
				}
			default:
				if nobody != 401 || wrong != 401 || !let(dev) || op2 != 401 {
					t.Errorf("%s answers %d without a token, %d to a wrong one, %d to a developer, %d to the operator", op.OperationID, nobody, wrong, dev, op2)
				}
			}
		}
	}
}

// On a loopback address requests from this machine are Orange's, unless a proxy or another site has sent them.
func TestOpenOnThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.Open, o.Token = true, "" })
	for _, tt := range []struct {
		name   string
		header []string
		want   int
	}{
		{"from here", nil, http.StatusCreated},
		{"through a proxy", []string{"X-Forwarded-For", "192.0.2.1"}, http.StatusUnauthorized},
		{"by a name that is made to point here", []string{"Host", "evil.test"}, http.StatusUnauthorized},
		{"from another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"}, http.StatusUnauthorized},
		{"with an empty token", []string{"Authorization", "Bearer "}, http.StatusCreated},
		{"with a wrong token", []string{"Authorization", "Bearer x"}, http.StatusUnauthorized},
	} {
		got := w.send(http.MethodPost, "/review/invitations", "", `{"email": "a@b.test", "offer": "mba2-beta"}`, tt.header...)
		if got.status != tt.want {
			t.Errorf("%s: %d: %s", tt.name, got.status, got.body)
		}
	}
}

// From an account to an open subscription, and away again, over the API alone.
func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	dev := w.session("dev@acme.test")
	var app api.Application
	w.want(http.StatusCreated, &app, http.MethodPost, "/applications", dev, `{"name": "Notes"}`)
	if app.ClientSecret == "" || app.ClientID == "" || app.ID == "" {
		t.Fatalf("the application is %+v", app)
	}
	path := "/applications/" + app.ID
	if got := w.want(http.StatusOK, nil, http.MethodGet, path, dev, ""); strings.Contains(string(got.body), app.ClientSecret) {
		t.Error("the secret is shown twice")
	}
	var renewed api.Application
	w.want(http.StatusOK, &renewed, http.MethodPost, path+"/secret", dev, "")
	if renewed.ClientSecret == "" || renewed.ClientSecret == app.ClientSecret || renewed.ClientID != app.ClientID {
		t.Errorf("the new secret is of %+v", renewed)
	}
	var sub api.Subscription
	w.want(http.StatusForbidden, nil, http.MethodPost, path+"/subscriptions", dev, `{"offer": "mba2-beta"}`)
	w.want(http.StatusCreated, &sub, http.MethodPost, path+"/subscriptions", dev, `{"offer": "mba2"}`)
	w.want(http.StatusConflict, nil, http.MethodPost, path+"/subscriptions", dev, `{"offer": "mba2"}`)
	w.want(http.StatusUnprocessableEntity, nil, http.MethodPost, path+"/subscriptions", dev, `{"offer": "mba3"}`)
	form := `{"contract": "MBA-2026-042", "baseURL": "https://partner.test", "auth": {"type": "bearer", "secret": "partner-secret"}}`
	got := w.want(http.StatusOK, &sub, http.MethodPut, path+"/subscriptions/mba2/configuration", dev, form)
	if sub.State != "pending" || sub.Configuration == nil || !sub.Configuration.Auth.SecretSet || strings.Contains(string(got.body), "partner-secret") {
		t.Errorf("configured, it is %s", got.body)
	}
	var reviews []api.Review
	w.want(http.StatusOK, &reviews, http.MethodGet, "/review/subscriptions?state=pending", operator, "")
	if len(reviews) != 1 || reviews[0].ID != sub.ID || reviews[0].Account.Email != "dev@acme.test" {
		t.Fatalf("to review: %+v", reviews)
	}
	decide := "/review/subscriptions/" + sub.ID + "/decisions"
	w.want(http.StatusConflict, nil, http.MethodPost, decide, operator, `{"decision": "revoke", "reason": "because"}`)
	w.want(http.StatusUnprocessableEntity, nil, http.MethodPost, decide, operator, `{"decision": "refuse"}`)
	w.want(http.StatusOK, nil, http.MethodPost, decide, operator, `{"decision": "approve"}`)
	w.want(http.StatusUnprocessableEntity, nil, http.MethodPost, path+"/subscriptions/mba2/terms", dev, `{"version": "1999"}`)
	w.want(http.StatusOK, &sub, http.MethodPost, path+"/subscriptions/mba2/terms", dev, `{"version": "`+portal.TermsVersion+`"}`)
	if !sub.Open {
		t.Errorf("approved, with terms accepted, it is %+v", sub)
	}
	w.want(http.StatusCreated, nil, http.MethodPost, "/review/invitations", operator, `{"email": "dev@acme.test", "offer": "mba2-beta"}`)
	var offer api.Offer
	w.want(http.StatusOK, &offer, http.MethodPost, "/invitations", dev, `{"token": "`+w.lastToken("dev@acme.test")+`"}`)
	w.want(http.StatusNotFound, nil, http.MethodPost, "/invitations", dev, `{"token": "again"}`)
	w.want(http.StatusCreated, &sub, http.MethodPost, path+"/subscriptions", dev, `{"offer": "mba2-beta"}`)
	if offer.Code != "mba2-beta" || sub.State != "approved" {
		t.Errorf("invited, it is %+v", sub)
	}
	w.want(http.StatusOK, nil, http.MethodGet, "/review/invitations", operator, "")
	w.want(http.StatusOK, nil, http.MethodGet, "/review/accounts", operator, "")
	w.want(http.StatusNoContent, nil, http.MethodDelete, path, dev, "")
	w.want(http.StatusNotFound, nil, http.MethodGet, path, dev, "")
	w.want(http.StatusNoContent, nil, http.MethodDelete, "/sessions/current", dev, "")
	w.want(http.StatusUnauthorized, nil, http.MethodGet, "/account", dev, "")
}

// A run that is posted shows in the checklist, in the language that is asked for.
func TestRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	dev := w.session("dev@acme.test")
	run := `{"version": 1, "verdict": "failed", "mode": "sync", "suite": {"contract": "mba-2.2"}, "profile": {"offer": "mba2-beta", "features": {}},
		"requirements": [{"id": "GEN-01", "level": "mandatory", "verdict": "failed"}], "counts": {"failed": 1}}`
	var posted api.Run
	w.want(http.StatusCreated, &posted, http.MethodPost, "/runs", dev, run)
	if posted.Step != 1 || posted.Challenge != "none" || posted.PostedBy != "dev@acme.test" {
		t.Errorf("the run is %+v", posted)
	}
	var account api.Account
	w.want(http.StatusOK, &account, http.MethodGet, "/account", dev, "")
	w.want(http.StatusCreated, &posted, http.MethodPost, "/review/accounts/"+account.ID+"/runs", operator, run)
	w.want(http.StatusNotFound, nil, http.MethodPost, "/review/accounts/none/runs", operator, run)
	w.want(http.StatusUnprocessableEntity, nil, http.MethodPost, "/runs", dev, `{"version": 2}`)
	var runs []api.Run
	w.want(http.StatusOK, &runs, http.MethodGet, "/runs", dev, "")
	if len(runs) != 2 || runs[0].PostedBy != portal.Orange {
		t.Errorf("the runs are %+v", runs)
	}
	for lang, words := range map[string][2]string{"en": {"Create an application.", "Ping answers."}, "fr-FR": {"Créez une application.", "Ping répond."}} {
		for _, path := range []string{"/integration", "/review/accounts/" + account.ID + "/integration"} {
			token := dev
			if strings.HasPrefix(path, "/review") {
				token = operator
			}
			var i api.Integration
			w.want(http.StatusOK, &i, http.MethodGet, path, token, "", "Accept-Language", lang)
			if i.Ready || len(i.Steps) != 2 || i.Steps[0].Checks[0].Text != words[0] || i.Steps[0].UseCases[0].Open[0].Text != words[1] {
				t.Errorf("%s in %s: %+v", path, lang, i)
			}
		}
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, tt := range []struct {
		name, path, body, media string
		status, code            int
	}{
		{"no JSON", "/accounts", "email=x", "application/json", 400, 22},
		{"nothing", "/accounts", "", "application/json", 400, 22},
		{"two values", "/accounts", `{} {}`, "application/json", 400, 22},
		{"an unknown field", "/accounts", `{"admin": true}`, "application/json", 400, 22},
		{"deep", "/accounts", strings.Repeat("[", 100), "application/json", 400, 22},
		{"a form", "/accounts", "email=x", "application/x-www-form-urlencoded", 415, 68},
		{"too large", "/accounts", `{"name": "` + strings.Repeat("x", 70_000) + `"}`, "application/json", 413, 66},
		{"empty fields", "/accounts", `{}`, "application/json", 422, 0},
		{"a NUL", "/sessions", `{"email": "a\u0000@b.test", "password": "x"}`, "application/json", 401, 41},
	} {
		got := w.send(http.MethodPost, tt.path, "", tt.body, "Content-Type", tt.media)
		var p api.Problem
		if err := json.Unmarshal(got.body, &p); err != nil || got.status != tt.status || p.Code != tt.code || p.Title == "" || p.Status != tt.status {
			t.Errorf("%s: %d %s", tt.name, got.status, got.body)
		}
	}
	for _, path := range []string{"/nothing", "/applications/%00", "/review/subscriptions/" + strings.Repeat("x", 100)} {
		if got := w.send(http.MethodGet, path, operator, ""); got.status != http.StatusNotFound && got.status != http.StatusUnauthorized {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
	if got := w.send(http.MethodPatch, "/accounts", "", ""); got.status != http.StatusMethodNotAllowed || !strings.Contains(string(got.body), `"code":61`) {
		t.Errorf("PATCH answers %d %s", got.status, got.body)
	}
}

// Signing up with an address that has an account, or signing in with one that has none, tells nothing.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("known@acme.test")
	body := `{"email": "%s@acme.test", "name": "x", "company": "x", "password": "another password"}`
	known := w.want(http.StatusAccepted, nil, http.MethodPost, "/accounts", "", fmt.Sprintf(body, "known"))
	fresh := w.want(http.StatusAccepted, nil, http.MethodPost, "/accounts", "", fmt.Sprintf(body, "fresh"))
	if strings.ReplaceAll(string(known.body), "known", "fresh") != string(fresh.body) {
		t.Errorf("%s, %s", known.body, fresh.body)
	}
	in := `{"email": "%s@acme.test", "password": "wrong password"}`
	wrong := w.want(http.StatusUnauthorized, nil, http.MethodPost, "/sessions", "", fmt.Sprintf(in, "known"))
	none := w.want(http.StatusUnauthorized, nil, http.MethodPost, "/sessions", "", fmt.Sprintf(in, "none"))
	if string(wrong.body) != string(none.body) {
		t.Errorf("%s, %s", wrong.body, none.body)
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.Attempts = rate.NewLimiter(0, 3) })
	for i := range 5 {
		got := w.send(http.MethodPost, "/sessions", "", `{"email": "a@b.test", "password": "x"}`)
		if limited := got.status == http.StatusTooManyRequests; limited != (i >= 3) || limited && got.header.Get("Retry-After") == "" {
			t.Errorf("attempt %d answers %d", i+1, got.status)
		}
	}
	if got := w.send(http.MethodGet, "/offers", "", ""); got.status != http.StatusOK {
		t.Errorf("reading answers %d", got.status)
	}
}
