package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

const nonce = "K7WQ-2026-11"

var start = time.Date(2026, 3, 5, 9, 30, 0, 0, time.UTC)

func body(text string) *reports.Body {
	return &reports.Body{Text: text, Bytes: int64(len(text)), SHA256: strings.Repeat("0", 64)}
}

// sample is a small run in which one requirement failed and another waits for it.
func sample() reports.Results {
	requirements := []reports.Requirement{
		{ID: "GEN-01", Level: reports.Mandatory, Verdict: reports.Passed, Text: "Ping answers.", Source: "GEN", Scenarios: []string{"a/ping"}},
		{ID: "PO-UC2-02", Level: reports.Mandatory, Verdict: reports.Failed, Text: "Three licences.", Source: "UC2", Scenarios: []string{"a/three"}},
		{ID: "PO-UC3-01", Level: reports.Mandatory, Verdict: reports.Inconclusive, Reason: "waits for PO-UC2-02", Text: "More.", Source: "UC3", Scenarios: []string{"a/more"}},
	}
	var exchanges []reports.Exchange
	for i, text := range []string{"pong", `{"state":"completed"}`, `[{"id":"L-1"},{"id":"L-2"}]`, `{"state":"<failed>"}`, "last"} {
		exchanges = append(exchanges, reports.Exchange{
			ID: i, Direction: reports.OrangeToPartner, Kind: "call", At: start.Add(time.Duration(i) * time.Second), DurationMs: 3,
			Request:  reports.Message{Method: "POST", URL: "http://localhost:8081/order", Headers: map[string][]string{"Accept": {"application/json"}}, Body: body(`{"sent":true}`)},
			Response: reports.Message{Status: 200, Headers: map[string][]string{"Content-Type": {"application/json"}}, Body: body(text)},
		})
	}
	return reports.Results{
		Version: reports.Version, Verdict: reports.VerdictFailed, Mode: "async", Seed: 42, Challenge: nonce, StartedAt: start, DurationMs: 900,
		Suite:   reports.Suite{Name: "clementine", Version: "1", Contract: "mba-2.2", Digest: "sha256:aa", Pack: "sha256:bb"},
		Partner: reports.Partner{Name: "Acme & Söhne", Contract: "MBA-1", BaseURL: "http://localhost:8081"},
		Profile: map[string]any{"offer": "mba2", "limits": map[string]any{"quantity": 100.0}},
		Counts:  reports.Count(requirements), Requirements: requirements, Exchanges: exchanges,
		Scenarios: []reports.Scenario{
			{ID: "a/ping", Feature: "A", Name: "Ping", Requirements: []string{"GEN-01"}, Verdict: reports.Passed, Exchanges: []int{0}},
			{
				ID: "a/three", Feature: "A", Name: "Three", Requirements: []string{"PO-UC2-02"}, Verdict: reports.Failed, Exchanges: []int{1, 2},
				Findings: []reports.Finding{{Requirement: "PO-UC2-02", Expected: "3 licences", Seen: "2 licences", Path: "$", Exchange: 2, Hint: "Create three."}},
				Steps:    []reports.Step{{Text: "three licences", Verdict: reports.Failed}}, Course: []reports.Turn{{Op: "call", Value: 1}, {Op: "call", Value: 2}},
			},
			{ID: "a/more", Feature: "A", Name: "More", Requirements: []string{"PO-UC3-01"}, Verdict: reports.Inconclusive, Exchanges: []int{3, 4}},
		},
	}
}

func packed(t testing.TB, r reports.Results) *bundle.Bundle {
	t.Helper()
	b, err := bundle.New(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reviewed is a bundle with a waiver and an acceptance.
func reviewed(t testing.TB, r reports.Results) *bundle.Bundle {
	t.Helper()
	b := packed(t, r)
	for _, d := range []reports.Decision{
		{Kind: reports.Waive, Requirement: "PO-UC2-02", Until: "2026-12-31", Reason: "next release", By: "A. Reviewer", At: start},
		{Kind: reports.Accept, Reason: "all else passed", By: "A. Reviewer", At: start.Add(time.Hour)},
	} {
		if err := b.Decide(d); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// key is a key pair of its own for each letter.
func key(letter string) (ed25519.PrivateKey, ed25519.PublicKey) {
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat(letter, ed25519.SeedSize)))
	return private, private.Public().(ed25519.PublicKey)
}

func file(t testing.TB, b *bundle.Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t testing.TB, raw []byte) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// entries are those of a bundle's file.
func entries(t testing.TB, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		rd, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(rd); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// zipped is a file of entries, with another method, order and time than ours.
func zipped(t testing.TB, from map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	names := slices.Sorted(maps.Keys(from))
	slices.Reverse(names)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: start})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(from[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// object is a JSON object that a test edits.
type object = map[string]any

// edit decodes an entry, has it changed, and writes it back.
func edit(t testing.TB, in map[string][]byte, name string, change func(object)) {
	t.Helper()
	var v object
	if err := json.Unmarshal(in[name], &v); err != nil {
		t.Fatal(err)
	}
	change(v)
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	in[name] = raw
}

// at follows names and places into decoded JSON.
func at(v any, path ...any) object {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(object)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v.(object)
}
