package profile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
)

func TestYAMLThatIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"not YAML", "a: [", "p.yaml:1: is not YAML"},
		{"key twice", minimal + "mode: async\n", `p.yaml:5: is not YAML: mapping key "mode" already defined`},
		{"anchor", "a: &x 1\nb: *x\n", "p.yaml:1: anchors, aliases and merge keys are not supported"},
		{"two documents", minimal + "---\n" + minimal, "p.yaml:6: a second document starts here"},
		{"too large", strings.Repeat("#", 1<<20) + "\n", "p.yaml: is larger than 1048576 bytes"},
		{"too many settings", strings.Repeat("a: b\n", 100_000), "p.yaml:16667: is too long for a profile"},
		{"nested flow", strings.Repeat("[", 10_000), "p.yaml:1: is nested deeper than 40"},
		{"nested blocks", strings.Repeat("- ", 10_000) + "a", "p.yaml:1: is nested deeper than 40"},
		{"numeric key", "1: a\n", "p.yaml:1: the name of a setting must be text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.Parse("p.yaml", []byte(tt.yaml), environment())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("says %v, want %q", err, tt.want)
			}
		})
	}
}

func TestEnvironmentFillsIn(t *testing.T) {
	t.Parallel()
	text := minimal + `auth: {type: bearer, token: "${TOKEN}"}
baseURL: http://${HOST}:${PORT}/api
concurrency: ${PARALLEL}
features: {endUser: "${USERS}"}
triggers:
  endUser.add: {http: {url: "${TOOL}/{licence}", body: "$${NOT_READ}"}}
`
	p, err := profile.Parse("p.yaml", []byte(text), environment(
		"TOKEN", "a: b # \"c\"\n- d", "HOST", "partner.example", "PORT", "8443", "PARALLEL", "16", "USERS", "true",
		"TOOL", "https://tool.example"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Auth.Token != "a: b # \"c\"\n- d" {
		t.Errorf("token is %q", p.Auth.Token)
	}
	if p.BaseURL != "http://partner.example:8443/api" || p.Concurrency != 16 || !p.Features.EndUser {
		t.Errorf("read as %q, %d, %t", p.BaseURL, p.Concurrency, p.Features.EndUser)
	}
	if h := p.Triggers[profile.TriggerEndUserAdd].HTTP; h.URL != "https://tool.example/{licence}" || h.Body != "${NOT_READ}" {
		t.Errorf("trigger reads as %+v", h)
	}
	_, err = profile.Parse("p.yaml", []byte(minimal+"auth:\n  type: bearer\n  token: ${TOKEN}\n"), environment())
	want := "p.yaml:7: the environment variable TOKEN is not set, or is empty"
	if err == nil || err.Error() != want {
		t.Errorf("says %v, want %q", err, want)
	}
}

func TestLoadResolvesPathsFromTheProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "partner.yaml")
	text := minimal + "auth: {type: mtls, cert: tls/orange.pem, key: /etc/orange.key}\ntls: {ca: ca.pem}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Load(path, environment())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{p.Auth.Cert, p.Auth.Key, p.TLS.CA}
	want := []string{filepath.Join(dir, "tls", "orange.pem"), "/etc/orange.key", filepath.Join(dir, "ca.pem")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = profile.Load(filepath.Join(dir, "none.yaml"), environment())
	if err == nil || !strings.Contains(err.Error(), "none.yaml: opening the profile: no such file") {
		t.Errorf("a missing file says %v", err)
	}
}

func TestDurationRoundTrip(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(profile.Delays{Answer: profile.Duration(90 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	var back profile.Delays
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"answer":"1m30s"`) || back.Answer.D() != 90*time.Second {
		t.Errorf("90 s is written %s and read %v", data, back.Answer)
	}
}

func TestExampleProfilesAreValid(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "profile.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no example profiles: %v", err)
	}
	for _, path := range paths {
		if _, err := profile.Load(path, environment()); err != nil {
			t.Error(err)
		}
	}
}
