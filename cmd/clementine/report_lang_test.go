package main_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// A run in one language is read in another: labels and clauses follow, what the partner said does not.
func TestReportInAnotherLanguage(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	args := append([]string{"run", "--out", out, "--only", "GEN-01"}, referencePartner(t, "sync")...)
	if got := command(t, nil, "", args...); got.code != 0 {
		t.Fatalf("exit %d: %s", got.code, got.errOut)
	}
	file := filepath.Join(out, "results.json")
	for lang, wants := range map[string][]string{
		"fr": {`<html lang="fr">`, "GET ping répond HTTP 200.", "conforme"},
		"en": {`<html lang="en">`, "GET ping answers HTTP 200.", "passed"},
	} {
		page := command(t, nil, "", "report", "html", "--lang", lang, file).out
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in the page", lang, want)
			}
		}
	}
	if text := command(t, nil, "", "report", "text", "--lang", "fr", file).out; !strings.Contains(text, "CONFORME") {
		t.Errorf("the text is not French: %s", text)
	}
}

// So are the annotations of a CI job.
func TestAnnotationsInFrench(t *testing.T) {
	t.Parallel()
	wrong := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(wrong.Close)
	out := t.TempDir()
	args := append([]string{"run", "--out", out, "--only", "GEN-01"}, referencePartner(t, "sync")...)
	if got := command(t, nil, "", append(args, "--partner", wrong.URL)...); got.code != 1 {
		t.Fatalf("exit %d: %s", got.code, got.errOut)
	}
	file := filepath.Join(out, "results.json")
	for host, want := range map[string]string{"github": "GET ping répond HTTP 200.::attendu HTTP 200, constaté HTTP 404", "gitlab": "GET ping répond HTTP 200."} {
		if got := command(t, nil, "", "report", "annotations", "--for", host, "--lang", "fr", file); !strings.Contains(got.out, want) || strings.Contains(got.out, "answers") {
			t.Errorf("%s: %s%s", host, got.out, got.errOut)
		}
	}
}
