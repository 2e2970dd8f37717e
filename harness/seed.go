package harness

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// seed derives everything arbitrary in a run: two runs with one seed, and one challenge, send the same ids.
type seed struct {
	number uint64
	// challenge is a reviewer's; with it no id could have been known before it was given.
	challenge string
}

// bytes returns 32 bytes that depend on the seed and the labels alone.
func (s seed) bytes(labels ...string) [sha256.Size]byte {
	h := sha256.New()
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], s.number)
	h.Write(b[:])
	if s.challenge != "" {
		h.Write([]byte{1})
		h.Write([]byte(s.challenge))
	}
	for _, l := range labels {
		h.Write([]byte{0})
		h.Write([]byte(l))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// id returns an opaque reference such as "CLM-O-8F3KQ2ZT7A4M".
func (s seed) id(kind string, labels ...string) string {
	sum := s.bytes(append([]string{kind}, labels...)...)
	return "CLM-" + kind + "-" + base32.StdEncoding.EncodeToString(sum[:10])[:14]
}

// below returns a number below n.
func (s seed) below(n uint64, labels ...string) uint64 {
	sum := s.bytes(labels...)
	return binary.BigEndian.Uint64(sum[:8]) % n
}

// siren returns nine digits that satisfy the Luhn check that SIREN numbers carry.
func (s seed) siren(labels ...string) string {
	digits := fmt.Sprintf("%08d", s.below(1e8, append(labels, "siren")...))
	sum := 0
	for i, d := range digits {
		v := int(d - '0')
		if i%2 == 1 {
			v *= 2
			if v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		default:
			dash = true
		}
	}
	return b.String()
}
