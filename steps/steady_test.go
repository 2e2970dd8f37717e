package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// One partner process, many runs, at every width: not one verdict differs.
func TestVerdictsAreSteady(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"sync", "async"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, mode, partner.Seam{}, 5*time.Millisecond)
			first := verdicts(l.run(t, steps.Options{Concurrency: 4}))
			for _, width := range []int{1, 4, 16} {
				r := l.run(t, steps.Options{Concurrency: width})
				if diff := cmp.Diff(first, verdicts(r)); diff != "" {
					t.Errorf("concurrency %d: verdicts differ:\n%s\n%s", width, diff, explain(t, r))
				}
			}
		})
	}
}

func verdicts(r reports.Results) map[string]reports.Verdict {
	out := map[string]reports.Verdict{}
	for _, row := range r.Requirements {
		out[row.ID] = row.Verdict
	}
	return out
}

// Two runs with one seed send the same requests, scenario by scenario.
func TestSeedDecidesWhatIsSent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var sent [2][]string
	for i := range sent {
		l := newLab(t, "sync", partner.Seam{}, 0)
		r := l.run(t, steps.Options{Seed: 42, Concurrency: 1, Only: []string{"PO-UC1"}, Now: func() time.Time { return now }})
		for _, e := range r.Exchanges {
			if e.Request.Body != nil {
				sent[i] = append(sent[i], e.Request.Body.Text)
			}
		}
		if r.Seed != 42 {
			t.Errorf("seed %d in the results, want 42", r.Seed)
		}
	}
	if len(sent[0]) == 0 {
		t.Fatal("nothing was sent")
	}
	if diff := cmp.Diff(sent[0], sent[1]); diff != "" {
		t.Errorf("two runs with one seed differ:\n%s", diff)
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	r := l.run(t, steps.Options{Only: []string{"us-uc3", "GEN-01"}})
	if r.Selection != "us-uc3,GEN-01" {
		t.Errorf("selection %q", r.Selection)
	}
	for _, row := range r.Requirements {
		selected := strings.HasPrefix(row.ID, "US-UC3-") || row.ID == "GEN-01"
		if selected && row.Verdict != reports.Passed {
			t.Errorf("%s: %s, want passed", row.ID, row.Verdict)
		}
		if row.ID == "US-UC4-01" && (row.Verdict != reports.Skipped || row.Reason != "not selected") {
			t.Errorf("%s: %s %q, want skipped, not selected", row.ID, row.Verdict, row.Reason)
		}
	}
	for _, only := range []string{"PO-UC9", "nonsense", "PO"} {
		_, err := steps.Run(t.Context(), l.options(t, steps.Options{Only: []string{only}}))
		var judge *steps.CannotJudgeError
		if only == "PO" && err != nil {
			t.Errorf("--only PO: %v", err)
		}
		if only != "PO" && (!errors.As(err, &judge) || !strings.Contains(judge.Sentence, only)) {
			t.Errorf("--only %s: error %v, want one that names it", only, err)
		}
	}
}

// The user's own features join the suite: untagged scenarios are mandatory and listed as own.
func TestOwnFeatures(t *testing.T) {
	t.Parallel()
	own := fstest.MapFS{"mine.feature": {Data: []byte(`Feature: Mine
  Scenario: Five licences
    Given a customer with a fleet of 5 licences

  @ACME-01
  Scenario: A step that nobody wrote
    Given a unicorn
`)}}
	l := newLab(t, "sync", partner.Seam{}, 0)
	r := l.run(t, steps.Options{Only: []string{"OWN-mine/five", "GEN-01", "ACME"}, Extra: []fs.FS{own}})
	byID := map[string]reports.Requirement{}
	for _, row := range r.Requirements {
		byID[row.ID] = row
	}
	if row := byID["ACME-01"]; row.Verdict != reports.Broken || row.Level != "own" {
		t.Errorf("ACME-01: %+v, want broken, own", row)
	}
	l.profile.Delays.Quiet = 0
	all := l.run(t, steps.Options{Extra: []fs.FS{own}})
	found := slices.ContainsFunc(all.Requirements, func(q reports.Requirement) bool {
		return q.Level == "own" && q.ID == "OWN-mine/five-licences" && q.Verdict == reports.Passed
	})
	if !found {
		t.Errorf("the untagged scenario is not listed as own and passed: %+v", all.Requirements[85:])
	}
}

