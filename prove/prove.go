// Package prove runs the suite against partners that are wrong in a known way and against partners that are right in an
// unusual way. A check that no defect fails has never been seen to work; one that a variant fails accuses the innocent.
//
// It owns the runs, the matrix that comes of them and its renderings. It does not own the partners (partner/defect,
// partner/variant), nor the judging: it calls the suite as anyone does.
package prove

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/nearest"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/partner/hostile"
	"github.com/clementine-ope/clementine/partner/variant"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// Options say what to prove. The zero value proves everything with the built-in contract pack, in both modes.
type Options struct {
	Pack  *schemas.Pack
	Modes []profile.Mode // nil = both
	// Only names the defects, variants and hostile partners to run; empty = all. An unknown name is an error.
	Only []string
	// Full runs the whole suite for each defect; else the scenarios of its requirement and of those that need it.
	Full bool
	// Thorough judges each defect three times: as above, by the whole suite, and with the profile that declares what the
	// defect needs and nothing else. What is told to partners must be true of those who declare little, too.
	Thorough bool
	// Replay replays the recording of each run of a defect or a variant, and compares the verdicts.
	Replay   bool
	Defects  []defect.Defect   // nil = all
	Variants []variant.Variant // nil = all
	Hostile  []hostile.Kind    // nil = all
	Parallel int               // runs side by side; 0 = four for each processor: most of a run is waiting
	Seed     uint64            // of every run; 0 = 1
	Version  string
	Now      func() time.Time // nil = time.Now
	Logger   *slog.Logger     // nil = silent
	// Results is shown what each run came to; several goroutines call it at a time.
	Results func(r reports.Results)
	// Progress is told of each run that has ended; it is called by one goroutine at a time.
	Progress func(done, total int, name string, outcome Outcome)
}

// task is one run of the suite.
type task struct {
	mode    profile.Mode
	profile *profile.Profile // the declaration; nil = that of every proof
	defect  *defect.Defect
	variant *variant.Variant
	hostile *hostile.Kind
}

func (t task) name() string {
	switch {
	case t.defect != nil:
		return t.defect.Name
	case t.variant != nil:
		return t.variant.Name
	}
	return t.hostile.Name
}

// Run proves. An error means that nothing was proven: a name that is unknown, or ctx has ended.
func Run(ctx context.Context, o Options) (Matrix, error) {
	if err := o.fill(); err != nil {
		return Matrix{}, err
	}
	tasks, err := o.tasks()
	if err != nil {
		return Matrix{}, err
	}
	p := &prover{options: o, slots: make(chan struct{}, o.Parallel), total: len(tasks)}
	started := o.Now()
	var wg sync.WaitGroup
	for _, t := range tasks {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-p.slots }()
			p.prove(ctx, t)
		})
	}
	wg.Wait()
	p.repeat(ctx)
	if err := ctx.Err(); err != nil {
		return Matrix{}, fmt.Errorf("prove: %w", context.Cause(ctx))
	}
	m := p.matrix
	m.Version, m.Full, m.Suite = Version, o.Full, suiteOf(o)
	m.Partial = len(o.Only) > 0 || len(o.Modes) < 2
	m.StartedAt, m.DurationMs = started, o.Now().Sub(started).Milliseconds()
	m.close()
	return m, nil
}

