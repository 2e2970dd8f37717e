package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
)

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

// onceKey names a write by client, route and key, and its body by a digest that is never cut.
func (r *request) onceKey(key string) (billing.OnceKey, error) {
	if len(key) > maxKey || !printable(key) {
		return billing.OnceKey{}, refuseParameter("Idempotency-Key", fmt.Sprintf("must be at most %d visible characters", maxKey))
	}
	body := r.body
	var compact bytes.Buffer
	// What is no JSON, an import for one, counts as it is.
	if err := json.Compact(&compact, body); err == nil {
		body = compact.Bytes()
	}
	digest := sha256.New()
	fmt.Fprintf(digest, "%q %q %q %q ", r.scope.Digest(), r.url.RawQuery, r.header.Get("If-Match"), r.format)
	digest.Write(body)
	return billing.OnceKey{
		Client: r.client.ID, Route: r.route.method + " " + r.url.Path, Key: key, Body: [32]byte(digest.Sum(nil)),
	}, nil
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
