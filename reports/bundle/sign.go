package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// mostSignatures is how many a bundle may have: each is looked for under every other.
const mostSignatures = 100

// signatureFile is signatures.json.
type signatureFile struct {
	Version    int         `json:"version"`
	Signatures []Signature `json:"signatures"`
}

// Signature is an Ed25519 signature over the manifest, and over the decisions and the signatures of others that there were
// when it was made.
type Signature struct {
	KeyID     string   `json:"keyID"`          // see KeyID
	PublicKey []byte   `json:"publicKey"`      // 32 bytes; it says who signed only to those who know the key from elsewhere
	Decisions int      `json:"decisions"`      // how many of them it covers
	Over      []string `json:"over,omitempty"` // the digests of the signatures that it countersigns, "sha256:…"
	Value     []byte   `json:"value"`
}

// digest names a signature for those that countersign it.
func (s Signature) digest() string { return "sha256:" + hash(s.PublicKey, s.Value) }

func (b *Bundle) readSignatures() error {
	raw, there := b.entries[signaturesName]
	if !there {
		return nil
	}
	delete(b.entries, signaturesName)
	var f signatureFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("%s: %w", signaturesName, err)
	}
	if f.Version != Version {
		return fmt.Errorf("%s: version %d is not known, only %d is", signaturesName, f.Version, Version)
	}
	if len(f.Signatures) > mostSignatures {
		return fmt.Errorf("%s: %d signatures are more than %d", signaturesName, len(f.Signatures), mostSignatures)
	}
	for i, s := range f.Signatures {
		if len(s.PublicKey) != ed25519.PublicKeySize {
			return fmt.Errorf("%s: signature %d: publicKey has %d bytes, not %d", signaturesName, i+1, len(s.PublicKey), ed25519.PublicKeySize)
		}
	}
	b.Signatures = f.Signatures
	return nil
}

// Sign signs the run, every decision so far, and what others have signed. A key's earlier signature is replaced, unless
// somebody has countersigned it.
func (b *Bundle) Sign(key ed25519.PrivateKey) {
	public, _ := key.Public().(ed25519.PublicKey) // it can be nothing else
	var under []string
	for _, other := range b.Signatures {
		under = append(under, other.Over...)
	}
	b.Signatures = slices.DeleteFunc(b.Signatures, func(s Signature) bool { return bytes.Equal(s.PublicKey, public) && !slices.Contains(under, s.digest()) })
	s := Signature{KeyID: KeyID(public), PublicKey: public, Decisions: len(b.decisions)}
	for _, other := range b.Signatures {
		if !bytes.Equal(other.PublicKey, public) {
			s.Over = append(s.Over, other.digest())
		}
	}
	s.Value = ed25519.Sign(key, b.signed(s))
	b.Signatures = append(b.Signatures, s)
}

// signed are the bytes of a signature: the manifest, which names all of the run, the review so far, and the signatures
// that it countersigns.
func (b *Bundle) signed(s Signature) []byte {
	out := fmt.Appendf(nil, "clementine signature 1\nmanifest %s\nreview %d %s\n", digest(b.entries[manifestName]), s.Decisions, b.reviewHead(s.Decisions))
	for _, other := range s.Over {
		out = fmt.Appendf(out, "over %s\n", other)
	}
	return out
}

// countersigned reports whether the signatures that s is over are all there.
func (b *Bundle) countersigned(s Signature) bool {
	for _, over := range s.Over {
		if !slices.ContainsFunc(b.Signatures, func(other Signature) bool { return other.digest() == over }) {
			return false
		}
	}
	return true
}

// holds reports whether s is a signature of this bundle by the key that it names.
func (b *Bundle) holds(s Signature) bool {
	return s.Decisions >= 0 && s.Decisions <= len(b.decisions) && s.KeyID == KeyID(s.PublicKey) &&
		ed25519.Verify(s.PublicKey, b.signed(s), s.Value)
}

// KeyID is the short name of a public key: the beginning of its SHA-256.
func KeyID(public ed25519.PublicKey) string { return hash(public)[:16] }

// GenerateKey makes a key pair as PEM files hold it: PKCS #8 and PKIX.
func GenerateKey() (private, public []byte, id string, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, "", fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, "", fmt.Errorf("make a key: %w", err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, "", fmt.Errorf("make a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateType, Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: publicType, Bytes: pubDER}), KeyID(pub), nil
}

// The types of PEM blocks (RFC 7468).
const (
	privateType = "PRIVATE KEY"
	publicType  = "PUBLIC KEY"
)

// ParsePrivateKey reads an Ed25519 key from PEM (PKCS #8).
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	der, err := block(text, privateType)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("it is a key of another kind (%T), not Ed25519", parsed)
	}
	return key, nil
}

// ParsePublicKey reads an Ed25519 key from PEM (PKIX).
func ParsePublicKey(text []byte) (ed25519.PublicKey, error) {
	der, err := block(text, publicType)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("it is a key of another kind (%T), not Ed25519", parsed)
	}
	return key, nil
}

func block(text []byte, kind string) ([]byte, error) {
	b, _ := pem.Decode(text)
	switch {
	case b == nil:
		return nil, errors.New("it is no PEM file")
	case b.Type != kind:
		return nil, fmt.Errorf("it holds a %s, not a %s", b.Type, kind)
	}
	return b.Bytes, nil
}