func (o *Options) fill() error {
	if o.Pack == nil {
		pack, err := schemas.Builtin()
		if err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		o.Pack = pack
	}
	if o.Modes == nil {
		o.Modes = []profile.Mode{profile.Sync, profile.Async}
	}
	if o.Defects == nil {
		o.Defects = defect.All()
	}
	if o.Variants == nil {
		o.Variants = variant.All()
	}
	if o.Hostile == nil {
		o.Hostile = hostile.All()
	}
	if o.Parallel <= 0 {
		o.Parallel = 4 * runtime.GOMAXPROCS(0)
	}
	o.Seed = cmp.Or(o.Seed, 1)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// tasks lists the runs: defects first, which wait the most.
func (o *Options) tasks() ([]task, error) {
	var tasks []task
	found := map[string]bool{}
	wanted := func(name, shows string, mode profile.Mode) bool {
		if len(o.Only) > 0 && !slices.Contains(o.Only, name) {
			return false
		}
		found[name] = true
		return shows == "both" || shows == string(mode)
	}
	for _, mode := range o.Modes {
		for i := range o.Defects {
			if d := &o.Defects[i]; wanted(d.Name, d.Mode, mode) {
				tasks = append(tasks, task{mode: mode, defect: d})
			}
		}
		for i := range o.Variants {
			if v := &o.Variants[i]; wanted(v.Name, v.Mode, mode) {
				tasks = append(tasks, task{mode: mode, variant: v})
			}
		}
		for i := range o.Hostile {
			if k := &o.Hostile[i]; wanted(k.Name, k.Mode, mode) {
				tasks = append(tasks, task{mode: mode, hostile: k})
			}
		}
	}
	for _, name := range o.Only {
		if !found[name] {
			return nil, o.unknown(name)
		}
	}
	return tasks, nil
}

func (o *Options) unknown(name string) error {
	var names []string
	for _, d := range o.Defects {
		names = append(names, d.Name)
	}
	for _, v := range o.Variants {
		names = append(names, v.Name)
	}
	for _, k := range o.Hostile {
		names = append(names, k.Name)
	}
	sentence := fmt.Sprintf("no defect, variant or hostile partner is called %q", name)
	if near := nearest.Names(name, names, 3); len(near) > 0 {
		sentence += "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return &NameError{sentence}
}

// NameError is a name in Options.Only that nothing has.
type NameError struct{ Sentence string }

func (e *NameError) Error() string { return e.Sentence }

// prover collects what the runs come to.
type prover struct {
	options Options
	slots   chan struct{}
	total   int

	mu     sync.Mutex
	done   int
	matrix Matrix
	again  []task      // defects that were not caught, and beside them
	first  []DefectRow // what they came to
}

// mostRepeats bounds how many defects get a second run: more of them are no matter of a busy machine.
const mostRepeats = 20

// repeat gives each defect that was not caught a run of its own, with the machine to itself: the judge of a defect waits
// for a short time only, and where hundreds of runs share two processors, an event may miss it that is not late.
func (p *prover) repeat(ctx context.Context) {
	for i, t := range p.again {
		row := p.first[i]
		if len(p.again) <= mostRepeats && ctx.Err() == nil {
			row = p.proveDefect(ctx, t)
			row.Repeated = true
		}
		p.ended(t.name(), row.Outcome, func(m *Matrix) { m.Defects = append(m.Defects, row) })
	}
}

func (p *prover) prove(ctx context.Context, t task) {
	switch {
	case t.defect != nil:
		row := p.proveDefect(ctx, t)
		if row.Outcome != Caught && row.Outcome != NotApplicable {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.again, p.first = append(p.again, t), append(p.first, row)
			return
		}
		p.ended(t.name(), row.Outcome, func(m *Matrix) { m.Defects = append(m.Defects, row) })
	case t.variant != nil:
		row := p.proveVariant(ctx, t)
		p.ended(t.name(), row.Outcome, func(m *Matrix) { m.Variants = append(m.Variants, row) })
	default:
		row := p.proveHostile(ctx, t)
		p.ended(t.name(), row.Outcome, func(m *Matrix) { m.Hostile = append(m.Hostile, row) })
	}
}

func (p *prover) ended(name string, outcome Outcome, add func(m *Matrix)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	add(&p.matrix)
	if p.options.Progress != nil {
		p.options.Progress(p.done, p.total, name, outcome)
	}
}

// selection is what of the suite shows a defect: its requirement and those that need it.
func (o *Options) selection(requirement string) []string {
	if o.Full {
		return nil
	}
	selected := []string{requirement}
	for _, r := range o.Pack.Requirements() {
		if slices.Contains(r.Needs, requirement) {
			selected = append(selected, r.ID)
		}
	}
	return selected
}

// cannotJudge is the sentence of a run that judged nothing.
func cannotJudge(err error) string {
	var cannot *steps.CannotJudgeError
	if errors.As(err, &cannot) {
		return fmt.Sprintf("could not judge (%s): %s", cannot.Blame, cannot.Sentence)
	}
	return err.Error()
}
