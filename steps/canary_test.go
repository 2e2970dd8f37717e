package steps_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/internal/canary"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

// Secrets that nobody could write by accident, with what URLs and JSON escape.
const (
	clientCanary   = `canary-client-s3cr3t/+&"<é>`
	bearerCanary   = "canary-bearer-t0ken/+=~xyz"
	passwordCanary = `canary-passw0rd/+&"<é>`
	apiKeyCanary   = "canary-api-k3y/+=~xyz"
	cookieCanary   = "canary-c00kie-of-the-partner"
	sentCanary     = "canary-token-that-the-partner-shows"
)

// No artifact of a run holds a secret, in whatever form, of either side, whether the run passes or fails.
func TestCanariesStayHidden(t *testing.T) {
	t.Parallel()
	auths := map[string]func(l *lab){
		"bearer": func(l *lab) { l.profile.Auth.Type, l.profile.Auth.Token = "bearer", bearerCanary },
		"basic": func(l *lab) {
			l.profile.Auth.Type, l.profile.Auth.User, l.profile.Auth.Password = "basic", "orange", passwordCanary
		},
		"header": func(l *lab) {
			l.profile.Auth.Type, l.profile.Auth.Name, l.profile.Auth.Value = "header", "X-Partner-Key", apiKeyCanary
		},
	}
	for name, auth := range auths {
		modes := []string{"sync", "async"}
		if !long() && name != "bearer" {
			modes = modes[:1]
		}
		for _, mode := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				issued := &tokens{}
				l := newCanaryLab(t, mode, issued)
				auth(l)
				r := l.run(t, steps.Options{})
				if r.Verdict != "failed" {
					t.Errorf("verdict %s, want a run with findings that show the partner's answers", r.Verdict)
				}
				secrets := append(issued.list(), clientCanary, bearerCanary, passwordCanary, apiKeyCanary, cookieCanary, sentCanary)
				if len(secrets) < 7 {
					t.Error("no access token was issued")
				}
				for artifact, content := range artifacts(t, r) {
					for _, secret := range secrets {
						if form := canary.Find(content, secret); form != "" {
							t.Errorf("%s holds %q %s", artifact, secret, form)
						}
					}
				}
			})
		}
	}
}

// newCanaryLab is a lab whose client secret is a canary and whose partner repeats whatever credentials it is called with.
func newCanaryLab(t *testing.T, mode string, issued *tokens) *lab {
	t.Helper()
	p, err := profile.Parse("test.yaml", []byte(strings.Replace(fullProfile, "MODE", mode, 1)), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	p.Orange.ClientSecret = clientCanary
	l := &lab{profile: p, orange: newOrange(t, p, nil)}
	own := *p // the partner lets everybody in: what is tested is what we send
	ref, err := partner.New(partner.Options{Profile: &own, Listen: "127.0.0.1:0", GatewayURL: l.orange.URL(), TokenURL: l.orange.URL() + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: clientCanary, Seam: partner.Seam{WrapTransport: issued.watch, WrapHandler: echoing}})
	if err != nil {
		t.Fatal(err)
	}
	if err := ref.Listen(); err != nil {
		t.Fatal(err)
	}
	ref.Start()
	t.Cleanup(func() { closeIn(t, ref.Close) })
	p.BaseURL = ref.URL()
	return l
}

// echoing drops the caller's credentials into refusals, and into the notes of what it answers: the leak is the
// partner's, the record is ours.
func echoing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := r.Header.Get("Authorization") + " " + r.Header.Get("X-Partner-Key")
		r.Header.Del("Authorization")
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
			note, _ := json.Marshal(map[string]string{"text": "called with " + seen, "access_token": sentCanary})
			body = append([]byte(`{"note":`+string(note)+`,"escaped":"`+escaped(seen)+`","url":"`+percents(seen)+`","empty":null,`), bytes.TrimPrefix(body, []byte("{"))...)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.Header().Set("X-Seen", seen)
		w.Header().Set("Set-Cookie", "session="+cookieCanary)
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	})
}

// escaped writes a text as some JSON writers do: whatever they are not sure of as an escape.
func escaped(text string) string {
	var b strings.Builder
	for i, unit := range utf16.Encode([]rune(text)) {
		if i%3 == 0 || unit > 'z' || unit < '0' {
			fmt.Fprintf(&b, `\u%04X`, unit)
			continue
		}
		b.WriteRune(rune(unit))
	}
	return b.String()
}

// percents writes a text as some URL writers do, with small digits.
func percents(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02x", text[i])
	}
	return b.String()
}

// tokens collects the access tokens that the mock Orange issued, and sends the client secret in bodies besides.
type tokens struct {
	mu     sync.Mutex
	issued []string
}

func (s *tokens) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.issued...)
}

func (s *tokens) watch(next http.RoundTripper) http.RoundTripper {
	return carrier(func(r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.URL.Path, "/token") {
			return next.RoundTrip(r)
		}
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"demo"}, "client_secret": {clientCanary}}.Encode()
		again := r.Clone(r.Context())
		again.Body, again.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
		res, err := next.RoundTrip(again)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		if token := gjson.GetBytes(body, "access_token").String(); token != "" {
			s.mu.Lock()
			s.issued = append(s.issued, token)
			s.mu.Unlock()
		}
		res.Body = io.NopCloser(bytes.NewReader(body))
		return res, nil
	})
}

type carrier func(r *http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

func artifacts(t *testing.T, r reports.Results) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, write := range map[string]func(io.Writer) error{
		"results.json": func(w io.Writer) error { return reports.Write(w, r) },
		"report.html":  func(w io.Writer) error { return reports.HTML(w, r) },
		"junit.xml":    func(w io.Writer) error { return reports.JUnit(w, r) },
		"ctrf.json":    func(w io.Writer) error { return reports.CTRF(w, r) },
		"text":         func(w io.Writer) error { return reports.Text(w, r, reports.TextOptions{Verbose: true}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	return out
}
