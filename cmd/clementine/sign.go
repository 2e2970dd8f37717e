package main

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/clementine-ope/clementine/reports/bundle"
)

type reportKeygen struct {
	langFlag
	Name string `arg:"" help:"NAME of the pair: NAME.key (keep it secret) and NAME.pub (give it to those who verify)."`
}

// Help is shown by --help.
func (reportKeygen) Help() string {
	return `Makes an Ed25519 key pair as PEM files, PKCS #8 and PKIX, as openssl reads and writes them. NAME.key can be read by you
alone; files that are there already are never overwritten.

Examples:

  clementine report keygen orange-onboarding
  clementine report keygen partner --lang fr`
}

// Run writes the two files.
func (c reportKeygen) Run(t *terminal) error {
	private, public, id, err := bundle.GenerateKey()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{{c.Name + ".key", private, 0o600}, {c.Name + ".pub", public, 0o644}} {
		if err := writeNew(f.name, f.text, f.mode); err != nil {
			return err
		}
	}
	t.printf("%s.key and %s.pub written: key %s\n", c.Name, c.Name, id)
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) // #nosec G304 -- the operator names the file
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already: choose another name, or move it away", name)
	}
	if err != nil {
		return usagef("writing %s: %w", name, reason(err))
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return usagef("writing %s: %w", name, err)
	}
	return nil
}

type reportSign struct {
	langFlag
	Bundle string `arg:"" help:"Bundle to sign, report.clem."`
	Key    string `required:"" placeholder:"FILE" help:"Private key (PEM), such as report keygen makes."`
	DSSE   bool   `name:"dsse" help:"Sign the test result too, as an in-toto statement in a DSSE envelope: test-result.dsse.json in the bundle."`
	Output string `short:"o" placeholder:"FILE" help:"File to write; the bundle itself if it is left out."`
}

// Help is shown by --help.
func (reportSign) Help() string {
	return `Signs the run and every decision of its review so far: sign last. Who signs after somebody else countersigns: the earlier
signature is covered too. A key's own earlier signature is replaced, unless it was countersigned. A bundle that is not as
it was written is not signed (exit code 1).

Examples:

  clementine report sign report.clem --key orange-onboarding.key
  clementine report sign report.clem --key orange-onboarding.key --dsse   # and a statement that supply-chain tools read`
}

// Run signs.
func (c reportSign) Run(t *terminal) error {
	text, err := os.ReadFile(c.Key)
	if err != nil {
		return usagef("opening --key %s: %w", c.Key, reason(err))
	}
	key, err := bundle.ParsePrivateKey(text)
	if err != nil {
		return usagef("--key %s: %w", c.Key, err)
	}
	s, err := t.readBundle(c.Bundle, time.Now())
	if err != nil {
		return err
	}
	if c.DSSE {
		if err := s.bundle.Attest(key); err != nil {
			return cannotJudgef("%s: %w", c.Bundle, err)
		}
	}
	s.bundle.Sign(key)
	if err := t.saveBundle(s, c.Output); err != nil {
		return err
	}
	signed := s.bundle.Signatures[len(s.bundle.Signatures)-1]
	t.warnf("Signed by key %s: the run, decisions: %d, signatures of others: %d\n", signed.KeyID, signed.Decisions, len(signed.Over))
	return nil
}
