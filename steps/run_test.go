package steps_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	if kind := os.Getenv(hostileKind); kind != "" {
		if err := serveHostile(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	m.Run()
}

const fullProfile = `
partner: {name: Reference partner, contract: test}
offer: mba2-beta
mode: MODE
offerings:
  - {code: NOTES-S, name: Notes Standard}
  - {code: NOTES-L, name: Notes Large}
features:
  changeOffering: true
  endUser: true
  renewLogin: true
  consultById: true
  realizingResource: {type: URL, per: fleet, from: order, changeable: true, properties: [url]}
  technicalInformation: [{name: storageSize, example: "50", required: true}]
delays: {answer: 5s, event: 3s, quiet: 100ms, retry: 3s, visible: 100ms}
triggers:
  endUser.add: {http: {url: "{base}/customer-tool/{licence}/user/add"}}
  endUser.modify: {http: {url: "{base}/customer-tool/{licence}/user/modify"}}
  endUser.delete: {http: {url: "{base}/customer-tool/{licence}/user/delete"}}
  realizingResource.modify: {http: {url: "{base}/customer-tool/{licence}/resource/modify"}}
  login.modify: {http: {url: "{base}/customer-tool/{licence}/login/modify"}}
`

// lab is a mock Orange and a partner over real HTTP, and what a run needs to know of them.
type lab struct {
	profile *profile.Profile
	orange  *mockorange.Server
	url     string
}

// newLab starts both, on the built-in pack.
func newLab(t testing.TB, mode string, seam partner.Seam, delay time.Duration) *lab {
	t.Helper()
	return newLabWith(t, mode, seam, delay, nil)
}

func newLabWith(t testing.TB, mode string, seam partner.Seam, delay time.Duration, pack *schemas.Pack) *lab {
	t.Helper()
	p, err := profileIn(mode)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{profile: p, orange: newOrange(t, p, pack)}
	ref, err := partner.New(partner.Options{Profile: p, Listen: "127.0.0.1:0", GatewayURL: l.orange.URL(), TokenURL: l.orange.URL() + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Delay: delay, Seam: seam})
	if err != nil {
		t.Fatal(err)
	}
	if err := ref.Listen(); err != nil {
		t.Fatal(err)
	}
	ref.Start()
	t.Cleanup(func() { closeIn(t, ref.Close) })
	l.url = ref.URL()
	p.BaseURL = l.url
	return l
}

func profileIn(mode string) (*profile.Profile, error) {
	return profile.Parse("test.yaml", []byte(strings.Replace(fullProfile, "MODE", mode, 1)), func(string) string { return "" })
}

func newOrange(t testing.TB, p *profile.Profile, pack *schemas.Pack) *mockorange.Server {
	t.Helper()
	orange, err := mockorange.New(mockorange.Options{Pack: pack, Applications: []mockorange.Application{{ClientID: p.Orange.ClientID, Secret: p.Orange.ClientSecret, Name: "test", Offers: []string{p.Offer}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := orange.Listen(); err != nil {
		t.Fatal(err)
	}
	orange.Start()
	t.Cleanup(func() { closeIn(t, orange.Close) })
	return orange
}

func closeIn(t testing.TB, shut func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := shut(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// run judges the lab's partner.
func (l *lab) run(t testing.TB, o steps.Options) reports.Results {
	t.Helper()
	r, err := steps.Run(t.Context(), l.options(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// explain is the text report, for failures of our own tests.
func explain(t testing.TB, r reports.Results) string {
	var b bytes.Buffer
	if err := reports.Text(&b, r, reports.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReferencePartnerPasses(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"sync", "async"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, mode, partner.Seam{}, 0)
			r := l.run(t, steps.Options{})
			replayed(t, r, l.options(t, steps.Options{}))
			if r.Verdict != "passed" || len(r.Requirements) != 85 || r.Counts.Warning != 0 {
				t.Errorf("verdict %s, %d requirements, %+v\n%s", r.Verdict, len(r.Requirements), r.Counts, explain(t, r))
			}
			for _, row := range r.Requirements {
				if row.Verdict == reports.Skipped && row.Reason == "" {
					t.Errorf("%s is skipped without a reason", row.ID)
				}
			}
		})
	}
}
