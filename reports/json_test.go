package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/clementine-ope/clementine/reports"
)

func TestWriteThenRead(t *testing.T) {
	t.Parallel()
	first := rendered(t, reports.Write, sample())
	got, err := reports.Read(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, rendered(t, reports.Write, got)); diff != "" {
		t.Errorf("written, read and written again (-first +second):\n%s", diff)
	}
}

// The exchanges are written one at a time; what comes out is what the encoder would write at once.
func TestWriteIsWhatTheEncoderWrites(t *testing.T) {
	t.Parallel()
	whole, none, tricky := sample(), sample(), sample()
	none.Exchanges = nil
	for i := range none.Scenarios {
		none.Scenarios[i].Exchanges = nil
		for j := range none.Scenarios[i].Findings {
			none.Scenarios[i].Findings[j].Exchange = -1
		}
	}
	tricky.Partner.Name = "a\n  \"exchanges\": [] <b>"
	for name, r := range map[string]reports.Results{"whole": whole, "no exchange": none, "a name like a member": tricky} {
		got := rendered(t, reports.Write, r)
		again, err := reports.Read(strings.NewReader(got))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("%s (-encoder +written):\n%s", name, diff)
		}
	}
}

func TestWriteLeavesItsArgumentAlone(t *testing.T) {
	t.Parallel()
	r := sample()
	rendered(t, reports.Write, r)
	if diff := cmp.Diff(sample(), r); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*reports.Results)
		want   string
	}{
		{"another version", func(r *reports.Results) { r.Version = 2 }, "version 2 is not known"},
		{"run verdict", func(r *reports.Results) { r.Verdict = "fine" }, `verdict is "fine"`},
		{"requirement verdict", func(r *reports.Results) { r.Requirements[1].Verdict = "" }, `requirements[1] (GEN-10).verdict is ""`},
		{"level", func(r *reports.Results) { r.Requirements[0].Level = "must" }, `requirements[0] (GEN-01).level is "must"`},
		{"requirement twice", func(r *reports.Results) { r.Requirements[1].ID = "GEN-01" }, `requirements[1].id "GEN-01"`},
		{"scenario twice", func(r *reports.Results) { r.Scenarios[1].ID = "ping" }, `scenarios[1].id "ping"`},
		{"scenario verdict", func(r *reports.Results) { r.Scenarios[0].Verdict = "ok" }, `scenarios[0] (ping).verdict`},
		{"scenario requirement", func(r *reports.Results) { r.Scenarios[0].Requirements = []string{"X-1"} }, `no requirement "X-1"`},
		{"scenario exchange", func(r *reports.Results) { r.Scenarios[0].Exchanges = []int{77} }, "exchanges[0]: there is no exchange 77"},
		{"step verdict", func(r *reports.Results) { r.Scenarios[0].Steps[1].Verdict = "?" }, "steps[1].verdict"},
		{"finding exchange", func(r *reports.Results) { r.Scenarios[1].Findings[0].Exchange = 77 }, "findings[0].exchange: there is no exchange 77"},
		{"finding requirement", func(r *reports.Results) { r.Scenarios[1].Findings[0].Requirement = "X-1" }, `findings[0]: there is no requirement "X-1"`},
		{"finding follows", func(r *reports.Results) { r.Scenarios[1].Findings[0].FollowOf = "X-1" }, `findings[0].followOf: there is no requirement "X-1"`},
		{"exchange twice", func(r *reports.Results) { r.Exchanges[1].ID = 0 }, "exchanges[1].id 0 is there twice"},
		{"exchange below 0", func(r *reports.Results) { r.Exchanges[1].ID = -1 }, "exchanges[1].id is -1"},
		{"direction", func(r *reports.Results) { r.Exchanges[1].Direction = "up" }, `exchanges[1].direction is "up"`},
		{"control run", func(r *reports.Results) { r.Reference.Status = "fine" }, `reference.status is "fine"`},
		{"reference's direction", func(r *reports.Results) { r.Scenarios[1].Findings[0].Reference.Exchange.Direction = "up" }, `findings[0].reference.exchange.direction is "up"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := sample()
			tt.change(&r)
			_, err := reports.Read(strings.NewReader(rendered(t, reports.Write, r)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestReadRefusesText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "unexpected end"},
		{"no JSON", "{\n\"version\": 1,\n}", "line 3"},
		{"another document", `{"results": []}`, "version is missing"},
		{"a wrong type", "{\"version\": 1,\n\"seed\": \"x\"}", "line 2: seed must be uint64"},
		{"more after it", `{"version": 1} {}`, "after top-level value"},
		{"too long", strings.Repeat(" ", reports.MaxBytes+1), "longer than 64 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := reports.Read(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func resultsSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile("../schemas/results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("results.schema.json", bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, r reports.Results) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(rendered(t, reports.Write, r)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaAcceptsWhatWeWrite(t *testing.T) {
	t.Parallel()
	schema := resultsSchema(t)
	reviewed := sample()
	reviewed.Challenge = "K7WQ-2026-11"
	reviewed.Review = &reports.Review{Day: "2026-03-05", Decisions: []reports.Decision{
		{Kind: reports.Waive, Requirement: "PO-UC2-02", Until: "2026-12-31", Reason: "x", By: "y", At: sampleStart},
		{Kind: reports.Refuse, Reason: "x", By: "y", At: sampleStart},
	}}
	for name, r := range map[string]reports.Results{"sample": sample(), "reviewed": reviewed, "hostile": hostile(), "whole": whole(),
		"empty": {Version: 1, Verdict: "broken", Mode: "sync"}} {
		if err := schema.Validate(decoded(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, v := range []reports.Verdict{reports.Skipped, reports.Passed, reports.Warning, reports.Inconclusive, reports.Broken, reports.Failed} {
		r := sample()
		r.Requirements[0].Verdict, r.Requirements[0].Reason = v, "a reason"
		r.Scenarios[0].Verdict, r.Scenarios[0].Steps[0].Verdict = v, v
		if err := schema.Validate(decoded(t, r)); err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := resultsSchema(t)
	for name, change := range map[string]func(*reports.Results){
		"version":             func(r *reports.Results) { r.Version = 2 },
		"verdict":             func(r *reports.Results) { r.Verdict = "warning" },
		"requirement verdict": func(r *reports.Results) { r.Requirements[0].Verdict = "ok" },
		"level":               func(r *reports.Results) { r.Requirements[0].Level = "must" },
		"skip without reason": func(r *reports.Results) { r.Requirements[5].Reason = "" },
		"scenario verdict":    func(r *reports.Results) { r.Scenarios[0].Verdict = "ok" },
		"step verdict":        func(r *reports.Results) { r.Scenarios[0].Steps[0].Verdict = "ok" },
		"finding's exchange":  func(r *reports.Results) { r.Scenarios[1].Findings[0].Exchange = -2 },
		"direction":           func(r *reports.Results) { r.Exchanges[0].Direction = "up" },
		"kind":                func(r *reports.Results) { r.Exchanges[0].Kind = "odd" },
		"auth state":          func(r *reports.Results) { r.Exchanges[0].Auth.State = "odd" },
		"mode":                func(r *reports.Results) { r.Mode = "both" },
		"digest of a body":    func(r *reports.Results) { r.Exchanges[0].Response.Body.SHA256 = "x" },
		"text and base64":     func(r *reports.Results) { r.Exchanges[0].Response.Body.Base64 = "eA==" },
		"kind of decision": func(r *reports.Results) {
			r.Review = &reports.Review{Day: "2026-03-05", Decisions: []reports.Decision{{Kind: "forget", Reason: "x", By: "y"}}}
		},
		"decision without a name": func(r *reports.Results) {
			r.Review = &reports.Review{Day: "2026-03-05", Decisions: []reports.Decision{{Kind: reports.Accept, Reason: "x"}}}
		},
		"negative duration":    func(r *reports.Results) { r.DurationMs = -1 },
		"nameless requirement": func(r *reports.Results) { r.Requirements[0].ID = "" },
	} {
		r := sample()
		change(&r)
		if err := schema.Validate(decoded(t, r)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, member := range []string{"version", "verdict", "suite", "partner", "profile", "mode", "counts", "requirements", "scenarios", "exchanges"} {
		v := decoded(t, sample())
		delete(v, member)
		if err := schema.Validate(v); err == nil {
			t.Errorf("accepted without %s", member)
		}
	}
}

// FuzzRead checks that nothing read makes Read or a renderer fail otherwise than by an error of Read.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := reports.Write(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"version":1,"verdict":"broken","profile":{"offer":3},"exchanges":[{"id":5,"direction":"orange-to-partner","request":{"body":{"bytes":1}}}]}`))
	f.Add([]byte(fmt.Sprintf(`{"version":1,"verdict":"passed","requirements":[{"id":%q,"level":"own","verdict":"failed"}]}`, "\x00<b>")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := reports.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		for _, tt := range renderers() {
			if err := tt.render(&bytes.Buffer{}, r); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		for _, e := range r.Exchanges {
			if line := reports.Curl(e); strings.ContainsAny(line, "\n\x1b\x00") {
				t.Errorf("curl line %q", line)
			}
		}
	})
}
