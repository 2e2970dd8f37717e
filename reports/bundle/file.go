package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// The entries of a bundle.
const (
	manifestName   = "manifest.json"
	resultsName    = "results.json"
	profileName    = "profile.json"
	reviewName     = "review.json"
	signaturesName = "signatures.json"
	statementName  = "test-result.dsse.json"
)

// What a bundle may hold, in bytes: nothing beyond is unpacked.
const (
	MaxBytes    = reports.MaxBytes + 16<<20 // of the file itself
	mostEntries = 200
	smallEntry  = 1 << 20
	middleEntry = 16 << 20
)

// order is the order of the entries in the file, with how large each may be.
func order() []struct {
	name  string
	limit int64
} {
	return []struct {
		name  string
		limit int64
	}{
		{manifestName, middleEntry}, {resultsName, reports.MaxBytes}, {profileName, smallEntry}, {reviewName, smallEntry}, {signaturesName, smallEntry},
		{statementName, smallEntry},
	}
}

// IsBundle reports whether data begins as a zip file does.
func IsBundle(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// Write writes the bundle: the same bytes for the same bundle.
func (b *Bundle) Write(w io.Writer) error {
	entries, err := b.all()
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	z := zip.NewWriter(w)
	for _, e := range order() {
		raw, there := entries[e.name]
		if !there {
			continue
		}
		// The same time always: the same run makes the same file.
		f, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return fmt.Errorf("write bundle: %s: %w", e.name, err)
		}
		if _, err := f.Write(raw); err != nil {
			return fmt.Errorf("write bundle: %s: %w", e.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// all are the entries of the file, with what came to the run.
func (b *Bundle) all() (map[string][]byte, error) {
	out := map[string][]byte{}
	for name, raw := range b.entries {
		out[name] = raw
	}
	if len(b.decisions) > 0 {
		raw, err := indented(reviewFile{Version: Version, Decisions: b.decisions})
		if err != nil {
			return nil, err
		}
		out[reviewName] = raw
	}
	if len(b.Signatures) > 0 {
		raw, err := indented(signatureFile{Version: Version, Signatures: b.Signatures})
		if err != nil {
			return nil, err
		}
		out[signaturesName] = raw
	}
	if b.envelope != nil {
		raw, err := indented(b.envelope)
		if err != nil {
			return nil, err
		}
		out[statementName] = raw
	}
	return out, nil
}

// Read reads a bundle that came from anywhere. It unpacks nothing but the entries that it knows, and no more of them
// than MaxBytes says; an error means that this is no bundle, or not one that can be looked at.
func Read(rd io.Reader) (*Bundle, error) {
	raw, err := io.ReadAll(io.LimitReader(rd, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, fmt.Errorf("read bundle: longer than %d MiB", MaxBytes>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	entries, unknown, err := unpack(z)
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	b, err := open(entries)
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	b.Unknown = unknown
	return b, nil
}

func unpack(z *zip.Reader) (entries map[string][]byte, unknown []string, err error) {
	if len(z.File) > mostEntries {
		return nil, nil, fmt.Errorf("%d entries are more than %d", len(z.File), mostEntries)
	}
	limits := map[string]int64{}
	for _, e := range order() {
		limits[e.name] = e.limit
	}
	entries = map[string][]byte{}
	seen := map[string]bool{}
	for _, f := range z.File {
		limit, known := limits[f.Name]
		switch {
		case !fs.ValidPath(strings.TrimSuffix(f.Name, "/")) || strings.ContainsAny(f.Name, "\\:\x00"):
			return nil, nil, fmt.Errorf("entry %q has no name that a bundle may have", f.Name)
		case seen[f.Name]:
			return nil, nil, fmt.Errorf("entry %s is there twice", f.Name)
		}
		seen[f.Name] = true
		if !known {
			unknown = append(unknown, f.Name)
			continue
		}
		if entries[f.Name], err = readEntry(f, limit); err != nil {
			return nil, nil, fmt.Errorf("entry %s: %w", f.Name, err)
		}
	}
	for _, name := range []string{manifestName, resultsName} {
		if entries[name] == nil {
			return nil, nil, fmt.Errorf("entry %s is missing: this is no bundle of a run", name)
		}
	}
	return entries, unknown, nil
}

// readEntry unpacks an entry. It does not believe the size that the file names.
func readEntry(f *zip.File, limit int64) (raw []byte, err error) {
	rd, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rd.Close()) }()
	if raw, err = io.ReadAll(io.LimitReader(rd, limit+1)); err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("longer than %d MiB", limit>>20)
	}
	return raw, nil
}