func TestInterruptedRunKeepsItsResults(t *testing.T) {
	t.Parallel()
	l := newLab(t, "async", partner.Seam{}, 20*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := l.options(t, steps.Options{Progress: func(p steps.Progress) {
		if p.Done == 3 {
			cancel()
		}
	}})
	r, err := steps.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Interrupted || reports.ExitCode(r) != 130 {
		t.Errorf("interrupted %v, exit %d, want true, 130", r.Interrupted, reports.ExitCode(r))
	}
	if r.Counts.Failed > 0 || r.Counts.Broken > 0 || r.Counts.Inconclusive == 0 {
		t.Errorf("%+v: an interruption fails nobody\n%s", r.Counts, explain(t, r))
	}
}

func TestPreflightNamesTheCulprit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, blame, says string
		spoil             func(p *profile.Profile)
	}{
		{"dead port", "partner", "connection refused", func(p *profile.Profile) { p.BaseURL = "http://127.0.0.1:1" }},
		{"no URL", "configuration", "base URL", func(p *profile.Profile) { p.BaseURL = "partner.example" }},
		{"ping that cannot be asked for", "configuration", "No request can be made", func(p *profile.Profile) { p.Ping = "/\x7f" }},
		{"unknown host", "configuration", "does not resolve", func(p *profile.Profile) { p.BaseURL = "http://partner.invalid" }},
		{"paths of the calls in the base URL", "configuration", "leave it out of the base URL", func(p *profile.Profile) { p.BaseURL += "/productordering/v2" }},
		{"TLS against plain HTTP", "configuration", "does not speak TLS", func(p *profile.Profile) { p.BaseURL = strings.Replace(p.BaseURL, "http:", "https:", 1) }},
		{"mistyped trigger", "configuration", "endUser.add", func(p *profile.Profile) {
			p.Triggers[profile.TriggerEndUserAdd] = profile.Trigger{HTTP: &profile.TriggerHTTP{Method: "POST", URL: "htp://{base}/x"}}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "sync", partner.Seam{}, 0)
			tc.spoil(l.profile)
			_, err := steps.Run(t.Context(), l.options(t, steps.Options{}))
			var judge *steps.CannotJudgeError
			if !errors.As(err, &judge) || judge.Blame != tc.blame || !strings.Contains(judge.Sentence, tc.says) {
				t.Errorf("error %#v, want blame %s and %q", err, tc.blame, tc.says)
			}
		})
	}
}

// A trigger that does not work says nothing about the partner: inconclusive, never failed.
func TestTriggerThatDoesNotWork(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	l.profile.Triggers[profile.TriggerLoginModify] = profile.Trigger{HTTP: &profile.TriggerHTTP{Method: "POST", URL: "{base}/no/such/tool"}}
	r := l.run(t, steps.Options{Only: []string{"US-UC5-06"}})
	row, _ := r.Requirement("US-UC5-06")
	if row.Verdict != reports.Inconclusive || !strings.Contains(row.Reason, "trigger login.modify answered 404: check the profile") {
		t.Errorf("US-UC5-06: %s, %q", row.Verdict, row.Reason)
	}
	if got := reports.ExitCode(r); got != 3 {
		t.Errorf("exit code %d, want 3", got)
	}
}

// Events that do not come because no token was given are blamed on that, before the run has come to AUTH-01, and again by a
// replay.
func TestNoEventWithoutAToken(t *testing.T) {
	t.Parallel()
	l := newLab(t, "async", partner.Seam{WrapTransport: func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			if id, _, basic := r.BasicAuth(); basic {
				r = r.Clone(r.Context())
				r.SetBasicAuth(id, "yesterday's secret")
			}
			return next.RoundTrip(r)
		})
	}}, 0)
	l.profile.Delays.Event = profile.Duration(300 * time.Millisecond)
	r := l.run(t, steps.Options{Only: []string{"GEN-10"}})
	row, _ := r.Requirement("GEN-10")
	const because = "The partner's last token request was refused (invalid_client), so that it has none for an event. The secret is not that of the client id"
	if row.Verdict != reports.Failed || !strings.Contains(explain(t, r), because) {
		t.Errorf("GEN-10 is %s, %s", row.Verdict, explain(t, r))
	}
	builtin, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	j, err := steps.Rejudge(t.Context(), r, steps.Options{Pack: builtin, Version: "test"})
	if err != nil || len(j.Differences) > 0 || !strings.Contains(explain(t, j.Results), because) {
		t.Errorf("the replay says otherwise: %v, %v", err, j.Differences)
	}
}

