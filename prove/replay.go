package prove

import (
	"bytes"
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
	"github.com/clementine-ope/clementine/steps"
)

// Divergence is a run whose recording, replayed, came to something else than the run.
type Divergence struct {
	Name string       `json:"name"`
	Mode profile.Mode `json:"mode"`
	// Differences are the first of them.
	Differences []string `json:"differences"`
}

// mostDifferences is how many of them a divergence keeps.
const mostDifferences = 5

// packed is what a reviewer reads of a run: results from a bundle that is as it was written.
func packed(results reports.Results) (reports.Results, error) {
	var file bytes.Buffer
	b, err := bundle.New(results)
	if err == nil {
		err = b.Write(&file)
	}
	if err != nil {
		return reports.Results{}, err
	}
	if b, err = bundle.Read(&file); err != nil {
		return reports.Results{}, err
	}
	if problems := b.Verify(bundle.Expect{}).Problems; len(problems) > 0 {
		return reports.Results{}, fmt.Errorf("the bundle: %s", problems[0])
	}
	return b.Results()
}

// replay replays what a run recorded, as it is read from its bundle, and keeps what came to something else.
func (p *prover) replay(ctx context.Context, t task, results reports.Results) {
	if !p.options.Replay || ctx.Err() != nil {
		return
	}
	differences := p.differences(ctx, results)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.matrix.Summary.Replayed++
	if len(differences) > 0 {
		p.matrix.Diverged = append(p.matrix.Diverged, Divergence{t.name(), t.mode, differences[:min(len(differences), mostDifferences)]})
	}
}

func (p *prover) differences(ctx context.Context, results reports.Results) []string {
	read, err := packed(results)
	if err != nil {
		return []string{err.Error()}
	}
	again, err := steps.Replay(ctx, read, steps.Options{Pack: p.options.Pack, Version: p.options.Version})
	if err != nil {
		return []string{err.Error()}
	}
	return reports.Differences(read, again)
}
