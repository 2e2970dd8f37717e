package console_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/egress"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/web"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(databasetest.Run(m, &server))
}

// server is the PostgreSQL of these tests.
var server databasetest.Server

const (
	token    = "the-operator-of-these-tests"
	password = "correct horse battery"
	hostile  = `<script>alert("x")</script> & 'quotes' {{.}}`
)

// accounts are two partners; the second one's name is hostile.
type accounts struct{}

func (accounts) SignIn(ctx context.Context, name, secret string) (console.Partner, error) {
	id, _, _ := strings.Cut(name, "@")
	if secret != password {
		return console.Partner{}, web.ErrRefused
	}
	return accounts{}.Current(ctx, id)
}

func (accounts) Current(_ context.Context, id string) (console.Partner, error) {
	switch id {
	case "acme":
		return console.Partner{ID: id, Name: "dev@acme.test"}, nil
	case "other":
		return console.Partner{ID: id, Name: hostile}, nil
	}
	return console.Partner{}, web.ErrRefused
}

func (accounts) Owns(_ context.Context, id, clientID string) (bool, error) {
	return id == "acme" && clientID == "acme-app", nil
}

// fixture is a console beside a mock Orange and the reference partner.
type fixture struct {
	t       testing.TB
	options console.Options
	orange  *mockorange.Server
	partner *partner.Partner

	consoles []*console.Console
}

func newFixture(t testing.TB, mode profile.Mode) *fixture {
	t.Helper()
	return newFixtureOn(t, mode, ":memory:")
}

// newFixtureOn is a fixture over a database.
func newFixtureOn(t testing.TB, mode profile.Mode, address string) *fixture {
	t.Helper()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t}
	f.orange, err = mockorange.New(mockorange.Options{
		Listen: "127.0.0.1:0", Pack: pack,
		Applications: []mockorange.Application{{ClientID: "demo", Secret: "demo-secret", Name: "demo", Offers: mockorange.Offers()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, f.orange)
	declared, err := profile.Parse("reference.yaml", []byte(reference("http://127.0.0.1:1", mode)), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	f.partner, err = partner.New(partner.Options{
		Profile: declared, Listen: "127.0.0.1:0", GatewayURL: f.orange.URL(), TokenURL: f.orange.URL() + pack.Endpoint("token").Path,
		ClientID: "demo", ClientSecret: "demo-secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, f.partner)
	f.options = console.Options{
		DB: databasetest.Open(t, address, database.Options{}), Pack: pack, Orange: func() control.Orange { return f.orange.Control() },
		ClientID: "demo", ClientSecret: "demo-secret", Open: true, Token: token, Partners: accounts{}, Version: "test",
		Reach: egress.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
	return f
}

type listener interface {
	Listen() error
	Start()
	Close(ctx context.Context) error
}

func start(t testing.TB, s listener) {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// reference is the profile of the reference partner.
func reference(base string, mode profile.Mode) string {
	return `partner: {name: Reference partner, contract: demo}
baseURL: ` + base + `
offer: mba2
mode: ` + string(mode) + `
offerings:
  - {code: NOTES-S, name: Notes Standard, price: "4.50", currency: EUR, periodicity: monthly}
  - {code: NOTES-L, name: Notes Large}
features: {changeOffering: true, endUser: true}
delays: {event: 10s, quiet: 100ms}
triggers:
  endUser.add: {http: {url: "{base}/customer-tool/{licence}/user/add", headers: {X-Key: trigger-secret}}}
  endUser.delete: {ask: "Remove the user of {licence}"}
`
}

// serve starts a console over the fixture's database.
func (f *fixture) serve(change func(*console.Options)) *httptest.Server {
	f.t.Helper()
	o := f.options
	if change != nil {
		change(&o)
	}
	c, err := console.New(context.Background(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.consoles = append(f.consoles, c)
	s := httptest.NewServer(c)
	f.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			f.t.Error(err)
		}
		s.Close()
	})
	return s
}

// guarded is a console that is open to nobody.
func guarded(o *console.Options) { o.Open = false }

// page is an answer, read.
type page struct {
	status int
	header http.Header
	body   string
	at     string // path of the page below Base, redirects followed
}

// browser keeps cookies and follows redirects, as browsers do.
type browser struct {
	*http.Client
	t    testing.TB
	base string
}

func newBrowser(t testing.TB, s *httptest.Server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar}, t, s.URL + console.Base}
}

// signedIn is a browser of somebody who has signed in.
func signedIn(t testing.TB, s *httptest.Server, name, secret string) *browser {
	t.Helper()
	b := newBrowser(t, s)
	if got := b.post("/sign-in", "/sign-in", url.Values{"name": {name}, "secret": {secret}}); got.status != http.StatusOK || got.at != "/" {
		t.Fatalf("signing in as %q answers %d at %s", name, got.status, got.at)
	}
	return b
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	response, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body), strings.TrimPrefix(response.Request.URL.Path, console.Base)}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form as the page at from shows it: with its token.
func (b *browser) post(from, path string, form url.Values) page {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrf", b.get(from).token(b.t))
	return b.send(path, form)
}

// send posts a form as it is.
func (b *browser) send(path string, form url.Values) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (p page) parse(t testing.TB) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func (p page) text(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	for d := range p.parse(t).Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// value is that of the first field of a name; empty where there is none.
func (p page) value(t testing.TB, name string) string {
	t.Helper()
	for n := range p.parse(t).Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" && attribute(n, "name") == name {
			return attribute(n, "value")
		}
	}
	return ""
}

func (p page) token(t testing.TB) string {
	t.Helper()
	token := p.value(t, "csrf")
	if token == "" {
		t.Fatalf("the page at %s (%d) has no form with a token", p.at, p.status)
	}
	return token
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// setUp pastes a profile and returns its id.
func (b *browser) setUp(yaml string) string {
	b.t.Helper()
	got := b.post("/profiles/new", "/profiles/yaml", url.Values{"yaml": {yaml}})
	id := strings.TrimSuffix(strings.TrimPrefix(got.at, "/profiles/"), "/run")
	if got.status != http.StatusOK || !strings.HasSuffix(got.at, "/run") {
		b.t.Fatalf("pasting a profile answers %d at %s: %s", got.status, got.at, got.text(b.t))
	}
	return id
}

// run starts a run and returns its id.
func (b *browser) run(profileID string, form url.Values) string {
	b.t.Helper()
	path := "/profiles/" + profileID + "/run"
	got := b.post(path, path, form)
	id, ok := strings.CutPrefix(got.at, "/runs/")
	if got.status != http.StatusOK || !ok {
		b.t.Fatalf("starting a run answers %d at %s: %s", got.status, got.at, got.text(b.t))
	}
	return id
}

// follow reads a run's stream to its end, answers what is asked, and returns the page of the finished run.
func (b *browser) follow(id, answer string) (finished page, events string) {
	b.t.Helper()
	for {
		shown := b.get("/runs/" + id)
		stream := ""
		for n := range shown.parse(b.t).Descendants() {
			if n.Type == html.ElementNode && attribute(n, "id") == "live" {
				stream = strings.TrimPrefix(attribute(n, "data-stream"), console.Base)
			}
		}
		if stream == "" {
			return shown, events
		}
		if question := shown.value(b.t, "question"); question != "" {
			b.send("/runs/"+id+"/answer", url.Values{"csrf": {shown.token(b.t)}, "question": {question}, "answer": {answer}})
			continue
		}
		if got := b.get(stream); got.status == http.StatusOK {
			events += got.body
		}
	}
}
