package steps

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"github.com/clementine-ope/clementine/features"
	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// recorded is what a scenario came to while it ran.
type recorded struct {
	world   *harness.World
	steps   []reports.Step
	trail   [][]int // exchanges by step, of the steps that ran
	started time.Time
	took    time.Duration
}

// suite is one run of the suite under way.
type suite struct {
	opts  Options
	run   *harness.Run
	plans map[string]*planned
	defs  []definition
	// replay: nothing is called, so nothing has to be spared.
	replay bool

	mu    sync.Mutex
	done  int
	total int
}

// Run judges the partner. It returns *ConfigError or *CannotJudgeError where nothing could be judged; a cancelled ctx
// ends it cleanly with the results so far and Interrupted set.
func Run(ctx context.Context, o Options) (reports.Results, error) {
	if err := o.fill(); err != nil {
		return reports.Results{}, err
	}
	if err := o.checkOnly(); err != nil {
		return reports.Results{}, err
	}
	if o.Seed == 0 {
		o.Seed = arbitrary()
	}
	own, err := once(ctx, o)
	if err != nil {
		return reports.Results{}, err
	}
	setBeside(ctx, o, &own)
	if o.TryFixes {
		tryFixes(ctx, &own.Results, o)
	} else {
		own.Results.Causes = reports.Rank(own.Results)
	}
	return own.Results, nil
}

// once runs the suite against one partner.
func once(ctx context.Context, o Options) (reports.Side, error) {
	sets, err := o.plan()
	if err != nil {
		return reports.Side{}, err
	}
	run, err := harness.Start(ctx, harness.Options{Pack: o.Pack, Profile: o.Profile, Orange: o.Orange, Seed: o.Seed, Challenge: o.Challenge, Concurrency: o.Concurrency, Version: o.Version, Now: o.Now, Ask: o.Ask,
		Attempts: o.attempts, Journal: o.journal, Resume: o.resume, OwnOrange: o.OwnOrange, OrangeRestarted: o.OrangeRestarted, Dial: o.Dial, Watch: o.Watch})
	if err != nil {
		return reports.Side{}, &ConfigError{err.Error()}
	}
	defer run.Close()
	if p := run.Preflight(ctx); p != nil && ctx.Err() == nil {
		return reports.Side{}, problem(p)
	}
	s := newSuite(o, run)
	apart := trials(sets)
	s.total = len(apart) + toRun(sets)
	s.recall(ctx, sets)
	for i, src := range o.sources() {
		if src.closing && ctx.Err() == nil {
			s.settle(ctx, apart)
		}
		s.source(ctx, src, sets[i])
	}
	r := s.results(ctx, sets)
	r.Resilience = resilience(ctx, apart)
	return reports.Side{Results: r, Steps: trails(sets)}, nil
}

func newSuite(o Options, run *harness.Run) *suite {
	return &suite{opts: o, run: run, plans: map[string]*planned{}, defs: definitions()}
}

func toRun(sets [][]*planned) int {
	n := 0
	for _, set := range sets {
		for _, p := range set {
			if p.Skipped == "" {
				n++
			}
		}
	}
	return n
}

// source runs one set of features through godog.
func (s *suite) source(ctx context.Context, src source, set []*planned) {
	s.plans = map[string]*planned{}
	waiting := 0
	for _, p := range set {
		if p.ran == nil {
			s.plans[p.key] = p
			waiting += toRun([][]*planned{{p}})
		}
	}
	if waiting == 0 {
		return
	}
	godog.TestSuite{
		Name:                "clementine",
		ScenarioInitializer: s.scenario,
		Options: &godog.Options{FS: src.fs, Paths: src.paths, Concurrency: s.width(waiting), Strict: true, Format: "progress", NoColors: true,
			Output: io.Discard, DefaultContext: ctx},
	}.Run()
}

// width is how many scenarios run side by side. One means one at a time; scenarios that wait for events hold no place
// at the partner, so asynchronous ones may all be under way.
func (s *suite) width(scenarios int) int {
	switch {
	case s.opts.Concurrency == 1:
		return 1
	case s.replay:
		return scenarios
	case s.opts.Profile.Mode == profile.Async:
		return scenarios
	}
	return s.opts.Concurrency
}

var errNotPlanned = errors.New("not part of this run")

// scenario registers the steps for one scenario, each bound to its own World, and the hooks that record what they do:
// godog's own summary counts skipped steps as passed and knows neither warnings nor broken.
func (s *suite) scenario(sc *godog.ScenarioContext) {
	w := s.run.NewWorld()
	for _, d := range s.defs {
		sc.Step(d.pattern, d.bind(w))
	}
	var rec *recorded
	var plan *planned
	var mark harness.StepMark
	sc.Before(func(ctx context.Context, p *godog.Scenario) (context.Context, error) {
		plan = s.plans[p.Uri+"\x00"+p.Name]
		if plan == nil || plan.Skipped != "" {
			return ctx, errNotPlanned
		}
		w.Begin(plan.ID, plan.applicable())
		rec = &recorded{world: w, started: time.Now()}
		plan.ran = rec
		if ctx.Err() != nil {
			w.Interrupt()
			return ctx, ctx.Err()
		}
		s.begins(plan)
		return ctx, nil
	})
	sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) {
		mark = w.Mark()
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, st *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		if rec != nil {
			rec.walked(status)
			rec.steps = append(rec.steps, reports.Step{Text: st.Text, Verdict: stepVerdict(w, mark, st.Text, status, err)})
		}
		return ctx, nil
	})
	sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
		if rec != nil {
			rec.took = time.Since(rec.started)
			s.ended(ctx, plan)
			s.keep(ctx, plan)
		}
		return ctx, nil
	})
}

