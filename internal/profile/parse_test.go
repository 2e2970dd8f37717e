package profile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/clementine-ope/clementine/internal/profile"
)

const minimal = `partner: {name: Acme SaaS}
offer: mba2-beta
mode: sync
offerings: [{code: NOTES-S}]
`

func TestParseFillsInDefaults(t *testing.T) {
	t.Parallel()
	got, err := profile.Parse("partner.yaml", []byte(minimal), environment())
	if err != nil {
		t.Fatal(err)
	}
	want := &profile.Profile{
		Partner:   profile.Partner{Name: "Acme SaaS"},
		Ping:      "/ping",
		Offer:     "mba2-beta",
		Mode:      profile.Sync,
		Auth:      profile.Auth{Type: "none"},
		Orange:    profile.Orange{Listen: "127.0.0.1:8090", ClientID: "demo", ClientSecret: "demo-secret"},
		Offerings: []profile.Offering{{Code: "NOTES-S"}},
		Login:     profile.Login{Key: "login"},
		Limits:    profile.Limits{Quantity: 100},
		Delays: profile.Delays{
			Answer: profile.Duration(10 * time.Second), Event: profile.Duration(30 * time.Second),
			Quiet: profile.Duration(time.Second), Retry: profile.Duration(30 * time.Second),
			Visible: profile.Duration(time.Second),
		},
		Concurrency: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// verdict of a profile: the message that Go must give, "" for a valid one. onlyGo marks the few rules that JSON Schema
// cannot say.
type verdict struct {
	name   string
	yaml   string
	want   string
	onlyGo bool
}

func verdicts() []verdict {
	with := func(lines string) string { return minimal + lines + "\n" }
	trigger := func(body string) string { return with("triggers:\n  endUser.add: " + body) }
	return []verdict{
		{name: "minimal", yaml: minimal},
		{name: "empty sections", yaml: with("auth:\ntls:\norange:\nfeatures:\nlogin:\nlimits:\ndelays:\ntriggers:")},
		{name: "empty file", yaml: "", want: "p.yaml:1: partner: is required"},
		{name: "no object", yaml: "hello", want: "p.yaml:1: must be an object, is text"},
		{name: "a list", yaml: "- a", want: "p.yaml:1: must be an object, is a list"},
		{
			name: "mode", yaml: strings.Replace(minimal, "sync", "asynchronous", 1),
			want: `p.yaml:3: mode: must be sync or async, is "asynchronous"`,
		},
		{name: "mode is no text", yaml: strings.Replace(minimal, "sync", "7", 1), want: "p.yaml:3: mode: must be sync or async, is 7"},
		{name: "offer", yaml: strings.Replace(minimal, "mba2-beta", "mba3", 1), want: `p.yaml:2: offer: must be mba2 or mba2-beta, is "mba3"`},
		{
			name: "unknown setting", yaml: with("concurency: 4"),
			want: "p.yaml:5: concurency: is no setting of a profile; did you mean concurrency?",
		},
		{
			name: "unknown setting deeper", yaml: with("delays: {events: 1s}"),
			want: "p.yaml:5: delays.events: is no setting of a profile; did you mean event?",
		},
		{
			name: "unknown and unlike any", yaml: with("login: {zzzzzzzzzz: x}"),
			want: "p.yaml:5: login.zzzzzzzzzz: is no setting of a profile; known here: key",
		},
		{name: "no partner name", yaml: strings.Replace(minimal, "name: Acme SaaS", "contract: C", 1), want: "p.yaml:1: partner.name: is required"},
		{name: "empty partner", yaml: strings.Replace(minimal, " {name: Acme SaaS}", "", 1), want: "p.yaml:1: partner: is required"},
		{name: "partner name null", yaml: strings.Replace(minimal, "Acme SaaS", "null", 1), want: "p.yaml:1: partner.name: has no value"},
		{name: "partner name empty", yaml: strings.Replace(minimal, "Acme SaaS", `""`, 1), want: "p.yaml:1: partner.name: must not be empty"},
		{name: "no offerings", yaml: strings.Replace(minimal, "[{code: NOTES-S}]", "[]", 1), want: "p.yaml:4: offerings: must hold at least one"},
		{name: "offering without code", yaml: strings.Replace(minimal, "code", "name", 1), want: "p.yaml:4: offerings[0].code: is required"},
		{name: "offering is null", yaml: strings.Replace(minimal, "{code: NOTES-S}", "null", 1), want: "p.yaml:4: offerings[0]: is empty"},
		{
			name: "code twice", yaml: strings.Replace(minimal, "{code: NOTES-S}", "{code: A}, {code: A}", 1),
			want: `p.yaml:4: offerings[1].code: "A" is there twice`, onlyGo: true,
		},
		{
			name: "numeric code", yaml: strings.Replace(minimal, "NOTES-S", "1001", 1),
			want: `p.yaml:4: offerings[0].code: must be text, is a number: write "1001"`,
		},
		{name: "price", yaml: strings.Replace(minimal, "NOTES-S", `A, price: "4.50", currency: EUR, periodicity: monthly`, 1)},
		{
			name: "price as number", yaml: strings.Replace(minimal, "NOTES-S", "A, price: 4.50", 1),
			want: `p.yaml:4: offerings[0].price: must be text, is a number: write "4.50"`,
		},
		{
			name: "price with comma", yaml: strings.Replace(minimal, "NOTES-S", `A, price: "4,50"`, 1),
			want: `offerings[0].price: must be a decimal amount such as 4.50, is "4,50"`,
		},
		{name: "long name", yaml: strings.Replace(minimal, "name: ", "name: "+strings.Repeat("é", 200), 1), want: "partner.name: must have at most 200 characters"},
		{name: "currency", yaml: strings.Replace(minimal, "NOTES-S", "A, currency: euro", 1), want: "offerings[0].currency: must be an ISO 4217"},
		{
			name: "periodicity", yaml: strings.Replace(minimal, "NOTES-S", "A, periodicity: yearly", 1),
			want: `offerings[0].periodicity: must be daily, weekly or monthly, is "yearly"`,
		},
		{name: "baseURL", yaml: with("baseURL: https://api.example.com:8443/orange/")},
		{name: "baseURL IPv6", yaml: with(`baseURL: "http://[::1]:8081"`)},
		{name: "baseURL without scheme", yaml: with("baseURL: localhost:8081"), want: "p.yaml:5: baseURL: must be an http or https URL"},
		{name: "baseURL with query", yaml: with("baseURL: http://a.example/?x=1"), want: "baseURL: must be an http or https URL without"},
		{name: "baseURL with user", yaml: with("baseURL: http://u:p@a.example"), want: "baseURL: must be an http or https URL without user"},
		{name: "baseURL without such a port", yaml: with("baseURL: http://a.example:70000"), want: `baseURL: must have a port from 1 to 65535, is "http://a.example:70000"`},
		{name: "baseURL empty", yaml: with(`baseURL: ""`), want: "baseURL: must be an http or https URL"},
		{name: "ping", yaml: with("ping: status"), want: `p.yaml:5: ping: must be a path below baseURL such as /ping, is "status"`},
		{name: "auth basic", yaml: with("auth: {type: basic, user: u, password: p}")},
		{name: "auth header", yaml: with("auth: {type: header, name: X-API-Key, value: v}")},
		{name: "auth mtls", yaml: with("auth: {type: mtls, cert: c.pem, key: k.pem}")},
		{name: "auth without type", yaml: with("auth: {user: u}"), want: "p.yaml:5: auth.type: is required"},
		{name: "auth unknown", yaml: with("auth: {type: digest}"), want: "auth.type: must be none, basic, bearer, header or mtls"},
		{name: "auth incomplete", yaml: with("auth: {type: basic, user: u}"), want: "p.yaml:5: auth.password: is required with type basic"},
		{name: "auth bearer incomplete", yaml: with("auth: {type: bearer}"), want: "auth.token: is required with type bearer"},
		{name: "auth header name", yaml: with(`auth: {type: header, name: "X Key", value: v}`), want: "auth.name: must be the name of an HTTP header"},
		{name: "auth null member", yaml: with("auth: {type: none, user: null}"), want: "auth.user: has no value"},
		{name: "listen", yaml: with(`orange: {listen: ":0", publicURL: ""}`)},
		{name: "listen without port", yaml: with("orange: {listen: localhost}"), want: "orange.listen: must be host:port"},
		{name: "listen port range", yaml: with(`orange: {listen: "localhost:70000"}`), want: "orange.listen: must be host:port"},
		{name: "publicURL", yaml: with("orange: {publicURL: ftp://x}"), want: "orange.publicURL: must be an http or https URL"},
		{name: "client secret empty", yaml: with(`orange: {clientSecret: ""}`), want: "orange.clientSecret: must not be empty"},
		{name: "feature", yaml: with("features: {endUser: true, consultById: false}")},
		{name: "feature is text", yaml: with(`features: {endUser: "yes"}`), want: `p.yaml:5: features.endUser: must be true or false, is "yes"`},
		{name: "feature is text true", yaml: with(`features: {endUser: "true"}`), want: `must be true or false, is "true"`},
		{name: "feature is null", yaml: with(`features: {endUser: }`), want: `features.endUser: must be true or false, is empty`},
		{name: "resource", yaml: with("features: {realizingResource: {type: URL, per: fleet, from: assignment, properties: [url]}}")},
		{name: "resource without type", yaml: with("features: {realizingResource: {per: fleet}}"), want: "features.realizingResource.type: is required"},
		{
			name: "resource per", yaml: with("features: {realizingResource: {type: URL, per: user}}"),
			want: "features.realizingResource.per: must be licence or fleet",
		},
		{
			name: "technical information", yaml: with(`features: {technicalInformation: [{name: storage, example: 50}]}`),
			want: `features.technicalInformation[0].example: must be text, is a number: write "50"`,
		},
		{
			name: "technical information without name", yaml: with(`features: {technicalInformation: [{example: "5"}]}`),
			want: `features.technicalInformation[0].name: is required`,
		},
		{name: "login", yaml: with("login: {key: email}"), want: "login.key: must be login or organizationCode"},
		{name: "quantity low", yaml: with("limits: {quantity: 0}"), want: "limits.quantity: must be a whole number from 1 to 100000, is 0"},
		{name: "quantity high", yaml: with("limits: {quantity: 100001}"), want: "limits.quantity: must be a whole number"},
		{name: "quantity fraction", yaml: with("limits: {quantity: 1.5}"), want: "limits.quantity: must be a whole number"},
		{name: "concurrency", yaml: with("concurrency: 256")},
		{name: "concurrency high", yaml: with("concurrency: 257"), want: "p.yaml:5: concurrency: must be a whole number from 1 to 256"},
		{name: "delays", yaml: with("delays: {answer: 1m30s, event: 250ms, quiet: 0s, retry: 1.5s, visible: 0ms}")},
		{name: "delay zero", yaml: with("delays: {event: 0s}"), want: "p.yaml:5: delays.event: must be longer than zero"},
		{name: "delay without unit", yaml: with("delays: {event: 30}"), want: "delays.event: must be a duration such as 10s"},
		{name: "delay in words", yaml: with("delays: {event: soon}"), want: "delays.event: must be a duration such as 10s"},
		{name: "delay negative", yaml: with("delays: {event: -1s}"), want: "delays.event: must be a duration"},
		{name: "trigger http", yaml: trigger(`{http: {url: "{base}/tool/{licence}?a={}", headers: {X-Key: "k"}, body: "{\"f\":\"{fleet}\"}"}}`)},
		{name: "trigger command", yaml: trigger(`{command: [./add, "{licence}", "{customer}"]}`)},
		{name: "trigger ask", yaml: trigger(`{ask: "Add a user to {licence}, please"}`)},
		{name: "trigger unknown", yaml: with("triggers:\n  endUser.create: {ask: x}"), want: "p.yaml:6: triggers.endUser.create: is no setting"},
		{
			name: "trigger two kinds", yaml: trigger(`{ask: x, command: [y]}`),
			want: "p.yaml:6: triggers.endUser.add: must have exactly one of http, command and ask, has 2",
		},
		{name: "trigger no kind", yaml: trigger(`{}`), want: "triggers.endUser.add: must have exactly one"},
		{name: "trigger null", yaml: trigger(``), want: "triggers.endUser.add: is empty"},
		{name: "trigger method", yaml: trigger(`{http: {method: FETCH, url: "{base}"}}`), want: "triggers.endUser.add.http.method: must be GET, POST"},
		{name: "trigger without url", yaml: trigger(`{http: {method: POST}}`), want: "triggers.endUser.add.http.url: is required"},
		{name: "trigger url", yaml: trigger(`{http: {url: /tool}}`), want: "triggers.endUser.add.http.url: must be an http or https URL, or start"},
		{name: "trigger url with a port", yaml: trigger(`{http: {url: "http://tool.example:65535/{licence}"}}`)},
		{name: "trigger url with a port to be filled", yaml: trigger(`{http: {url: "http://{customer}.example:1{fleet}"}}`)},
		{
			name: "trigger port", yaml: trigger(`{http: {url: "http://localhost:99999/{licence}"}}`),
			want: `triggers.endUser.add.http.url: must have a port from 1 to 65535, is "http://localhost:99999/{licence}"`, onlyGo: true,
		},
		{name: "trigger port zero", yaml: trigger(`{http: {url: "https://tool.example:0?a=b"}}`), want: "url: must have a port from 1 to 65535", onlyGo: true},
		{name: "trigger port that is none", yaml: trigger(`{http: {url: "http://localhost:tool/x"}}`), want: "url: must be an http or https URL", onlyGo: true},
		{name: "trigger without a host", yaml: trigger(`{http: {url: "http://:8080/x"}}`), want: "url: must be an http or https URL", onlyGo: true},
		{
			name: "trigger placeholder", yaml: trigger(`{http: {url: "{base}/{license}"}}`),
			want: "triggers.endUser.add.http.url: {license} is no placeholder",
		},
		{name: "trigger placeholder in command", yaml: trigger(`{command: [add, "{id}"]}`), want: "triggers.endUser.add.command: {id} is no placeholder"},
		{name: "trigger placeholder after brace", yaml: trigger(`{ask: "{{x}"}`), want: "{x} is no placeholder"},
		{name: "trigger empty command", yaml: trigger(`{command: []}`), want: "triggers.endUser.add.command: must name a program"},
		{name: "trigger null command", yaml: trigger(`{command: }`), want: "triggers.endUser.add.command: must name a program"},
		{name: "trigger header", yaml: trigger(`{http: {url: "{base}", headers: {"X Y": z}}}`), want: "headers.X Y: is not the name of an HTTP header"},
		{name: "trigger header lines", yaml: trigger(`{http: {url: "{base}", headers: {X: "a\nb"}}}`), want: "headers.X: must be one line"},
	}
}

func TestParseVerdicts(t *testing.T) {
	t.Parallel()
	for _, tt := range verdicts() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.Parse("p.yaml", []byte(tt.yaml), environment())
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("a valid profile is refused: %v", err)
			case tt.want != "" && err == nil:
				t.Errorf("accepted, want %q", tt.want)
			case tt.want != "" && !strings.Contains(err.Error(), tt.want):
				t.Errorf("says %q, want %q", err, tt.want)
			}
			var located *profile.Error
			if err != nil && (!errors.As(err, &located) || located.Line == 0) {
				t.Errorf("the error has no line: %#v", err)
			}
		})
	}
}

