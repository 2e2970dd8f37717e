// Package bundle packs a run so that somebody else can judge it again: report.clem, a zip file of the results with their
// recording, the profile, a hash chain over the exchanges, what reviewers decided, and signatures.
//
// It owns the format, its checks and what each of them proves. It does not replay: that is steps.Rejudge.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/clementine-ope/clementine/reports"
)

// FileName is the name of the bundle among the reports of a run.
const FileName = "report.clem"

// Version is the version of the format.
const Version = 1

const format = "clementine bundle"

// Manifest says what the bundle holds. It is the one entry that a signature covers directly; it names all else.
type Manifest struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Header  Header `json:"header"`
	// Contents are the digests of the other entries of the run, "sha256:…" by name.
	Contents map[string]string `json:"contents"`
	Chain    Chain             `json:"chain"`
}

// Header says of which run the exchanges are. The chain begins with it.
type Header struct {
	Partner   reports.Partner `json:"partner"`
	Suite     reports.Suite   `json:"suite"` // with the digests of suite and contract pack
	Mode      string          `json:"mode"`
	Selection string          `json:"selection"`
	Seed      uint64          `json:"seed"`
	Challenge string          `json:"challenge"`
	StartedAt time.Time       `json:"startedAt"`
	Verdict   string          `json:"verdict"`
	Counts    reports.Counts  `json:"counts"`
	Scenarios int             `json:"scenarios"`
	Exchanges int             `json:"exchanges"`
	Profile   string          `json:"profile"` // digest of the profile, "sha256:…"
	Rest      string          `json:"rest"`    // digest of results.json without its exchanges, "sha256:…"
}

// Chain links the exchanges: the first link is over the genesis and the first exchange, each other over the link before
// it and its exchange. All are SHA-256, in hexadecimal.
type Chain struct {
	Genesis string   `json:"genesis"` // over the header
	Links   []string `json:"links"`   // one for each exchange, in order
	Head    string   `json:"head"`    // the last link; the genesis where there is no exchange
}

// Bundle is a run that was packed, with all that came to it since.
type Bundle struct {
	Manifest   Manifest
	Signatures []Signature
	// Unknown names the entries of the file that are no part of a bundle; they are not read, and proven by nothing.
	Unknown []string

	entries   map[string][]byte // the run's, as they are in the file
	decisions []decided
	envelope  *dsse.Envelope // nil where nobody has attested
	results   reports.Results
	broken    error // why results.json can't be read; nil where it can
}

// New packs the results of a run. The review in them, if any, is left out: decisions are made on the bundle.
func New(r reports.Results) (*Bundle, error) {
	r.Review = nil
	if r.Profile == nil {
		r.Profile = map[string]any{}
	}
	var file bytes.Buffer
	if err := reports.Write(&file, r); err != nil {
		return nil, fmt.Errorf("pack the results: %w", err)
	}
	profile, err := indented(r.Profile)
	if err != nil {
		return nil, fmt.Errorf("pack the profile: %w", err)
	}
	parts, err := split(file.Bytes())
	if err != nil {
		return nil, fmt.Errorf("pack the results: %w", err)
	}
	m := Manifest{Format: format, Version: Version, Header: headerOf(r, parts), Contents: map[string]string{
		resultsName: digest(file.Bytes()), profileName: digest(profile),
	}}
	header, err := canonicalOf(m.Header)
	if err != nil {
		return nil, fmt.Errorf("pack the header: %w", err)
	}
	m.Chain = chainOf(header, parts.exchanges)
	raw, err := indented(m)
	if err != nil {
		return nil, fmt.Errorf("pack the manifest: %w", err)
	}
	entries := map[string][]byte{manifestName: raw, resultsName: file.Bytes(), profileName: profile}
	return open(entries)
}

// open makes a bundle of its entries.
func open(entries map[string][]byte) (*Bundle, error) {
	b := &Bundle{entries: entries}
	if err := json.Unmarshal(entries[manifestName], &b.Manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	switch m := b.Manifest; {
	case m.Format != format:
		return nil, fmt.Errorf("%s: format is %q, not %q", manifestName, m.Format, format)
	case m.Version != Version:
		return nil, fmt.Errorf("%s: version %d is not known, only %d is", manifestName, m.Version, Version)
	}
	if err := b.readDecisions(); err != nil {
		return nil, err
	}
	if err := b.readSignatures(); err != nil {
		return nil, err
	}
	if err := b.readEnvelope(); err != nil {
		return nil, err
	}
	b.results, b.broken = reports.Read(bytes.NewReader(entries[resultsName]))
	return b, nil
}

// Results are the results of the run as they are in the bundle, without the review. An error says why they can't be read.
func (b *Bundle) Results() (reports.Results, error) { return b.results, b.broken }

// Reviewed are the results with what reviewers decided, as it stands at that moment.
func (b *Bundle) Reviewed(now time.Time) (reports.Results, error) {
	r := b.results
	r.Review = nil
	if len(b.decisions) > 0 {
		r.Review = &reports.Review{Day: reports.Day(now), Decisions: b.Decisions()}
		for _, s := range b.Signatures {
			if s.Decisions == len(b.decisions) && b.holds(s) && b.countersigned(s) {
				r.Review.Signers = append(r.Review.Signers, s.KeyID)
			}
		}
	}
	return r, b.broken
}

// headerOf is the header that results lead to.
func headerOf(r reports.Results, p parts) Header {
	return Header{
		Partner: r.Partner, Suite: r.Suite, Mode: r.Mode, Selection: r.Selection, Seed: r.Seed, Challenge: r.Challenge, StartedAt: r.StartedAt,
		Verdict: r.Verdict, Counts: reports.Count(r.Requirements), Scenarios: len(r.Scenarios), Exchanges: len(p.exchanges),
		Profile: digest(p.profile), Rest: digest(p.rest),
	}
}

// parts are what results.json holds, each in its canonical spelling. Members that this version does not know count too.
type parts struct {
	exchanges [][]byte
	profile   []byte
	rest      []byte // all but the exchanges
}

func split(results []byte) (parts, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(results, &members); err != nil {
		return parts{}, err
	}
	var exchanges []json.RawMessage
	if err := json.Unmarshal(members["exchanges"], &exchanges); err != nil {
		return parts{}, fmt.Errorf("exchanges: %w", err)
	}
	var p parts
	for _, e := range exchanges {
		raw, err := canonical(e)
		if err != nil {
			return parts{}, err
		}
		p.exchanges = append(p.exchanges, raw)
	}
	delete(members, "exchanges")
	var err error
	if p.profile, err = canonicalOf(members["profile"]); err != nil {
		return parts{}, err
	}
	p.rest, err = canonicalOf(members)
	return p, err
}

// canonical is a JSON value in one spelling: members sorted by name, no spaces, no needless escapes, numbers as they are
// written. A file that was only spelled anew keeps its chain; that it was spelled anew shows in its digest.
func canonical(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// canonicalOf is what a value of ours is written as.
func canonicalOf(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return canonical(raw)
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func digest(b []byte) string { return "sha256:" + hash(b) }

func hash(chunks ...[]byte) string {
	h := sha256.New()
	for _, c := range chunks {
		h.Write(c)
	}
	return hex.EncodeToString(h.Sum(nil))
}
