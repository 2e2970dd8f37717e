package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const devPassword = "correct horse battery"

// portalUser is somebody at the portal's API of a program that serves; without a token it is Orange, on this machine.
type portalUser struct {
	t     *testing.T
	base  string
	token string
}

// ask sends a JSON body, wants a status, and returns the answer's members.
func (u portalUser) ask(status int, method, path, body string) map[string]any {
	u.t.Helper()
	r, err := http.NewRequestWithContext(u.t.Context(), method, u.base+"/portal/api/v1"+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if u.token != "" {
		r.Header.Set("Authorization", "Bearer "+u.token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		u.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	if response.StatusCode != status {
		u.t.Fatalf("%s %s answers %d: %s", method, path, response.StatusCode, data)
	}
	if len(data) == 0 {
		return nil
	}
	if data[0] == '[' { // the first of a list
		var all []map[string]any
		if err := json.Unmarshal(data, &all); err != nil || len(all) == 0 {
			u.t.Fatalf("%s %s answers %s: %v", method, path, data, err)
		}
		return all[0]
	}
	var one map[string]any
	if err := json.Unmarshal(data, &one); err != nil {
		u.t.Fatalf("%s %s answers %s: %v", method, path, data, err)
	}
	return one
}

// mail is the token in the link of the newest mail to an address.
func (u portalUser) mail(to string) string {
	u.t.Helper()
	link := u.ask(http.StatusOK, http.MethodGet, "/mailbox?to="+to, "")["link"].(string)
	if !strings.HasPrefix(link, u.base+"/portal/") {
		u.t.Errorf("the link %s does not lead to the portal", link)
	}
	_, token, _ := strings.Cut(link, "token=")
	return token
}

// developer has an account, activated, and a session.
func (u portalUser) developer(email string) portalUser {
	u.t.Helper()
	u.ask(http.StatusAccepted, http.MethodPost, "/accounts", fmt.Sprintf(`{"email": %q, "name": "Dev", "company": "Acme", "password": %q}`, email, devPassword))
	u.ask(http.StatusOK, http.MethodPost, "/activations", fmt.Sprintf(`{"token": %q}`, u.mail(email)))
	session := u.ask(http.StatusCreated, http.MethodPost, "/sessions", fmt.Sprintf(`{"email": %q, "password": %q}`, email, devPassword))
	return portalUser{u.t, u.base, session["token"].(string)}
}

type credentials struct{ app, id, secret string }

func (u portalUser) application(name string) credentials {
	u.t.Helper()
	a := u.ask(http.StatusCreated, http.MethodPost, "/applications", fmt.Sprintf(`{"name": %q}`, name))
	return credentials{a["id"].(string), a["clientId"].(string), a["clientSecret"].(string)}
}

// subscribe subscribes an application to an offer and accepts its terms; it returns the id.
func (u portalUser) subscribe(c credentials, offer, state string) string {
	u.t.Helper()
	path := "/applications/" + c.app + "/subscriptions"
	s := u.ask(http.StatusCreated, http.MethodPost, path, fmt.Sprintf(`{"offer": %q}`, offer))
	if s["state"] != state {
		u.t.Errorf("the subscription to %s begins as %v", offer, s["state"])
	}
	version := u.ask(http.StatusOK, http.MethodGet, "/terms", "")["version"]
	u.ask(http.StatusOK, http.MethodPost, path+"/"+offer+"/terms", fmt.Sprintf(`{"version": %q}`, version))
	return s["id"].(string)
}

func (u portalUser) decide(id, decision string) {
	u.t.Helper()
	u.ask(http.StatusOK, http.MethodPost, "/review/subscriptions/"+id+"/decisions", fmt.Sprintf(`{"decision": %q, "reason": "because"}`, decision))
}

const portalEvent = `{"type": "completedStateNotification", "time": "2026-03-01T12:00:00.000Z",
	"resource": {"id": "ord-1", "externalReference": {"type": "orange", "id": "ref-1"}, "state": "completed"}}`

// event sends an event with a token; the answer's status and code, such as "201 0".
func (u portalUser) event(offer, token string) string {
	u.t.Helper()
	r, err := http.NewRequestWithContext(u.t.Context(), http.MethodPost, u.base+"/"+offer+"/productordering/v2/event", strings.NewReader(portalEvent))
	if err != nil {
		u.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		u.t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct{ Code int }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		u.t.Fatal(err)
	}
	return fmt.Sprint(response.StatusCode, " ", body.Code)
}

func (u portalUser) wantEvent(when, offer, token, want string) {
	u.t.Helper()
	if got := u.event(offer, token); got != want {
		u.t.Errorf("%s, an event to %s is answered %s, want %s", when, offer, got, want)
	}
}

// servedPortal starts the program and returns Orange, at its portal.
func servedPortal(t *testing.T, args ...string) portalUser {
	t.Helper()
	said := background(t, "control", append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)...)
	return portalUser{t: t, base: address.FindString(said)}
}

// The five steps of a subscription by invitation, from the account to the first event that the gateway takes.
func TestFromTheAccountToTheFirstEvent(t *testing.T) {
	t.Parallel()
	orange := servedPortal(t)
	dev := orange.developer("dev@acme.test")
	orange.ask(http.StatusCreated, http.MethodPost, "/review/invitations", `{"email": "dev@acme.test", "offer": "mba2-beta"}`)
	dev.ask(http.StatusOK, http.MethodPost, "/invitations", fmt.Sprintf(`{"token": %q}`, orange.mail("dev@acme.test")))
	app := dev.application("Notes")
	token := tokenOf(t, orange.base, app.id, app.secret)
	orange.wantEvent("before any subscription", "mba2-beta", token, "403 50")
	dev.subscribe(app, "mba2-beta", "approved")
	orange.wantEvent("with the token from before", "mba2-beta", token, "201 0")
	orange.wantEvent("without a subscription", "mba2", token, "403 50")
}

// The subscription to the Cloud Store's API, in the order of its own guide: account, invitation, application, API,
// terms.
func TestSubscriptionToTheCloudStore(t *testing.T) {
	t.Parallel()
	orange := servedPortal(t)
	dev := orange.developer("it@customer.test")
	orange.ask(http.StatusCreated, http.MethodPost, "/review/invitations", `{"email": "it@customer.test", "offer": "cloud-store", "lang": "fr"}`)
	offer := dev.ask(http.StatusOK, http.MethodPost, "/invitations", fmt.Sprintf(`{"token": %q}`, orange.mail("it@customer.test")))
	if offer["name"] != "Cloud Store Customer Space" {
		t.Errorf("the invitation is to %v", offer)
	}
	app := dev.application("Bills to the ERP")
	dev.subscribe(app, "cloud-store", "approved")
	if s := dev.ask(http.StatusOK, http.MethodGet, "/applications/"+app.app+"/subscriptions/cloud-store", ""); s["open"] != true {
		t.Errorf("the subscription is %v", s)
	}
	token := tokenOf(t, orange.base, app.id, app.secret)
	for _, other := range []string{"mba2", "mba2-beta"} {
		orange.wantEvent("subscribed to the Cloud Store alone", other, token, "403 50")
	}
}

// Every decision of Orange's, and every act of the developer's, counts with the next call, whatever token was issued.
func TestTokensFollowAtOnce(t *testing.T) {
	t.Parallel()
	orange := servedPortal(t)
	dev := orange.developer("dev@acme.test")
	app := dev.application("Notes")
	token := tokenOf(t, orange.base, app.id, app.secret)
	id := dev.subscribe(app, "mba2", "pending")
	orange.wantEvent("pending", "mba2", token, "403 50")
	orange.decide(id, "approve")
	orange.wantEvent("approved", "mba2", token, "201 0")
	orange.decide(id, "revoke")
	orange.wantEvent("revoked", "mba2", token, "403 50")
	orange.wantEvent("revoked, with a new token", "mba2", tokenOf(t, orange.base, app.id, app.secret), "403 50")
	orange.decide(id, "approve")
	orange.wantEvent("approved again", "mba2", token, "201 0")
	renewed := dev.ask(http.StatusOK, http.MethodPost, "/applications/"+app.app+"/secret", "")["clientSecret"].(string)
	orange.wantEvent("after the secret was renewed", "mba2", token, "401 42")
	if _, err := twoLegged(t.Context(), orange.base, app.id, app.secret, oauth2.AuthStyleInHeader); err == nil {
		t.Error("the old secret gets a token")
	}
	token = tokenOf(t, orange.base, app.id, renewed)
	orange.wantEvent("with the new secret", "mba2", token, "201 0")
	dev.ask(http.StatusNoContent, http.MethodDelete, "/applications/"+app.app, "")
	orange.wantEvent("after the application was deleted", "mba2", token, "401 42")
}

func twoLegged(ctx context.Context, base, id, secret string, style oauth2.AuthStyle) (*oauth2.Token, error) {
	c := clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: base + "/oauth/v3/token", AuthStyle: style}
	return c.Token(ctx)
}

// Clients that know nothing of Clementine get tokens with what the portal issued: golang.org/x/oauth2, and
// simple-oauth2 of npm.
func TestIndependentOAuthClients(t *testing.T) {
	t.Parallel()
	orange := servedPortal(t)
	dev := orange.developer("dev@acme.test")
	app := dev.application("Notes")
	orange.decide(dev.subscribe(app, "mba2", "pending"), "approve")
	for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "body": oauth2.AuthStyleInParams} {
		token, err := twoLegged(t.Context(), orange.base, app.id, app.secret, style)
		if err != nil || token.Type() != "Bearer" || token.Extra("expires_in") != 3600.0 {
			t.Fatalf("golang.org/x/oauth2, %s: %+v, %v", name, token, err)
		}
		orange.wantEvent("golang.org/x/oauth2, "+name, "mba2", token.AccessToken, "201 0")
	}
	node := runtime(t, "node")
	modules, err := filepath.Abs(filepath.Join("..", "..", "web", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "simple-oauth2")); err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal("simple-oauth2 is required and not installed (make web)")
		}
		t.Skip("simple-oauth2 is not installed (make web): the client from npm is left out")
	}
	for _, place := range []string{"header", "body"} {
		got, err := nodeToken(t, node, modules, orange.base, app.id, app.secret, place)
		if err != nil {
			t.Fatalf("simple-oauth2, %s: %v", place, err)
		}
		orange.wantEvent("simple-oauth2, "+place, "mba2", got, "201 0")
		if _, err := nodeToken(t, node, modules, orange.base, app.id, "wrong", place); err == nil || !strings.Contains(err.Error(), "invalid_client") {
			t.Errorf("simple-oauth2, %s, with a wrong secret: %v", place, err)
		}
	}
}

