package hostile_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/partner/hostile"
)

func TestKindsAreNamedAndDiffer(t *testing.T) {
	t.Parallel()
	all := hostile.All()
	if len(all) < 20 {
		t.Errorf("%d kinds, want 20 at least", len(all))
	}
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, k := range all {
		if seen[k.Name] || !name.MatchString(k.Name) {
			t.Errorf("the name %q is taken or not kebab-case", k.Name)
		}
		seen[k.Name] = true
		if !strings.HasSuffix(k.What, ".") || k.Mode != hostile.Both && k.Mode != hostile.Async {
			t.Errorf("%s: what %q, mode %q", k.Name, k.What, k.Mode)
		}
		s := k.Seam()
		if s.WrapHandler == nil && s.WrapTransport == nil && s.Deliver == nil {
			t.Errorf("%s changes nothing", k.Name)
		}
		if found, err := hostile.Find(k.Name); err != nil || found.Name != k.Name {
			t.Errorf("%s is not found: %v", k.Name, err)
		}
	}
}

func TestFindNamesWhatResembles(t *testing.T) {
	t.Parallel()
	_, err := hostile.Find("endless-bodies")
	if err == nil || !strings.Contains(err.Error(), "endless-body") {
		t.Errorf("got %v", err)
	}
	if _, err := hostile.Find("zzz"); err == nil {
		t.Error("found what is not there")
	}
}
