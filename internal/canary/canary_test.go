package canary_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/canary"
)

const secret = `canary-s3cr3t/+&"<é>`

func TestFind(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(quoted))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, content string }{
		{"raw", "x" + secret + "y"},
		{"query", url.QueryEscape("a=" + secret)},
		{"query, small digits", strings.ToLower(url.QueryEscape(secret))},
		{"path", url.PathEscape(secret)},
		{"JSON", string(quoted)},
		{"JSON in JSON", string(twice)},
		{"page", html.EscapeString(secret)},
		{"JSON in a page", html.EscapeString(string(quoted))},
		{"slashes escaped", strings.ReplaceAll(string(quoted), "/", `\/`)},
		{"one character escaped", strings.Replace(secret, "c", `\u0063`, 1)},
		{"one character escaped, in JSON", strings.Replace(string(quoted), "c", `\\u0063`, 1)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(secret))},
		{"base64 after one", base64.StdEncoding.EncodeToString([]byte("a" + secret + "bc"))},
		{"base64url after two", base64.URLEncoding.EncodeToString([]byte("ab" + secret))},
	} {
		if canary.Find(tc.content, secret) == "" {
			t.Errorf("%s: not seen in %s", tc.name, tc.content)
		}
	}
	for _, content := range []string{"", "Bearer ***3f2a9c", secret[:len(secret)-1], base64.StdEncoding.EncodeToString([]byte("something else entirely"))} {
		if form := canary.Find(content, secret); form != "" {
			t.Errorf("seen %s in %q", form, content)
		}
	}
}
