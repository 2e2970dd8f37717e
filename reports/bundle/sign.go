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

// signatureFile is signatures.json.
type signatureFile struct {
	Version    int         `json:"version"`
	Signatures []Signature `json:"signatures"`
}

// Signature is an Ed25519 signature over the manifest and the decisions that there were when it was made.
type Signature struct {
	KeyID     string `json:"keyID"`     // see KeyID
	PublicKey []byte `json:"publicKey"` // 32 bytes; it says who signed only to those who know the key from elsewhere
	Decisions int    `json:"decisions"` // how many of them it covers
	Value     []byte `json:"value"`
}

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
	for i, s := range f.Signatures {
		if len(s.PublicKey) != ed25519.PublicKeySize {
			return fmt.Errorf("%s: signature %d: publicKey has %d bytes, not %d", signaturesName, i+1, len(s.PublicKey), ed25519.PublicKeySize)
		}
	}
	b.Signatures = f.Signatures
	return nil
}

// Sign signs the run and every decision so far. A key's earlier signature is replaced.
func (b *Bundle) Sign(key ed25519.PrivateKey) {
	public, _ := key.Public().(ed25519.PublicKey) // it can be nothing else
	n := len(b.decisions)
	b.Signatures = slices.DeleteFunc(b.Signatures, func(s Signature) bool { return bytes.Equal(s.PublicKey, public) })
	b.Signatures = append(b.Signatures, Signature{KeyID: KeyID(public), PublicKey: public, Decisions: n, Value: ed25519.Sign(key, b.statement(n))})
}

// statement is what is signed: the manifest, which names all of the run, and the review so far.
func (b *Bundle) statement(decisions int) []byte {
	return fmt.Appendf(nil, "clementine signature 1\nmanifest %s\nreview %d %s\n", digest(b.entries[manifestName]), decisions, b.reviewHead(decisions))
}

// holds reports whether s is a signature of this bundle by the key that it names.
func (b *Bundle) holds(s Signature) bool {
	return s.Decisions >= 0 && s.Decisions <= len(b.decisions) && s.KeyID == KeyID(s.PublicKey) &&
		ed25519.Verify(s.PublicKey, b.statement(s.Decisions), s.Value)
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
