package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/redact"
)

const secret = "s+/=%é-very-secret"

var mask = redact.Secret(secret)

func TestSecret(t *testing.T) {
	t.Parallel()
	if got := redact.Secret("abc"); got != "***ba7816" {
		t.Errorf("got %s", got)
	}
	if got := redact.Secret(redact.Secret("abc")); got != "***ba7816" {
		t.Errorf("masked twice: %s", got)
	}
	if got := redact.Secret(""); got != "" {
		t.Errorf("an empty secret became %q", got)
	}
	if got := redact.Fingerprint("abc", 12); got != "ba7816bf8f01" {
		t.Errorf("fingerprint %s", got)
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	in := http.Header{
		"Authorization":       {"Bearer " + secret, "bearer", secret, secret + " Bearer"},
		"Proxy-Authorization": {"Basic " + secret},
		"Cookie":              {secret},
		"Set-Cookie":          {secret},
		"X-Api-Key":           {secret},
		"X-Auth-Token":        {secret},
		"Location":            {"/x?access_token=" + url.QueryEscape(secret)},
		"Content-Type":        {"application/json"},
		"Www-Authenticate":    {`Basic realm="Authorization Required"`},
	}
	before := in.Clone()
	want := http.Header{
		"Authorization":       {"Bearer " + mask, "bearer", mask, redact.Secret(secret + " Bearer")},
		"Proxy-Authorization": {"Basic " + mask},
		"Cookie":              {mask},
		"Set-Cookie":          {mask},
		"X-Api-Key":           {mask},
		"X-Auth-Token":        {mask},
		"Location":            {"/x?access_token=" + mask},
		"Content-Type":        {"application/json"},
		"Www-Authenticate":    {`Basic realm="Authorization Required"`},
	}
	got := redact.Header(in)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(before, in); d != "" {
		t.Errorf("the header given was changed: %s", d)
	}
	if d := cmp.Diff(want, redact.Header(got)); d != "" {
		t.Errorf("masked twice: %s", d)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	esc := url.QueryEscape(secret)
	for _, tc := range []struct{ name, in, want string }{
		{"secret", "grant_type=client_credentials&client_secret=" + esc, "grant_type=client_credentials&client_secret=" + mask},
		{"assertion and password", "assertion=" + esc + "&password=" + esc, "assertion=" + mask + "&password=" + mask},
		{"escaped name", "client%5Fsecret=" + esc, "client%5Fsecret=" + mask},
		{"not escaped", "client_secret=%é", "client_secret=" + redact.Secret("%é")},
		{"state stays", "state=abc&scope=a+b", "state=abc&scope=a+b"},
		{"empty", "", ""},
		{"no pairs", "hello", "hello"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(redact.Form([]byte(tc.in))); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	esc := url.QueryEscape(secret)
	for _, tc := range []struct{ name, in, want string }{
		{"query", "http://h/p?access_token=" + esc + "&id=1", "http://h/p?access_token=" + mask + "&id=1"},
		{"fragment", "http://h/p#access_token=" + esc, "http://h/p#access_token=" + mask},
		{"userinfo", "http://me:" + esc + "@h:1/p", "http://me:" + mask + "@h:1/p"},
		{"lone user", "http://" + esc + "@h", "http://" + mask + "@h"},
		{"at in path", "http://h/a@b", "http://h/a@b"},
		{"nothing secret", "http://h:1/p/?q=%20#top", "http://h:1/p/?q=%20#top"},
		{"no URL", "::", "::"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := redact.URL(tc.in); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	q, m := string(quoted), `"`+mask+`"`
	for _, tc := range []struct{ name, in, want string }{
		{"token answer", `{"token_type": "Bearer",  "access_token" : ` + q + `,"expires_in":3600}`,
			`{"token_type": "Bearer",  "access_token" : ` + m + `,"expires_in":3600}`},
		{"camel case", `{"clientSecret":` + q + `}`, `{"clientSecret":` + m + `}`},
		{"deep", `[{"a":{"password":` + q + `}}]`, `[{"a":{"password":` + m + `}}]`},
		{"escaped name", `{"pass\u0077ord":` + q + `}`, `{"pass\u0077ord":` + m + `}`},
		{"number", `{"password":1234}`, `{"password":"` + redact.Secret("1234") + `"}`},
		{"null stays", `{"password":null,"a":1}`, `{"password":null,"a":1}`},
		{"container", `{"secret":{"a":` + q + `,"b":[` + q + `]},"c":"d"}`, `{"secret":{"a":` + m + `,"b":[` + m + `]},"c":"d"}`},
		{"state never", `{"state":"password","a":"access_token"}`, `{"state":"password","a":"access_token"}`},
		{"order kept", "{\n \"z\":1,\r\n\"a\":[1,2.50,true]}\n", "{\n \"z\":1,\r\n\"a\":[1,2.50,true]}\n"},
		{"cut off", `{"access_token":"abc`, `{"access_token":"` + redact.Secret("abc") + `"`},
		{"no JSON", "<html>password</html>", "<html>password</html>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := string(redact.JSON([]byte(tc.in)))
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if again := string(redact.JSON([]byte(got))); again != got {
				t.Errorf("masked twice: %s", again)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	r := redact.Known(secret, "", "ab", "a-prefix", "a-prefix-and-more")
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, text string }{
		{"raw", secret},
		{"query", url.QueryEscape(secret)},
		{"path", url.PathEscape(secret)},
		{"JSON", string(quoted)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(secret))},
		{"base64 URL", base64.RawURLEncoding.EncodeToString([]byte(secret))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := r.String("x " + tc.text + " y")
			if strings.Contains(got, tc.text) || !strings.Contains(got, mask) {
				t.Errorf("got %s", got)
			}
		})
	}
	for _, id := range []string{"a", "bb", "ccc", "dddd"} {
		basic := base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
		if got := r.String(basic); !strings.Contains(got, mask) {
			t.Errorf("Basic credentials of %s not masked: %s", id, got)
		}
	}
	if got, want := r.String("a-prefix-and-more a-prefix ab"), redact.Secret("a-prefix-and-more")+" "+redact.Secret("a-prefix")+" ab"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(r.Bytes([]byte(secret))); got != mask {
		t.Errorf("bytes: %s", got)
	}
	var none *redact.Redactor
	if got := none.String(secret); got != secret {
		t.Errorf("nil redactor: %s", got)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a":1,"access_token":"x"}`)
	f.Add(`{"password":{"a":["b",1]},"c":"d\"e"}`)
	f.Add(`{"password":"abc`)
	f.Fuzz(func(t *testing.T, in string) {
		once := redact.JSON([]byte(in))
		if twice := redact.JSON(once); string(twice) != string(once) {
			t.Errorf("masking twice differs: %q then %q", once, twice)
		}
		if json.Valid([]byte(in)) && !json.Valid(once) {
			t.Errorf("valid JSON %q became %q", in, once)
		}
	})
}
