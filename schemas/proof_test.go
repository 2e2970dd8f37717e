package schemas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
)

func TestProofReadsBack(t *testing.T) {
	t.Parallel()
	want := schemas.Proof{Version: schemas.ProofVersion, Contract: "mba-2.2", Digest: "sha256:0", Faults: []schemas.Fault{
		{Requirement: "GEN-01", Name: "ping-unavailable", Mode: "sync", Verdict: schemas.CaughtByNamed},
		{Requirement: "US-UC4-03", Name: "swap-unlinks-user", Mode: "async", Needs: []string{"changeOffering", "endUser.add"}, Whole: true, Verdict: schemas.NotCaught},
	}}
	var b bytes.Buffer
	if err := schemas.WriteProof(&b, want); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(b.String(), "\n"); !json.Valid(b.Bytes()) || lines != 9 {
		t.Errorf("%d lines, want one for each fault:\n%s", lines, b.String())
	}
	got, err := schemas.ReadProof(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{"version": 2}`, `{}`, `[`} {
		if _, err := schemas.ReadProof(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "proof.json") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The proof names the pack's digest: it can't be part of it, nor of a pack that somebody changes.
func TestProofIsNoPartOfThePack(t *testing.T) {
	t.Parallel()
	files := builtinFiles(t)
	files["proof.json"] = &fstest.MapFile{Data: []byte("another one")}
	p, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if want := builtinPack(t).Digest; p.Digest != want {
		t.Errorf("with another proof the digest is %s, want %s", p.Digest, want)
	}
	dir := filepath.Join(t.TempDir(), "pack")
	if err := schemas.Export(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "proof.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the exported pack has the proof of another one: %v", err)
	}
}
