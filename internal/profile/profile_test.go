package profile_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
)

func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestInitIsValid(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := profile.Init(&out); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse("partner.yaml", out.Bytes(), environment())
	if err != nil {
		t.Fatalf("the example profile is refused: %v", err)
	}
	if p.Partner.Name != "Acme SaaS" || p.Mode != profile.Sync || len(p.Offerings) != 2 {
		t.Errorf("the example profile reads as %+v", p)
	}
	// Each line that is commented out is meant to be used: put back, it must be valid too.
	var whole []string
	for line := range strings.Lines(out.String()) {
		if body, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "# "); ok && strings.HasPrefix(line, "  #") {
			line = line[:strings.Index(line, "#")] + body
		}
		whole = append(whole, line)
	}
	p, err = profile.Parse("partner.yaml", []byte(strings.Join(whole, "")), environment())
	if err != nil {
		t.Fatalf("the example profile with its optional parts is refused: %v", err)
	}
	if len(p.Triggers) != 5 || p.Features.RealizingResource == nil || len(p.Features.TechnicalInformation) != 1 {
		t.Errorf("the optional parts read as %+v and %+v", p.Triggers, p.Features)
	}
}
