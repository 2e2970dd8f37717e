package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/url"
)

// login is a pair of credentials as they may have been meant.
type login struct{ id, secret string }

// authenticate returns the client that one of the readings names, or nil. It takes the same time for a wrong secret
// and for an unknown client.
func authenticate(find finder, readings []login) *entry {
	var found *entry
	for _, l := range readings {
		e, known := find(l.id), false
		digest := sha256.Sum256(nil)
		if e != nil && !e.Removed {
			known, digest = true, e.SecretDigest
		}
		if given := sha256.Sum256([]byte(l.secret)); subtle.ConstantTimeCompare(given[:], digest[:]) == 1 && known {
			found = e
		}
	}
	return found
}

// readings are the two ways in which clients write Basic credentials: form-encoded as RFC 6749, section 2.3.1 wants
// it, and plain as many do it.
func readings(id, secret string) []login {
	out := []login{{id, secret}}
	decodedID, err := url.QueryUnescape(id)
	if err != nil {
		return out
	}
	decodedSecret, err := url.QueryUnescape(secret)
	if err != nil {
		return out
	}
	return append(out, login{decodedID, decodedSecret})
}