// The schema is what editors check with: it must judge as Parse does.
func TestSchemaJudgesAlike(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.Compile(filepath.Join("..", "..", "schemas", "profile.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range verdicts() {
		var value any
		if err := yaml.Unmarshal([]byte(tt.yaml), &value); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		err = schema.Validate(value)
		if valid, want := err == nil, tt.want == "" || tt.onlyGo; valid != want {
			t.Errorf("%s: schema says valid=%t, want %t: %v", tt.name, valid, want, err)
		}
	}
}

func TestSchemaKnowsEverySetting(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "schemas", "profile.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse("p.yaml", []byte(minimal), environment())
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"triggers": true}
	for key := range p.Redacted() {
		want[key] = true
	}
	got := map[string]bool{}
	for key, property := range schema.Properties {
		got[key] = true
		if property.Description == "" {
			t.Errorf("%s has no description", key)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralErrorsAreAllReported(t *testing.T) {
	t.Parallel()
	_, err := profile.Parse("p.yaml", []byte("mode: x\nconcurrency: 0\nbogus: 1\n"), environment())
	if err == nil {
		t.Fatal("accepted")
	}
	var lines []string
	for line := range strings.Lines(err.Error()) {
		lines = append(lines, strings.TrimSpace(line))
	}
	want := []string{
		"p.yaml:1: partner: is required",
		"p.yaml:1: offer: is required",
		"p.yaml:1: offerings: is required",
		`p.yaml:1: mode: must be sync or async, is "x"`,
		"p.yaml:2: concurrency: must be a whole number from 1 to 256, is 0",
	}
	if diff := cmp.Diff(want, lines[:5]); diff != "" {
		t.Error(diff)
	}
	if len(lines) != 6 || !strings.HasPrefix(lines[5], "p.yaml:3: bogus: is no setting") {
		t.Errorf("the last line is missing or wrong: %q", lines)
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range verdicts() {
		f.Add([]byte(v.yaml))
	}
	f.Add([]byte("a: &x [*x]\n? b\n: !!str c\n--- |\n d"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profile.Parse("p.yaml", data, environment())
		if (p == nil) == (err == nil) {
			t.Fatalf("profile %v and error %v", p, err)
		}
		if err == nil {
			first, second := fmt.Sprint(p.Redacted()), fmt.Sprint(p.Redacted())
			if first != second {
				t.Fatal("two redactions of one profile differ")
			}
			return
		}
		var located *profile.Error
		if !errors.As(err, &located) {
			t.Fatalf("error without a place: %v", err)
		}
	})
}
