package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// proofFile stands beside a pack's files and is not part of it.
const proofFile = "proof.json"

// ProofVersion is the version of proof.json.
const ProofVersion = 1

// Proof says which partner faults the suite is known to notice, measured by clementine prove. It holds for one suite.
type Proof struct {
	Version  int     `json:"version"`
	Contract string  `json:"contract"` // name of the pack
	Digest   string  `json:"digest"`   // of the suite: features and pack
	Faults   []Fault `json:"faults"`   // sorted by requirement, name and mode
}

// Fault is one way for a partner to be wrong, in one mode.
type Fault struct {
	Requirement string `json:"requirement"` // the one that it breaks
	Name        string `json:"name"`
	Mode        string `json:"mode"` // sync | async
	// Needs are the features, triggers and other things that a profile must declare for it to show (profile.Meets).
	Needs []string `json:"needs,omitempty"`
	// Whole says that only a run of the whole suite shows it.
	Whole   bool   `json:"whole,omitempty"`
	Verdict string `json:"verdict"` // caught-by-named | caught-by-another | missed | n/a
}

// The verdicts on a fault.
const (
	CaughtByNamed   = "caught-by-named"
	CaughtByAnother = "caught-by-another"
	NotCaught       = "missed"
	NotApplicable   = "n/a"
)

// BuiltinProof is what is known of the suite with the built-in pack.
func BuiltinProof() (Proof, error) {
	data, err := embedded.ReadFile(builtinFolder + "/" + proofFile)
	if err != nil {
		return Proof{}, fmt.Errorf("read %s: %w", proofFile, err)
	}
	return ReadProof(bytes.NewReader(data))
}

// ReadProof reads proof.json. Its version must be known.
func ReadProof(r io.Reader) (Proof, error) {
	var p Proof
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return Proof{}, fmt.Errorf("read %s: %w", proofFile, err)
	}
	if p.Version != ProofVersion {
		return Proof{}, fmt.Errorf("read %s: version %d is not known, only %d is", proofFile, p.Version, ProofVersion)
	}
	return p, nil
}

// WriteProof writes proof.json, a line for each fault, so that a change of one is a change of one line.
func WriteProof(w io.Writer, p Proof) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"version\": %d,\n  \"contract\": %q,\n  \"digest\": %q,\n  \"faults\": [", ProofVersion, p.Contract, p.Digest)
	for i, f := range p.Faults {
		line, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("write %s: %w", proofFile, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line)
	}
	b.WriteString("\n  ]\n}\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", proofFile, err)
	}
	return nil
}