// A fault that somebody has switched on for all calls is no fault of the partner's: the run does not begin, and where it is
// switched on later nothing is failed for it.
func TestFaultOfSomebodyElse(t *testing.T) {
	t.Parallel()
	always := control.Fault{Kind: control.FaultServerError, Times: control.FaultAlways}
	l := newLab(t, "async", partner.Seam{}, 0)
	armed, err := l.orange.Control().AddFault(t.Context(), always)
	if err != nil {
		t.Fatal(err)
	}
	_, err = steps.Run(t.Context(), l.options(t, steps.Options{}))
	var judge *steps.CannotJudgeError
	if !errors.As(err, &judge) || judge.Blame != "configuration" || !strings.Contains(judge.Sentence, "server-error switched on for all calls") {
		t.Errorf("with a fault on the run says %v", err)
	}
	if err := l.orange.Control().RemoveFault(t.Context(), armed.ID); err != nil {
		t.Fatal(err)
	}
	// One that has done its work stays in the list, and harms nobody.
	if _, err := l.orange.Control().AddFault(t.Context(), control.Fault{Kind: control.FaultSlow, On: control.OnToken, DelayMs: 1}); err != nil {
		t.Fatal(err)
	}
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.orange.URL()+"/oauth/v3/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask.SetBasicAuth(l.profile.Orange.ClientID, l.profile.Orange.ClientSecret)
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the token request answers %d, %v", answer.StatusCode, err)
	}
	if _, err := steps.Run(t.Context(), l.options(t, steps.Options{Only: []string{"PO-UC4-01"}})); err != nil {
		t.Errorf("with a fault that has done its work the run says %v", err)
	}
	var once sync.Once
	l = newLab(t, "async", partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		once.Do(func() {
			if _, err := l.orange.Control().AddFault(ctx, always); err != nil {
				t.Error(err)
			}
		})
		return next(ctx, d)
	}}, 0)
	l.profile.Delays.Event = profile.Duration(300 * time.Millisecond)
	r := l.run(t, steps.Options{Only: []string{"PO-UC4-01", "GEN-10"}})
	row, _ := r.Requirement("GEN-10")
	if r.Counts.Failed > 0 || row.Verdict != reports.Inconclusive || !strings.Contains(explain(t, r), "by the fault server-error, which no scenario of this run switched on") {
		t.Errorf("GEN-10 is %s: %s", row.Verdict, explain(t, r))
	}
}

// A server that lets no call in can't be judged: the profile's credentials are what is to change.
func TestServerBehindCredentials(t *testing.T) {
	t.Parallel()
	for kind, says := range map[string]string{"none": "the profile says that it asks for none", "basic": "does not take the credentials of the profile"} {
		l := newLab(t, "sync", partner.Seam{WrapHandler: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
		}}, 0)
		l.profile.Auth.Type, l.profile.Auth.User = kind, "orange"
		_, err := steps.Run(t.Context(), l.options(t, steps.Options{}))
		var judge *steps.CannotJudgeError
		if !errors.As(err, &judge) || judge.Blame != "configuration" || !strings.Contains(judge.Sentence, says) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// options completes options with what the lab is.
func (l *lab) options(t testing.TB, o steps.Options) steps.Options {
	t.Helper()
	if o.Pack == nil {
		pack, err := schemas.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		o.Pack = pack
	}
	o.Profile, o.Orange, o.GatewayURL, o.Version = l.profile, l.orange.Control(), l.orange.URL(), "test"
	return o
}

func TestResultsReadBack(t *testing.T) {
	t.Parallel()
	l := newLab(t, "async", partner.Seam{}, 0)
	r := l.run(t, steps.Options{Only: []string{"PO-UC2", "GEN"}})
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := reports.Read(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(verdicts(r), verdicts(back)); diff != "" {
		t.Error(diff)
	}
}