func nodeToken(t *testing.T, node, modules string, args ...string) (string, error) {
	t.Helper()
	run := exec.CommandContext(t.Context(), node, append([]string{filepath.Join("testdata", "oauth-client.cjs")}, args...)...)
	run.Env = append(os.Environ(), "NODE_PATH="+modules)
	var out, errOut bytes.Buffer
	run.Stdout, run.Stderr = &out, &errOut
	if err := run.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, errOut.String())
	}
	var token struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(out.Bytes(), &token); err != nil || token.TokenType != "Bearer" || token.ExpiresIn != 3600 {
		return "", fmt.Errorf("%s: %w", out.String(), err)
	}
	return token.AccessToken, nil
}

// The lines of docs/portal.md, from an account to the first event, and what they answer.
func TestPortalPageRuns(t *testing.T) {
	t.Parallel()
	shell := runtime(t, "bash")
	runtime(t, "curl")
	runtime(t, "jq")
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "portal.md"))
	if err != nil {
		t.Fatal(err)
	}
	orange := servedPortal(t)
	folder, script, answers := t.TempDir(), "set -euo pipefail\n", 0
	all := blocks(string(page))
	for i, b := range all {
		if strings.HasPrefix(b.code, "clementine serve") {
			continue // it runs already
		}
		script += "{\n" + b.code + "\n} > " + fmt.Sprintf("answer-%d", i) + "\n"
		if b.answer != "" {
			answers++
		}
	}
	if answers < 6 {
		t.Fatalf("only %d answers found", answers)
	}
	run := exec.CommandContext(t.Context(), shell, "-c", strings.ReplaceAll(script, "http://127.0.0.1:8090", orange.base))
	run.Dir = folder
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, b := range all {
		if b.answer == "" {
			continue
		}
		got, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("answer-%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(jsonOf(t, []byte(b.answer)), jsonOf(t, got)); d != "" {
			t.Errorf("%s\nanswers %s: %s", b.code, got, d)
		}
	}
	status, html := get(t, orange.base+"/portal/mailbox?lang=fr")
	if status != http.StatusOK || !strings.Contains(html, "Boîte aux lettres") || !strings.Contains(html, orange.base+"/portal/activate?token=") {
		t.Errorf("the mailbox answers %d", status)
	}
}

