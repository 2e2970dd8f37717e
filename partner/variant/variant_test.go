package variant_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/variant"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

func TestAllAreDescribed(t *testing.T) {
	t.Parallel()
	kebab := regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	seen := map[string]bool{}
	last := ""
	for _, v := range variant.All() {
		switch {
		case !kebab.MatchString(v.Name):
			t.Errorf("%q is not in kebab-case", v.Name)
		case seen[v.Name]:
			t.Errorf("%s is there twice", v.Name)
		case v.Name < last:
			t.Errorf("%s comes after %s", v.Name, last)
		case len(v.Why) < 20 || !strings.HasSuffix(v.Why, "."):
			t.Errorf("%s: %q is no sentence", v.Name, v.Why)
		case v.Mode != variant.Both && v.Mode != variant.Sync && v.Mode != variant.Async:
			t.Errorf("%s: mode %q", v.Name, v.Mode)
		case v.Seam == nil:
			t.Errorf("%s has no seam", v.Name)
		}
		seen[v.Name], last = true, v.Name
	}
	if len(seen) < 24 {
		t.Errorf("%d variants", len(seen))
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	if v, err := variant.Find("ids-uuid"); err != nil || v.Name != "ids-uuid" {
		t.Errorf("%s, %v", v.Name, err)
	}
	if _, err := variant.Find("fleet-by-customer"); err == nil || !strings.Contains(err.Error(), "fleet-per-customer") {
		t.Errorf("a name that is nearly right: %v", err)
	}
	if _, err := variant.Find("zzz"); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a name like no other: %v", err)
	}
}

// These differ from the reference in time, under a gateway fault or below HTTP only, or are what it does anyway.
func unseen() map[string]bool {
	return map[string]bool{
		"answers-slow-but-in-time": true, "one-thing-at-a-time": true, "events-out-of-order": true, "events-before-answers": true,
		"no-redelivery-after-a-lost-answer": true, "early-hints": true, "deleted-hidden": true,
	}
}

// A variant that changes nothing would prove nothing.
func TestEachDiffersFromTheReference(t *testing.T) {
	t.Parallel()
	reference := map[profile.Mode]string{}
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		reference[mode] = visit(t, mode, variant.Variant{Seam: func() partner.Seam { return partner.Seam{} }})
		if again := visit(t, mode, variant.Variant{Seam: func() partner.Seam { return partner.Seam{} }}); again != reference[mode] {
			t.Fatalf("two visits of the reference differ: %s", cmp.Diff(reference[mode], again))
		}
	}
	for _, v := range variant.All() {
		if unseen()[v.Name] || v.Delay > 0 {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
				if v.Mode != variant.Both && v.Mode != string(mode) {
					continue
				}
				if v.Profile != nil {
					p, q := declared(mode), declared(mode)
					v.Profile(q)
					if cmp.Equal(p, q) {
						t.Errorf("%s: it declares what it declared before", mode)
					}
					continue
				}
				if visit(t, mode, v) == reference[mode] && v.BasePath == "" {
					t.Errorf("%s: it says what the reference says", mode)
				}
			}
		})
	}
}

func TestJoinKeepsTheOrder(t *testing.T) {
	t.Parallel()
	echo, err := variant.Find("vendor-fields")
	if err != nil {
		t.Fatal(err)
	}
	pretty, err := variant.Find("pretty-printed")
	if err != nil {
		t.Fatal(err)
	}
	both := visit(t, profile.Sync, variant.Variant{Seam: func() partner.Seam { return partner.Join(echo.Seam(), pretty.Seam()) }})
	if !strings.Contains(both, `"tenant"`) || !strings.Contains(both, "\n") {
		t.Errorf("one of the two is lost:\n%s", both)
	}
}
