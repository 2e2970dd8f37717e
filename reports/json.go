package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxBytes bounds results.json on reading: 64 MiB, some fifty times a whole run.
const MaxBytes = 64 << 20

// Write writes results.json: indented, lists never null, the same bytes for the same results.
func Write(w io.Writer, r Results) error {
	r = filled(r)
	exchanges := r.Exchanges
	r.Exchanges = []Exchange{}
	out := bufio.NewWriter(w)
	err := writeAround(out, r, exchanges)
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// writeAround writes the exchanges into their place in the rest, one at a time: the encoder keeps a whole value in
// memory, twice, and a hostile partner sees to it that the exchanges are large.
func writeAround(w *bufio.Writer, rest Results, exchanges []Exchange) error {
	text, err := indented(rest, "")
	if err != nil {
		return err
	}
	// In indented JSON a line begins like this in one place only: no string holds a line break.
	before, after, found := bytes.Cut(text, []byte("\n  \"exchanges\": []"))
	if !found {
		return errors.New("the results have no exchanges")
	}
	_, _ = w.Write(before) // a bufio.Writer keeps its first error for Flush
	_, _ = w.WriteString("\n  \"exchanges\": [")
	for i, e := range exchanges {
		text, err := indented(e, "    ")
		if err != nil {
			return err
		}
		if i > 0 {
			_ = w.WriteByte(',')
		}
		_, _ = w.WriteString("\n    ")
		_, _ = w.Write(bytes.TrimSuffix(text, []byte("\n")))
	}
	if len(exchanges) > 0 {
		_, _ = w.WriteString("\n  ")
	}
	_ = w.WriteByte(']')
	_, _ = w.Write(after)
	return nil
}

func indented(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// Read reads results.json and checks it: its version, its verdicts and levels, and that every id it mentions exists.
// An error names the member that is wrong.
func Read(rd io.Reader) (Results, error) {
	raw, err := io.ReadAll(io.LimitReader(rd, MaxBytes+1))
	if err != nil {
		return Results{}, fmt.Errorf("read results: %w", err)
	}
	if len(raw) > MaxBytes {
		return Results{}, fmt.Errorf("read results: longer than %d MiB", MaxBytes>>20)
	}
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return Results{}, fmt.Errorf("read results: %w", located(raw, err))
	}
	switch {
	case head.Version == nil:
		return Results{}, errors.New("read results: version is missing: this is no results.json")
	case *head.Version != Version:
		return Results{}, fmt.Errorf("read results: version %d is not known, only %d is", *head.Version, Version)
	}
	var r Results
	if err := json.Unmarshal(raw, &r); err != nil {
		return Results{}, fmt.Errorf("read results: %w", located(raw, err))
	}
	if err := check(r); err != nil {
		return Results{}, fmt.Errorf("read results: %w", err)
	}
	return r, nil
}

// located adds the line to an error of encoding/json.
func located(raw []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", lineAt(raw, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s must be %s, not %s", lineAt(raw, kind.Offset), kind.Field, kind.Type, kind.Value)
	}
	return err
}

func lineAt(raw []byte, offset int64) int {
	if offset > int64(len(raw)) {
		offset = int64(len(raw))
	}
	return 1 + bytes.Count(raw[:offset], []byte{'\n'})
}

// filled returns r with an empty list wherever r has none, so that a reader finds an array in every case.
func filled(r Results) Results {
	if r.Profile == nil {
		r.Profile = map[string]any{}
	}
	r.Requirements = append([]Requirement{}, r.Requirements...)
	for i, q := range r.Requirements {
		r.Requirements[i].Scenarios = orEmpty(q.Scenarios)
	}
	r.Scenarios = append([]Scenario{}, r.Scenarios...)
	for i, s := range r.Scenarios {
		s.Requirements, s.Findings, s.Notes = orEmpty(s.Requirements), orEmpty(s.Findings), orEmpty(s.Notes)
		s.Steps, s.Exchanges = orEmpty(s.Steps), orEmpty(s.Exchanges)
		r.Scenarios[i] = s
	}
	r.Exchanges = orEmpty(r.Exchanges)
	return r
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
