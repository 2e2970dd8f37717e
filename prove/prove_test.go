package prove_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/partner/hostile"
	"github.com/clementine-ope/clementine/partner/variant"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	m.Run()
}

func TestVariantsCiteWhatTheContractKnows(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variant.All() {
		for _, word := range strings.FieldsFunc(v.Why, func(r rune) bool { return strings.ContainsRune(" ,:;.()", r) }) {
			if strings.Contains(word, "-UC") || strings.HasPrefix(word, "GEN-") || strings.HasPrefix(word, "AUTH-") {
				if _, known := pack.Requirement(word); !known {
					t.Errorf("%s: there is no %s", v.Name, word)
				}
			}
		}
	}
}

// sample draws a few of all, the same ones for the same seed.
func sample[T any](all []T, n int) []T {
	random := rand.New(rand.NewPCG(uint64(len(all)), 7))
	var drawn []T
	for _, i := range random.Perm(len(all))[:min(n, len(all))] {
		drawn = append(drawn, all[i])
	}
	return drawn
}

func TestSample(t *testing.T) {
	t.Parallel()
	expectProof(t, prove.Options{Defects: sample(defect.All(), 12), Variants: sample(variant.All(), 4), Hostile: sample(hostile.All(), 4), Parallel: 4})
}

// TestFull is the whole matrix; it takes minutes, and runs where CLEMENTINE_PROVE is set: "matrix", or "full" for the
// whole suite against each defect.
func TestFull(t *testing.T) {
	how := os.Getenv("CLEMENTINE_PROVE")
	if how == "" {
		t.Skip("CLEMENTINE_PROVE is not set")
	}
	expectProof(t, prove.Options{Full: how == "full"})
}

func expectProof(t *testing.T, o prove.Options) {
	t.Helper()
	o.Results = inFrench(t)
	m, err := prove.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range m.Defects {
		if row.Outcome != prove.Caught {
			t.Errorf("%s, %s: %s by %s: %s", row.Name, row.Mode, row.Outcome, row.Requirement, row.Details())
		}
	}
	for _, row := range m.Variants {
		if row.Outcome != prove.Green {
			t.Errorf("%s, %s: %s: %s", row.Name, row.Mode, row.Outcome, row.Details())
		}
	}
	for _, row := range m.Hostile {
		if row.Outcome != prove.Ended {
			t.Errorf("%s, %s: %s: %s", row.Name, row.Mode, row.Outcome, row.Details())
		}
	}
	if len(m.Defects) == 0 || len(m.Variants) == 0 || len(m.Hostile) == 0 || m.ExitCode() != 0 {
		t.Errorf("exit %d: %s", m.ExitCode(), m.Summary.Text())
	}
}

// inFrench fails the test for every sentence of a run that a French reader would get in English.
func inFrench(t *testing.T) func(reports.Results) {
	var mu sync.Mutex
	told := map[string]bool{}
	return func(r reports.Results) {
		for _, sentence := range reports.Untranslated(r) {
			mu.Lock()
			known := told[sentence]
			told[sentence] = true
			mu.Unlock()
			if !known {
				t.Errorf("no French for %q", sentence)
			}
		}
	}
}

func seamOf(t *testing.T, name string) func() partner.Seam {
	t.Helper()
	d, err := defect.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.Seam
}

func noSeam() partner.Seam { return partner.Seam{} }

func down() partner.Seam {
	return partner.Seam{WrapHandler: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	}}
}

// The proof itself must be able to say no.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	synchronous := []profile.Mode{profile.Sync}
	for _, tt := range []struct {
		name        string
		requirement string
		seam        func() partner.Seam
		want        prove.Outcome
		exit        int
	}{
		{"caught", "PO-UC1-02", seamOf(t, "customer-id-missing"), prove.Caught, 0},
		{"elsewhere", "US-UC1-05", seamOf(t, "customer-id-missing"), prove.Elsewhere, 0},
		{"missed", "GEN-01", noSeam, prove.Missed, 1},
		{"not applicable", "GEN-09", noSeam, prove.NotApplicable, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := prove.Run(t.Context(), prove.Options{Modes: synchronous, Variants: []variant.Variant{}, Hostile: []hostile.Kind{}, Defects: []defect.Defect{
				{Name: "it", Requirement: tt.requirement, Mode: defect.Both, Seam: tt.seam},
				{Name: "asynchronous only", Requirement: "GEN-01", Mode: defect.Async, Seam: noSeam},
			}})
			if err != nil {
				t.Fatal(err)
			}
			if repeated := tt.want == prove.Missed || tt.want == prove.Elsewhere; len(m.Defects) != 1 || m.Defects[0].Repeated != repeated {
				t.Fatalf("%+v", m.Defects)
			}
			if m.Defects[0].Outcome != tt.want || m.ExitCode() != tt.exit {
				t.Errorf("exit %d, %+v", m.ExitCode(), m.Defects)
			}
		})
	}
}

func TestFalseAlarm(t *testing.T) {
	t.Parallel()
	m, err := prove.Run(t.Context(), prove.Options{
		Modes: []profile.Mode{profile.Async}, Defects: []defect.Defect{}, Hostile: []hostile.Kind{},
		Variants: []variant.Variant{
			{Name: "no partner at all", Mode: variant.Both, Seam: down},
			{Name: "ids lost", Mode: variant.Async, Seam: seamOf(t, "customer-id-missing")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.Summary.FalseAlarms != 2 || m.ExitCode() != 1 {
		t.Errorf("exit %d: %s", m.ExitCode(), m.Summary.Text())
	}
	if row := m.Variants[0]; row.Name != "ids lost" || len(row.Alarms) == 0 || !strings.Contains(row.Details(), "PO-UC1-02 failed: ") {
		t.Errorf("%+v", row)
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	var told []string
	m, err := prove.Run(t.Context(), prove.Options{
		Only: []string{"ping-answers-a-page", "customer-id-missing"}, Modes: []profile.Mode{profile.Sync},
		Progress: func(done, total int, name string, outcome prove.Outcome) {
			told = append(told, name+" "+string(outcome))
			if done != len(told) || total != 2 {
				t.Errorf("%d of %d, want %d of 2", done, total, len(told))
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Defects) != 1 || len(m.Variants) != 1 || len(told) != 2 {
		t.Errorf("%q, %s", told, m.Summary.Text())
	}
	var unknown *prove.NameError
	if _, err := prove.Run(t.Context(), prove.Options{Only: []string{"fleet-by-customer"}}); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "fleet-per-customer") {
		t.Errorf("a name that is nearly right: %v", err)
	}
	if _, err := prove.Run(t.Context(), prove.Options{Only: []string{"zzz"}}); !errors.As(err, &unknown) {
		t.Errorf("a name like no other: %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := prove.Run(ctx, prove.Options{Parallel: 1, Progress: func(int, int, string, prove.Outcome) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
