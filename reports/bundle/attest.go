package bundle

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// payloadType says that an envelope holds an in-toto statement.
const payloadType = "application/vnd.in-toto+json"

// Attest signs what the run states, as a DSSE envelope beside the plain signatures. A key's earlier signature of it is
// replaced. An error says why the run states nothing.
func (b *Bundle) Attest(key ed25519.PrivateKey) error {
	s, err := b.Statement()
	if err != nil {
		return err
	}
	payload, err := canonicalOf(s)
	if err != nil {
		return fmt.Errorf("write the statement: %w", err)
	}
	public, _ := key.Public().(ed25519.PublicKey) // it can be nothing else
	signer, err := dsse.NewEnvelopeSigner(dsseKey{public: public, private: key})
	if err != nil {
		return fmt.Errorf("sign the statement: %w", err)
	}
	signed, err := signer.SignPayload(context.Background(), payloadType, payload)
	if err != nil {
		return fmt.Errorf("sign the statement: %w", err)
	}
	if b.envelope != nil && b.envelope.Payload == signed.Payload {
		others := slices.DeleteFunc(slices.Clone(b.envelope.Signatures), func(s dsse.Signature) bool { return s.KeyID == KeyID(public) })
		signed.Signatures = append(others, signed.Signatures...)
	}
	b.envelope = signed
	return nil
}

// dsseKey is an Ed25519 key as the envelope's library takes one.
type dsseKey struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

var _ dsse.SignerVerifier = dsseKey{}

func (k dsseKey) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(k.private, data), nil
}

func (k dsseKey) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(k.public, data, signature) {
		return errors.New("the signature does not hold")
	}
	return nil
}

func (k dsseKey) KeyID() (string, error)   { return KeyID(k.public), nil }
func (k dsseKey) Public() crypto.PublicKey { return k.public }

func (b *Bundle) readEnvelope() error {
	raw, there := b.entries[statementName]
	if !there {
		return nil
	}
	delete(b.entries, statementName)
	var e dsse.Envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("%s: %w", statementName, err)
	}
	if len(e.Signatures) > mostSignatures {
		return fmt.Errorf("%s: %d signatures are more than %d", statementName, len(e.Signatures), mostSignatures)
	}
	b.envelope = &e
	return nil
}

// attestation checks the envelope: it states what this run states, and each signature by a key that is known holds. A key
// is known from the plain signatures, which name theirs, or because it is expected.
func (v *Verification) attestation(b *Bundle, expected []ed25519.PublicKey) {
	if b.envelope == nil {
		return
	}
	if sentence := b.misstated(); sentence != "" {
		v.problem("%s: %s", statementName, sentence)
		return
	}
	known := slices.Clone(expected)
	for _, s := range b.Signatures {
		known = append(known, ed25519.PublicKey(s.PublicKey))
	}
	for _, s := range b.envelope.Signatures {
		i := slices.IndexFunc(known, func(k ed25519.PublicKey) bool { return KeyID(k) == s.KeyID })
		if i < 0 {
			v.Attested = append(v.Attested, Attestation{KeyID: s.KeyID})
			continue
		}
		alone := *b.envelope
		alone.Signatures = []dsse.Signature{s}
		verifier, err := dsse.NewEnvelopeVerifier(dsseKey{public: known[i]})
		if err == nil {
			_, err = verifier.Verify(context.Background(), &alone)
		}
		if err != nil {
			v.problem("%s: the signature by key %s does not hold", statementName, s.KeyID)
			continue
		}
		v.Attested = append(v.Attested, Attestation{KeyID: s.KeyID, PublicKey: known[i]})
	}
	if len(b.envelope.Signatures) == 0 {
		v.problem("%s: nobody has signed it", statementName)
	}
}

// misstated says in what the envelope is not the statement of this run; empty where it is.
func (b *Bundle) misstated() string {
	var stated Statement
	payload, err := b.envelope.DecodeB64Payload()
	switch {
	case b.envelope.PayloadType != payloadType:
		return fmt.Sprintf("the payload is of type %q, not %q", b.envelope.PayloadType, payloadType)
	case err != nil:
		return "the payload is not base64"
	case json.Unmarshal(payload, &stated) != nil:
		return "the payload is no statement"
	}
	is, err := b.Statement()
	if err != nil || !reflect.DeepEqual(stated, is) {
		return "it states something else than this run does"
	}
	return ""
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
