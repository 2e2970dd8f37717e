package steps

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/cucumber/godog"

	"github.com/clementine-ope/clementine/features"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// resilienceTag marks the suite's scenarios that go beyond the requirements. They are reported in a section of their
// own and never folded into verdicts.
const resilienceTag = "resilience"

// looksAtResilience reports whether the run has the section at all: only an asynchronous partner's orders have events,
// and a selection is about requirements.
func (o *Options) looksAtResilience() bool {
	return o.Resilience && len(o.Only) == 0 && o.Profile.Mode == profile.Async
}

// trials takes the scenarios of the resilience section out of the sets.
func trials(sets [][]*planned) []*planned {
	var out []*planned
	for i, set := range sets {
		for _, p := range set {
			if p.apart {
				out = append(out, p)
			}
		}
		sets[i] = slices.DeleteFunc(set, func(p *planned) bool { return p.apart })
	}
	return out
}

// settle waits the quiet window and, meanwhile, runs the resilience scenarios. They are side by side whatever the
// concurrency is, which still bounds their calls in flight: so all of them take at most delays.retry.
func (s *suite) settle(ctx context.Context, set []*planned) {
	var wg sync.WaitGroup
	// The window is the run's end, not a reason to fail: a cancelled one ends the run in its results.
	wg.Go(func() { _ = s.run.Quiet(ctx) })
	defer wg.Wait()
	if len(set) == 0 {
		return
	}
	s.plans = map[string]*planned{}
	var paths []string
	for _, p := range set {
		s.plans[p.key] = p
		if uri, _, _ := strings.Cut(p.key, "\x00"); !slices.Contains(paths, uri) {
			paths = append(paths, uri)
		}
	}
	godog.TestSuite{
		Name:                "clementine",
		ScenarioInitializer: s.scenario,
		Options: &godog.Options{FS: features.FS, Paths: paths, Concurrency: len(set), Strict: true, Format: "progress", NoColors: true,
			Output: io.Discard, DefaultContext: ctx},
	}.Run()
}

// resilience lists what the scenarios came to. One that the end of the run cut short says nothing.
func resilience(ctx context.Context, set []*planned) []reports.Resilience {
	if ctx.Err() != nil {
		return nil
	}
	var out []reports.Resilience
	for _, p := range set {
		if p.ran != nil {
			out = append(out, p.ran.world.Resilience(p.Name))
		}
	}
	return out
}
