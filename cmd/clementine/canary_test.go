package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/canary"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/schemas"
)

const (
	clientCanary = `canary-client-s3cr3t/+&<é>`
	bearerCanary = "canary-bearer-t0ken/+=~xyz"
)

// spy sees the tokens that a partner gets, and says in its answers all that it knows of secrets.
type spy struct {
	client string

	mu     sync.Mutex
	tokens []string
}

func (s *spy) seam() partner.Seam {
	return partner.Seam{WrapHandler: s.tell, WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return carrier(func(r *http.Request) (*http.Response, error) { return s.listen(next, r) })
	}}
}

type carrier func(r *http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

func (s *spy) listen(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	res, err := next.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/token") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if token := gjson.GetBytes(body, "access_token").String(); token != "" {
		s.mu.Lock()
		s.tokens = append(s.tokens, token)
		s.mu.Unlock()
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

func (s *spy) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{s.client}, s.tokens...)
}

// tell puts the secrets that the partner shares with Orange into what it answers: the leak is the partner's, the record
// is ours. An access token is known by its place only, and so is told under its name.
func (s *spy) tell(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := r.Header.Get("Authorization")
		r.Header.Del("Authorization")
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if bytes.HasPrefix(body, []byte("{")) {
			told, _ := json.Marshal(map[string]any{"text": seen + " " + s.client, "access_token": s.secrets()})
			body = append([]byte(`{"told":`+string(told)+`,"empty":null,`), body[1:]...)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	})
}

// Neither the reports nor what is printed, the log of --debug too, hold a secret.
func TestCanariesStayHiddenOnTheCommandLine(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0") // the partner has to know the gateway before the run starts it
	if err != nil {
		t.Fatal(err)
	}
	gateway := free.Addr().String()
	free.Close()
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("${MODE}", "async", `{listen: "127.0.0.1:0"}`,
		`{listen: "`+gateway+`", clientID: demo, clientSecret: "${SECRET}"}`+"\nauth: {type: bearer, token: \"${BEARER}\"}",
		"event: 10s", "event: 2s").Replace(string(demo))
	env := map[string]string{"SECRET": clientCanary, "BEARER": bearerCanary}
	p, err := profile.Parse("p.yaml", []byte(text), func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	p.Auth = profile.Auth{} // it lets everybody in: what is tested is what Orange sends
	listening := &spy{client: clientCanary}
	log := &lines{seen: make(chan struct{})}
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: "http://" + gateway, TokenURL: "http://" + gateway + "/oauth/v3/token",
		ClientID: "demo", ClientSecret: clientCanary, Seam: listening.seam(),
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	server.Start()
	out := t.TempDir()
	got := command(t, env, "", "run", "--debug", "--verbose", "--out", out, "--partner", server.URL(), "--profile", write(t, "p.yaml", text))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		t.Error(err)
	}
	if got.code != clementine.ExitFailed {
		t.Fatalf("exit %d, want a run with findings that show the partner's answers: %s", got.code, got.errOut)
	}
	written := map[string]string{"standard output": got.out, "standard error": got.errOut, "the partner's log": log.String()}
	for _, name := range []string{"results.json", "report.html", "junit.xml", "ctrf.json"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		written[name] = string(data)
	}
	secrets := append(listening.secrets(), bearerCanary)
	if len(secrets) < 3 || got.errOut == "" || !strings.Contains(written["results.json"], "told") {
		t.Fatalf("nothing was tested: %d secrets, log of %d bytes", len(secrets), len(got.errOut))
	}
	search(t, written, secrets)
}

func search(t *testing.T, written map[string]string, secrets []string) {
	t.Helper()
	for name, content := range written {
		for _, secret := range secrets {
			if form := canary.Find(content, secret); form != "" {
				t.Errorf("%s holds %q %s", name, secret, form)
			}
		}
	}
}

// The proof's matrix holds no secret either, though its partner tells them all.
func TestCanariesStayHiddenInTheProof(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	listening := &spy{client: "demo-secret"} // what a profile that says nothing has
	m, err := prove.Run(t.Context(), prove.Options{
		Pack: pack, Modes: []profile.Mode{profile.Async}, Full: true, Only: []string{"tells-secrets"},
		Defects: []defect.Defect{{Name: "tells-secrets", Requirement: "GEN-02", Mode: defect.Both, Family: "canary", How: "None does.", Seam: listening.seam}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var body, page, text bytes.Buffer
	for _, err := range []error{prove.JSON(&body, m), prove.HTML(&page, m, func(string) string { return "" }), prove.Text(&text, m, true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if m.Summary.Defects == 0 || len(listening.secrets()) < 2 {
		t.Fatalf("nothing was tested: %+v, %d secrets", m.Summary, len(listening.secrets()))
	}
	search(t, map[string]string{"prove.json": body.String(), "prove.html": page.String(), "text": text.String()}, listening.secrets())
}
