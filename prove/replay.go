package prove

import (
	"bytes"
	"context"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
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

// replay replays what a run recorded, as it is read from its file, and keeps what came to something else.
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
	var file bytes.Buffer
	if err := reports.Write(&file, results); err != nil {
		return []string{err.Error()}
	}
	read, err := reports.Read(&file)
	if err != nil {
		return []string{err.Error()}
	}
	again, err := steps.Replay(ctx, read, steps.Options{Pack: p.options.Pack, Version: p.options.Version})
	if err != nil {
		return []string{err.Error()}
	}
	return reports.Differences(read, again)
}
