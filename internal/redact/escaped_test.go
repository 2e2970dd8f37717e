package redact_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/clementine-ope/clementine/internal/redact"
)

// jsonEscaped writes every character as an escape.
func jsonEscaped(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return b.String()
}

func percentEscaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

func TestKnownSeesThroughEscapes(t *testing.T) {
	t.Parallel()
	const key = `k/3y+<é😀>"&`
	for _, tc := range []struct{ name, secret, text string }{
		{"one character", "s3cr3t", `s3c\u0072\u0033t`},
		{"capital digits", "s3cr3t+x", `s3cr3t\u002Bx`},
		{"every character", key, jsonEscaped(key)},
		{"slashes, as PHP writes them", "a/b/c/d", `a\/b\/c\/d`},
		{"quotes", `a"b"c"d`, `a\"b\"c\"d`},
		{"small percent digits", key, strings.ToLower(url.QueryEscape(key))},
		{"every byte in percent", key, percentEscaped(key)},
		{"base64 in escapes", key, jsonEscaped("ay8zeSs8w6nwn5iAPiIm")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := redact.Known("another secret", tc.secret).String(`{"x":"\u00e9 ` + tc.text + ` \n 100 %"}`)
			if want := `{"x":"\u00e9 ` + redact.Secret(tc.secret) + ` \n 100 %"}`; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestKnownLeavesOtherEscapesAlone(t *testing.T) {
	t.Parallel()
	r := redact.Known("s3cr3t", "s3cr3t-and-more")
	for _, text := range []string{`\`, `\u`, `\u00`, `\uzzzz`, `\ud83d`, `\ud83d\u0041`, `%`, `%4`, `%zz`, `a\tb\\c`, `\u0073\u0033`} {
		if got := r.String(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got, want := r.String(`\u00733cr3t-and-more s3cr3\u0074`), redact.Secret("s3cr3t-and-more")+" "+redact.Secret("s3cr3t"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// FuzzKnown: however a text around a secret looks, the secret is masked.
func FuzzKnown(f *testing.F) {
	f.Add(`{"a":"`, "s3cr3t/+", `"}`)
	f.Add(`\`, "\\u0041bcd", `%2`)
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		if len(secret) < 8 || strings.Contains(secret, "***") {
			return
		}
		r := redact.Known(secret)
		if got := r.String(before + secret + after); strings.Contains(got, secret) && !strings.Contains(redact.Secret(secret), secret) {
			t.Errorf("%q shows %q", got, secret)
		}
		quoted, err := json.Marshal(before + after)
		if err != nil {
			t.Fatal(err)
		}
		r.Bytes(quoted)
	})
}
