package prove_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/reports"
)

var update = flag.Bool("update", false, "write the golden files anew")

func matrix() prove.Matrix {
	return prove.Matrix{
		Version: prove.Version, Suite: prove.Suite{Version: "v1", Contract: "mba-2.2", Digest: "sha256:0"},
		StartedAt: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), DurationMs: 61234,
		Summary: prove.Summary{
			Names: 3, Defects: 5, Caught: 2, Elsewhere: 1, Missed: 1, NotApplicable: 1, AlsoFailed: 2,
			VariantNames: 1, Variants: 2, Green: 1, FalseAlarms: 1, HostileNames: 2, Hostile: 2, NotEnded: 1,
		},
		Defects: []prove.DefectRow{
			{Name: "ping-down", Mode: profile.Sync, Family: "service", Requirement: "GEN-01", How: "It is behind a login.", Outcome: prove.Caught, DurationMs: 12},
			{Name: "ping-down", Mode: profile.Async, Family: "service", Requirement: "GEN-01", How: "It is behind a login.", Outcome: prove.Caught,
				By: []string{"GEN-03"}, Warned: []string{"GEN-04"}, Inconclusive: []string{"INT-01"}, DurationMs: 13},
			{Name: "one-licence-short", Mode: profile.Sync, Family: "counts", Requirement: "PO-UC2-02", How: "A loop ends <early>.", Outcome: prove.Elsewhere,
				Needs: []string{"endUser.add"}, By: []string{"GEN-05"}, Reason: "passed", Whole: true, DurationMs: 14},
			{Name: "one-licence-short", Mode: profile.Async, Family: "counts", Requirement: "PO-UC2-02", How: "A loop ends <early>.", Outcome: prove.Missed, Reason: "passed", Whole: true},
			{Name: "resource-lost", Mode: profile.Async, Family: "resources", Requirement: "PO-UC2-08", How: "It is optional.", Outcome: prove.NotApplicable,
				Reason: "feature realizingResource is not declared"},
		},
		Variants: []prove.VariantRow{
			{Name: "ids-uuid", Mode: profile.Sync, Why: "Ids are opaque.", Outcome: prove.Green, DurationMs: 15},
			{Name: "ids-uuid", Mode: profile.Async, Why: "Ids are opaque.", Outcome: prove.FalseAlarm, Alarms: []prove.Alarm{
				{Requirement: "GEN-05", Verdict: reports.Failed, Scenario: "whole_run/ids", Expected: "ids", Seen: "<script>alert(1)</script>" + strings.Repeat("é", 100)},
				{Seen: "could not judge (partner): it is \x1b[31mgone"},
			}},
		},
		Hostile: []prove.HostileRow{
			{Name: "endless-body", Mode: profile.Sync, What: "Each answer never ends.", Outcome: prove.Ended, ExitCode: 1, Said: "failed", DurationMs: 1520},
			{Name: "silence", Mode: profile.Async, What: "It says nothing.", Outcome: prove.NotEnded, Said: "no verdict within 1m0s", DurationMs: 60000},
		},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func requirementText(id string) string { return "The text of " + id + "." }

func TestRenderings(t *testing.T) {
	t.Parallel()
	m := matrix()
	var short, all, page, document bytes.Buffer
	for _, err := range []error{
		prove.Text(&short, m, false), prove.Text(&all, m, true), prove.HTML(&page, m, requirementText), prove.JSON(&document, m),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "short.txt", short.Bytes())
	golden(t, "all.txt", all.Bytes())
	golden(t, "prove.html", page.Bytes())
	golden(t, "prove.json", document.Bytes())
	if bytes.Contains(page.Bytes(), []byte("<script")) {
		t.Error("what a partner said runs in the page")
	}
	var again prove.Matrix
	if err := json.Unmarshal(document.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, again); diff != "" {
		t.Errorf("prove.json loses: %s", diff)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRenderingsSayWhatFailed(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"text": prove.Text(full{}, matrix(), true), "html": prove.HTML(full{}, matrix(), requirementText), "json": prove.JSON(full{}, matrix()),
	} {
		if err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
