package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// minKnown is the length under which a known secret is not looked for in text: masking every "ab" would hide the
// text and, by its places, tell the secret.
const minKnown = 4

// minBase64 is the length from which a secret is also looked for inside a longer base64 text, such as that of Basic
// credentials. Shorter ones leave too few digits to be sure.
const minBase64 = 8

// Redactor replaces secrets that are known beforehand, wherever they stand. The zero value and nil replace nothing.
// It may be used by several goroutines.
type Redactor struct {
	replacer *strings.Replacer
	forms    []string // the longest first
	masks    map[string]string
}

// Known returns a redactor for these secrets: as they are, as URL text, as JSON text, whatever is escaped in it, and in
// base64 (of the secret alone, and inside a longer value). Secrets shorter than four bytes are ignored.
func Known(secrets ...string) *Redactor {
	masks := map[string]string{}
	for _, secret := range secrets {
		if len(secret) < minKnown || isMask(secret) {
			continue
		}
		for _, form := range forms(secret) {
			masks[form] = Secret(secret)
		}
	}
	if len(masks) == 0 {
		return &Redactor{}
	}
	sorted := make([]string, 0, len(masks))
	for form := range masks {
		sorted = append(sorted, form)
	}
	// The replacer tries its pairs in order: of two secrets where one begins the other, the longer must win.
	slices.SortFunc(sorted, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 2*len(sorted))
	for _, form := range sorted {
		pairs = append(pairs, form, masks[form])
	}
	return &Redactor{replacer: strings.NewReplacer(pairs...), forms: sorted, masks: masks}
}

// String returns s with the known secrets masked.
func (r *Redactor) String(s string) string {
	if r == nil || r.replacer == nil {
		return s
	}
	s = r.replacer.Replace(s)
	if strings.IndexByte(s, '\\') >= 0 {
		s = unescaped(s, jsonEscape).masked(s, r.forms, r.masks)
	}
	if strings.IndexByte(s, '%') >= 0 {
		s = unescaped(s, percentEscape).masked(s, r.forms, r.masks)
	}
	return s
}

// Bytes returns b with the known secrets masked; b itself is never changed.
func (r *Redactor) Bytes(b []byte) []byte {
	if r == nil || r.replacer == nil || b == nil {
		return b
	}
	return []byte(r.String(string(b)))
}

func forms(secret string) []string {
	out := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), jsonText(secret, true), jsonText(secret, false)}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		out = append(out, enc.EncodeToString([]byte(secret)))
		if len(secret) < minBase64 {
			continue
		}
		out = append(out, enc.WithPadding(base64.NoPadding).EncodeToString([]byte(secret)))
		for offset := range 3 {
			out = append(out, inside(enc, secret, offset))
		}
	}
	return out
}

// inside is the part of a base64 text that a secret alone decides when offset bytes (modulo 3) stand before it and
// anything after it.
func inside(enc *base64.Encoding, secret string, offset int) string {
	padded := append(make([]byte, offset), secret...)
	whole := len(padded) / 3 * 3
	digits := enc.EncodeToString(padded[:whole])
	skip := 0
	if offset > 0 {
		skip = 4
	}
	return digits[skip:]
}

func jsonText(secret string, escapeHTML bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	if enc.Encode(secret) != nil {
		return secret
	}
	return strings.Trim(strings.TrimSpace(b.String()), `"`)
}
