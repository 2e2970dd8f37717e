package bundle

import (
	"errors"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/reports"
)

// The types of the statement, as in-toto names them.
const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// Statement is an in-toto statement (v1) that the run came to a test result (predicate v0.1): what supply-chain tools
// read. Its subject is the manifest, which names all of the run.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     TestResult `json:"predicate"`
}

// Resource is in-toto's descriptor of something that has a digest.
type Resource struct {
	Name        string            `json:"name"`
	Digest      map[string]string `json:"digest"` // "sha256": hexadecimal
	Annotations map[string]string `json:"annotations,omitempty"`
}

// TestResult is in-toto's test-result. Its tests are the requirements that came to a verdict, by id.
type TestResult struct {
	Result        string     `json:"result"` // PASSED | WARNED | FAILED
	Configuration []Resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"`
	FailedTests   []string   `json:"failedTests"`
}

// Statement is what the run states. A run that could not be judged, or was interrupted, states nothing: the predicate
// knows passed, warned and failed alone.
func (b *Bundle) Statement() (Statement, error) {
	r, err := b.Results()
	switch {
	case err != nil:
		return Statement{}, err
	case r.Interrupted:
		return Statement{}, errors.New("an interrupted run has no test result to state")
	case reports.ExitCode(r) > 1:
		return Statement{}, errors.New("a run that could not be judged has no test result to state")
	}
	h := b.Manifest.Header
	about := map[string]string{
		"partner": h.Partner.Name, "contract": h.Partner.Contract, "baseURL": h.Partner.BaseURL, "mode": h.Mode, "startedAt": rfc3339(h.StartedAt),
		"challenge": h.Challenge, "selection": h.Selection,
	}
	s := Statement{
		Type: statementType, PredicateType: predicateType,
		Subject: []Resource{described(manifestName, digest(b.entries[manifestName]), about)},
		Predicate: TestResult{
			Configuration: []Resource{
				described(profileName, b.Manifest.Contents[profileName], nil),
				described("suite", h.Suite.Digest, map[string]string{"name": h.Suite.Name, "version": h.Suite.Version}),
				described("contract pack", h.Suite.Pack, map[string]string{"contract": h.Suite.Contract}),
			},
			PassedTests: idsOf(r, reports.Passed), WarnedTests: idsOf(r, reports.Warning), FailedTests: idsOf(r, reports.Failed),
		},
	}
	s.Predicate.Configuration = slices.DeleteFunc(s.Predicate.Configuration, func(r Resource) bool { return r.Digest["sha256"] == "" })
	switch {
	case reports.ExitCode(r) == 1:
		s.Predicate.Result = "FAILED"
	case len(s.Predicate.WarnedTests) > 0:
		s.Predicate.Result = "WARNED"
	default:
		s.Predicate.Result = "PASSED"
	}
	return s, nil
}

func described(name, digest string, about map[string]string) Resource {
	out := Resource{Name: name, Digest: map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}
	for key, value := range about {
		if value != "" {
			if out.Annotations == nil {
				out.Annotations = map[string]string{}
			}
			out.Annotations[key] = value
		}
	}
	return out
}

func idsOf(r reports.Results, v reports.Verdict) []string {
	out := []string{}
	for _, q := range r.Requirements {
		if q.Verdict == v {
			out = append(out, q.ID)
		}
	}
	return out
}