// stepVerdict reads what a step came to from the World, and from godog only what the World can't know.
func stepVerdict(w *harness.World, mark harness.StepMark, line string, status godog.StepResultStatus, err error) reports.Verdict {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, errNotPlanned):
		return reports.Inconclusive
	case status == godog.StepUndefined, status == godog.StepAmbiguous, status == godog.StepPending:
		w.Break(fmt.Sprintf("step %s: %s", status, line))
		return reports.Broken
	case harness.IsSkipped(err):
		return reports.Skipped
	case status == godog.StepSkipped:
		return reports.Inconclusive
	case err != nil && !harness.IsBlocked(err):
		w.Break(err.Error())
		return reports.Broken
	}
	v := w.StepVerdict(mark)
	if err != nil && v == reports.Passed {
		return reports.Inconclusive
	}
	return v
}

func (s *suite) ended(ctx context.Context, p *planned) {
	for _, id := range p.own {
		p.ran.world.JudgeOwn(id)
	}
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
	if s.opts.Progress != nil {
		worst := reports.Skipped
		for _, st := range p.ran.steps {
			worst = reports.Worst(worst, st.Verdict)
		}
		if p.apart {
			worst = reports.Passed // it has no verdict; the section says whether the partner held
		}
		s.opts.Progress(Progress{Done: s.done, Total: s.total, Scenario: p.Name, Verdict: worst})
	}
}

// results folds the run into its results.
func (s *suite) results(ctx context.Context, sets [][]*planned) reports.Results {
	var all []harness.Scenario
	for _, set := range sets {
		for _, p := range set {
			sc := harness.Scenario{Scenario: p.row(), Skipped: p.skipped, Own: p.own, Folder: p.folder()}
			switch {
			case p.ran != nil:
				sc.World, sc.Steps, sc.DurationMs = p.ran.world, p.ran.steps, p.ran.took.Milliseconds()
			case p.Skipped == "":
				w := s.run.NewWorld()
				w.Begin(p.ID, p.applicable())
				if ctx.Err() != nil {
					w.Interrupt()
				} else {
					w.Break("the scenario was planned but did not run")
				}
				sc.World = w
			}
			all = append(all, sc)
		}
	}
	slices.SortStableFunc(all, func(a, b harness.Scenario) int { return reading(a.Folder) - reading(b.Folder) })
	o := s.opts
	rows, scenarios := s.run.Fold(all, o.Lang)
	r := reports.Results{
		Version: reports.Version, Interrupted: ctx.Err() != nil, Attended: o.Ask != nil, Selection: strings.Join(o.Only, ","), Mode: string(o.Profile.Mode), Lang: o.Lang, Seed: o.Seed, Challenge: o.Challenge,
		Suite:   reports.Suite{Name: "clementine", Version: o.Version, Contract: o.Pack.Name, Digest: Digest(o.Pack, o.Extra), Pack: o.Pack.Digest},
		Partner: reports.Partner{Name: o.Profile.Partner.Name, Contract: o.Profile.Partner.Contract, BaseURL: o.Profile.BaseURL},
		Profile: o.Profile.Redacted(), StartedAt: s.run.StartedAt(), DurationMs: s.took().Milliseconds(), Resumed: s.run.Resumed(),
		Requirements: rows, Scenarios: scenarios, Exchanges: s.run.Exchanges(),
	}
	r.Counts, r.Verdict = reports.Count(rows), reports.Conclude(rows)
	r.Proof, r.Claims = proofOf(o, r), s.run.Claims(rows, r.Exchanges)
	return r
}

// reading is the place of a folder in the report; the user's own features come last.
func reading(folder string) int {
	if i := slices.Index(features.Reading(), folder); i >= 0 {
		return i
	}
	return len(features.Reading())
}

// Digest identifies what was judged against: the features and the contract pack.
func Digest(p *schemas.Pack, extra []fs.FS) string {
	h := sha256.New()
	for _, f := range append([]fs.FS{features.FS}, extra...) {
		_ = fs.WalkDir(f, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(f, path)
			fmt.Fprintf(h, "%s %d\n", path, len(b))
			h.Write(b)
			return err
		})
	}
	h.Write([]byte(p.Digest))
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// arbitrary is a seed for a run that was given none. It stays within what JSON numbers carry exactly.
func arbitrary() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return binary.BigEndian.Uint64(b[:])>>12 + 1
}
