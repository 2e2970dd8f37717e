package defect_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/schemas"
)

func TestTable(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	names := map[string]bool{}
	for _, d := range defect.All() {
		if names[d.Name] || !kebab.MatchString(d.Name) {
			t.Errorf("%q: names are unique and in kebab-case", d.Name)
		}
		names[d.Name] = true
		r, known := pack.Requirement(d.Requirement)
		if !known {
			t.Errorf("%s breaks %q, which is no requirement", d.Name, d.Requirement)
		}
		if d.Mode != defect.Both && d.Mode != defect.Sync && d.Mode != defect.Async {
			t.Errorf("%s: mode %q", d.Name, d.Mode)
		}
		if r.When != "both" && r.When != d.Mode {
			t.Errorf("%s: mode %q, but %s is judged in mode %s only", d.Name, d.Mode, r.ID, r.When)
		}
		if d.Family == "" || len(d.How) < 20 || d.How[len(d.How)-1] != '.' {
			t.Errorf("%s: family %q, how %q", d.Name, d.Family, d.How)
		}
		s := d.Seam()
		if s.WrapHandler == nil && s.WrapTransport == nil && s.Deliver == nil && s.Rules == nil {
			t.Errorf("%s changes nothing", d.Name)
		}
	}
}

func TestEveryRequirementHasADefect(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, d := range defect.All() {
		count[d.Requirement]++
	}
	for _, r := range pack.Requirements() {
		if count[r.ID] == 0 {
			t.Errorf("no defect breaks %s: %s", r.ID, r.Text)
		}
	}
	if n := len(defect.All()); n < 150 {
		t.Errorf("%d defects, want 150 at least", n)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	if d, err := defect.Find("null-note"); err != nil || d.Name != "null-note" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := defect.Find("null-notes"); err == nil || !regexp.MustCompile(`null-note\b`).MatchString(err.Error()) {
		t.Errorf("%v: want the name that is near", err)
	}
	if _, err := defect.Seam("null-note", "no-such"); err == nil {
		t.Error("an unknown name was taken")
	}
}

func TestSeamsTogether(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names  []string
		status int
		header string
	}{
		{nil, http.StatusOK, ""},
		{[]string{"one-licence-short", "null-note"}, http.StatusOK, ""},
		{[]string{"ping-unavailable", "one-licence-short"}, http.StatusServiceUnavailable, ""},
		{[]string{"null-note", "ping-needs-credentials"}, http.StatusUnauthorized, "Bearer"},
		{[]string{"ping-unavailable", "ping-needs-credentials"}, http.StatusUnauthorized, "Bearer"},
	} {
		s, err := defect.Seam(tt.names...)
		if err != nil {
			t.Fatal(err)
		}
		res := ping(t, s)
		if res.StatusCode != tt.status || res.Header.Get("WWW-Authenticate") != tt.header {
			t.Errorf("%q: %s, %q; want %d, %q", tt.names, res.Status, res.Header.Get("WWW-Authenticate"), tt.status, tt.header)
		}
	}
}

// ping asks a partner with that seam whether it is there.
func ping(t *testing.T, s partner.Seam) *http.Response {
	p, err := partner.New(partner.Options{Profile: &profile.Profile{Mode: profile.Sync}, Listen: "127.0.0.1:0", Seam: s})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	p.Start()
	defer p.Close(t.Context())
	res, err := http.Get(p.URL() + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res
}
