package steps_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

// reference starts the partner that is right, as the command does.
func reference(t testing.TB, mode string, seam partner.Seam) func(context.Context) (steps.Reference, func(), error) {
	return func(context.Context) (steps.Reference, func(), error) {
		l := newLab(t, mode, seam, 0)
		return steps.Reference{Profile: l.profile, Orange: l.orange.Control(), GatewayURL: l.orange.URL()}, func() {}, nil
	}
}

func sabotaged(t testing.TB, name string) (partner.Seam, string) {
	t.Helper()
	d, err := defect.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.Seam(), d.Requirement
}

var index = regexp.MustCompile(`\[\d+\]`)

// The first difference of the first finding is at the place where the partner was made to be wrong, and the reference's
// call beside it is the same call.
func TestControlRunShowsTheSeededPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		defect, mode            string
		path, kind              string
		wantPartner, wantTheirs string // beginnings
	}{
		{"state-in-capitals", "sync", "$.state", "value", `"COMPLETED"`, `"completed"`},
		{"customer-reference-lost", "sync", "$.customer.externalReference", "missing", "", `{"id": "CLM-C-`},
		{"one-licence-short", "sync", "$", "length", "2", "3"},
		{"swap-drops-login", "sync", "$[*].right", "missing", "", `[{"email"`},
		{"swap-gives-new-id", "sync", "$[*].id", "changed", `"lic_`, `"lic_`},
		{"contact-ids-of-the-customer", "sync", "$.relatedContact[*].id", "reused", `"`, `"`},
		{"consultation-crashes", "sync", "status", "message", "HTTP 500", "HTTP 200"},
		{"byte-order-mark", "sync", "body", "form", "byte order mark", ""},
		{"duplicate-member", "sync", "$.state", "form", `"state" twice`, ""},
		{"content-type-text", "sync", "Content-Type", "message", "text/plain", "application/json"},
		{"report-to-user-path", "sync", "call", "message", "POST /mba2-beta/userservice/v2/endUser/event", "POST /mba2-beta/userservice/v2/event"},
		{"async-order-completed-at-once", "async", "$.state", "value", `"completed"`, `"acknowledged"`},
		{"item-failed", "async", "$.resource.orderItem[0].state", "value", `"failed"`, `"completed"`},
		{"update-event-says-done", "async", "$.resource.state", "value", `"done"`, `"completed"`},
		{"no-event-for-updates", "async", "event", "event", "", "POST /mba2-beta/userservice/v2/event"},
	} {
		t.Run(tc.defect, func(t *testing.T) {
			t.Parallel()
			seam, requirement := sabotaged(t, tc.defect)
			r := newLab(t, tc.mode, seam, 0).run(t, steps.Options{Seed: 7, Only: []string{requirement}, Reference: reference(t, tc.mode, partner.Seam{})})
			if r.Reference == nil || r.Reference.Status != reports.Compared {
				t.Fatalf("no control run: %+v\n%s", r.Reference, explain(t, r))
			}
			f := firstFinding(t, r, requirement)
			c := f.Reference
			if c == nil || c.Exchange == nil || len(c.Differences) == 0 {
				t.Fatalf("%s is compared with %+v", f.Path, c)
			}
			got := c.Differences[0]
			if strings.Contains(tc.path, "[*]") { // the partner lists as it likes
				got.Path = index.ReplaceAllString(got.Path, "[*]")
			}
			if got.Path != tc.path || got.Kind != tc.kind || !strings.HasPrefix(got.Partner, tc.wantPartner) || !strings.HasPrefix(got.Reference, tc.wantTheirs) {
				t.Errorf("finding at %q: first difference %+v", f.Path, got)
			}
			own, _ := r.Exchange(f.Exchange)
			if tc.kind != "event" && (own.Direction != c.Exchange.Direction || own.Kind != c.Exchange.Kind || own.Request.Method != c.Exchange.Request.Method) {
				t.Errorf("%s %s stands beside %s %s", own.Kind, own.Request.URL, c.Exchange.Kind, c.Exchange.Request.URL)
			}
		})
	}
}

func firstFinding(t testing.TB, r reports.Results, requirement string) reports.Finding {
	t.Helper()
	for _, s := range r.Scenarios {
		for _, f := range s.Findings {
			if f.Requirement == requirement && f.FollowOf == "" {
				return f
			}
		}
	}
	t.Fatalf("nothing speaks against %s\n%s", requirement, explain(t, r))
	return reports.Finding{}
}