// What the portal knows outlives the program, and Orange's side takes a token where one is set.
func TestPortalOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "orange.db")
	var app credentials
	t.Run("before", func(t *testing.T) {
		orange := servedPortal(t, "--database", database)
		dev := orange.developer("dev@acme.test")
		app = dev.application("Notes")
		orange.decide(dev.subscribe(app, "mba2", "pending"), "approve")
	})
	orange := servedPortal(t, "--database", database, "--backoffice-token", "operator-of-this-test")
	orange.wantEvent("after a restart", "mba2", tokenOf(t, orange.base, app.id, app.secret), "201 0")
	orange.ask(http.StatusUnauthorized, http.MethodGet, "/review/accounts", "")
	orange.token = "operator-of-this-test"
	if got := orange.ask(http.StatusOK, http.MethodGet, "/review/accounts", ""); got["email"] != "dev@acme.test" {
		t.Errorf("the first account is %v", got)
	}
}

// Both steps of the integration phase with real runs: the reference partner gets its tokens with what the portal issued,
// is judged through the same program, and its results.json settle the steps.
func TestIntegrationPhaseByRealRuns(t *testing.T) {
	t.Parallel()
	said := background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	urls := address.FindAllString(said, -1)
	orange := portalUser{t: t, base: urls[0]}
	dev := orange.developer("dev@acme.test")
	orange.ask(http.StatusCreated, http.MethodPost, "/review/invitations", `{"email": "dev@acme.test", "offer": "mba2-beta"}`)
	dev.ask(http.StatusOK, http.MethodPost, "/invitations", fmt.Sprintf(`{"token": %q}`, orange.mail("dev@acme.test")))
	for _, step := range []struct {
		offer, state string
		only         []string
	}{{"mba2-beta", "approved", nil}, {"mba2", "pending", []string{"--only", "INT-01,INT-02"}}} {
		app := dev.application("Notes for " + step.offer)
		if id := dev.subscribe(app, step.offer, step.state); step.state == "pending" {
			orange.decide(id, "approve")
		}
		dev.ask(http.StatusOK, http.MethodPut, "/applications/"+app.app+"/subscriptions/"+step.offer+"/configuration",
			`{"contract": "MBA-2026-042", "baseURL": "https://partner.test", "auth": {"type": "none"}}`)
		judged := judgedBy(t, orange.base, urls[len(urls)-1], app, step.offer, step.only...)
		dev.ask(http.StatusCreated, http.MethodPost, "/runs", judged)
	}
	integration := dev.ask(http.StatusOK, http.MethodGet, "/integration", "")
	if integration["ready"] != true {
		t.Errorf("what is open: %v", integration["steps"])
	}
}

// judgedBy runs a reference partner with an application's credentials, judges it over a program that serves, and returns
// its results.json.
func judgedBy(t *testing.T, gateway, control string, app credentials, offer string, args ...string) string {
	t.Helper()
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "partner.yaml", strings.NewReplacer("contract: demo", "contract: MBA-2026-042", "offer: mba2", "offer: "+offer, "${MODE}", "sync").Replace(string(demo)))
	partner := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--profile", file, "--gateway", gateway,
		"--client-id", app.id, "--client-secret", app.secret)
	out := t.TempDir()
	got := command(t, nil, "", append([]string{"run", "--partner", address.FindString(partner), "--profile", file, "--orange", control, "--out", out}, args...)...)
	if got.code != 0 {
		t.Fatalf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
	}
	data, err := os.ReadFile(filepath.Join(out, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
