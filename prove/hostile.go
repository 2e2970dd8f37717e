package prove

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

// hostileLimit is how long a run against a hostile partner may take until its results are written. It allows for a
// machine that is busy with the runs beside it; docs/limits.md has what ends such runs much earlier.
const hostileLimit = time.Minute

// The outcomes of hostile partners.
const (
	Ended    Outcome = "ended"     // with a verdict and its reports, in time
	NotEnded Outcome = "not ended" // no verdict in time, or no reports
)

// HostileRow is what became of the judge in one run against a hostile partner.
type HostileRow struct {
	Name    string       `json:"name"`
	Mode    profile.Mode `json:"mode"`
	What    string       `json:"what"`
	Outcome Outcome      `json:"outcome"`
	// ExitCode is what the run would have ended with, and Said its verdict or why nothing could be judged.
	ExitCode   int    `json:"exitCode"`
	Said       string `json:"said"`
	DurationMs int64  `json:"durationMs"`
}

// exitCannotJudge is the exit code of a run that could judge nothing.
const exitCannotJudge = 3

func (m *Matrix) closeHostile() {
	slices.SortFunc(m.Hostile, func(a, b HostileRow) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b.Mode, a.Mode))
	})
	names := map[string]bool{}
	for _, row := range m.Hostile {
		names[row.Name] = true
		m.Summary.Hostile++
		if row.Outcome != Ended {
			m.Summary.NotEnded++
		}
	}
	m.Summary.HostileNames = len(names)
}

// hurried delays are those of a judge that a hostile partner keeps waiting each time.
func hurried() profile.Delays {
	return profile.Delays{
		Answer: seconds(0.3), Event: seconds(0.5), Quiet: seconds(0.05), Retry: seconds(0.2), Visible: seconds(0.05),
	}
}

// proveHostile lets a hostile partner be judged on the first order and, where it reports by events, on an update.
func (p *prover) proveHostile(ctx context.Context, t task) HostileRow {
	k := t.hostile
	row := HostileRow{Name: k.Name, Mode: t.mode, What: k.What, Outcome: NotEnded}
	l, err := newLab(t.mode, hurried())
	if err != nil {
		row.Said = err.Error()
		return row
	}
	l.seam = k.Seam()
	if !p.options.Full {
		l.only = []string{"PO-UC2-02"}
		if t.mode == profile.Async {
			l.only = append(l.only, "US-UC2-01")
		}
	}
	limited, cancel := context.WithTimeoutCause(ctx, hostileLimit, errHostileLimit)
	defer cancel()
	started := p.options.Now()
	results, err := l.run(limited, p.options)
	row.DurationMs = p.options.Now().Sub(started).Milliseconds()
	row.end(limited, results, err)
	return row
}

var errHostileLimit = fmt.Errorf("no verdict within %s", hostileLimit)

// end takes what the run came to: ended is a verdict, in time, with every report written.
func (row *HostileRow) end(ctx context.Context, results reports.Results, err error) {
	var cannot *steps.CannotJudgeError
	switch {
	case ctx.Err() != nil:
		row.Said = context.Cause(ctx).Error()
		return
	case errors.As(err, &cannot):
		row.Outcome, row.ExitCode, row.Said = Ended, exitCannotJudge, cannotJudge(err)
		return
	case err != nil:
		row.Said = err.Error()
		return
	}
	for _, write := range []func(io.Writer, reports.Results) error{reports.Write, reports.HTML, reports.JUnit, reports.CTRF} {
		if err := write(io.Discard, results); err != nil {
			row.Said = err.Error()
			return
		}
	}
	row.Outcome, row.ExitCode, row.Said = Ended, reports.ExitCode(results), results.Verdict
}