// places is what a control run found, without the values that are each run's own.
func places(r reports.Results) map[string][]string {
	out := map[string][]string{}
	for _, s := range r.Scenarios {
		for _, f := range s.Findings {
			if f.Reference == nil {
				continue
			}
			key := s.ID + " " + f.Requirement + " " + f.Path
			for _, d := range f.Reference.Differences {
				out[key] = append(out[key], d.Path+" "+d.Kind)
			}
			out[key] = append(append(out[key], f.Reference.ByNature...), f.Reference.Note)
		}
	}
	return out
}

func TestControlRunIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	var first map[string][]string
	for range 5 {
		seam, _ := sabotaged(t, "completed-order-announced-failed")
		r := newLab(t, "async", seam, 0).run(t, steps.Options{Seed: 11, Only: []string{"PO-UC4-01"}, Reference: reference(t, "async", partner.Seam{})})
		got := places(r)
		if first == nil {
			first = got
		}
		if len(got) == 0 {
			t.Fatal("nothing was compared")
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Fatalf("another comparison (-first +this):\n%s", diff)
		}
	}
}

// A control run takes part in no verdict: not where it agrees, not where it fails itself, not where there is none.
func TestControlRunChangesNoVerdict(t *testing.T) {
	t.Parallel()
	seam, _ := sabotaged(t, "half-suspended-batch")
	judge := func(o steps.Options) reports.Results {
		o.Seed, o.Only = 7, []string{"US-UC2"}
		return newLab(t, "sync", seam, 0).run(t, o)
	}
	alone := judge(steps.Options{})
	if alone.Reference != nil {
		t.Errorf("a control run that nobody asked for: %+v", alone.Reference)
	}
	none := &steps.NoReferenceError{Status: reports.NoReference, Reason: "another pack"}
	for _, tc := range []struct {
		name         string
		start        func(context.Context) (steps.Reference, func(), error)
		status, note string
	}{
		{"a reference", reference(t, "sync", partner.Seam{}), reports.Compared, ""},
		{"a reference that is wrong too", reference(t, "sync", seam), reports.Compared, "the reference does not pass this scenario either: please report it"},
		{"no reference", func(context.Context) (steps.Reference, func(), error) { return steps.Reference{}, nil, none }, reports.NoReference, ""},
		{"a reference that does not start", func(context.Context) (steps.Reference, func(), error) {
			return steps.Reference{}, nil, context.DeadlineExceeded
		}, reports.NotRun, ""},
	} {
		r := judge(steps.Options{Reference: tc.start})
		if diff := cmp.Diff(verdicts(alone), verdicts(r)); diff != "" {
			t.Errorf("%s changes verdicts:\n%s", tc.name, diff)
		}
		if r.Reference == nil || r.Reference.Status != tc.status {
			t.Fatalf("%s: %+v, want %s", tc.name, r.Reference, tc.status)
		}
		f := firstFinding(t, r, "US-UC2-05")
		if compared := f.Reference != nil; compared != (tc.status == reports.Compared) {
			t.Errorf("%s: the finding has %+v", tc.name, f.Reference)
		}
		if f.Reference != nil && f.Reference.Note != tc.note {
			t.Errorf("%s: note %q, want %q", tc.name, f.Reference.Note, tc.note)
		}
	}
}

// What is judged over the whole run has no counterpart; a run in which nothing fails starts no reference.
func TestNoControlRunWithoutAFailedScenario(t *testing.T) {
	t.Parallel()
	never := func(context.Context) (steps.Reference, func(), error) {
		t.Error("the reference was started")
		return steps.Reference{}, nil, context.Canceled
	}
	if r := newLab(t, "sync", partner.Seam{}, 0).run(t, steps.Options{Only: []string{"PO-UC1"}, Reference: never}); r.Reference != nil {
		t.Errorf("nothing failed, and yet: %+v", r.Reference)
	}
	seam, requirement := sabotaged(t, "update-event-twice")
	r := newLab(t, "async", seam, 0).run(t, steps.Options{Only: []string{requirement}, Reference: never})
	if r.Reference == nil || r.Reference.Status != reports.NotRun || !strings.Contains(r.Reference.Reason, "whole run") {
		t.Errorf("%+v\n%s", r.Reference, explain(t, r))
	}
}
