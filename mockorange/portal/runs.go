package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports"
)

const (
	// MaxResults bounds a results.json that is posted, in bytes: eight times a whole run.
	MaxResults = 16 << 20
	// keptRuns is how many runs an account keeps; the oldest go first.
	keptRuns = 50
)

// Run is a posted results.json, as far as the checklist looks at it: facts that the run judged, and no claim.
type Run struct {
	ID       int64
	Step     int // 1 or 2, by the offer
	PostedAt time.Time
	PostedBy string // an e-mail address, or orange
	Facts    Facts
}

// Facts are what counts of a run.
type Facts struct {
	Offer       string         `json:"offer"`
	Mode        string         `json:"mode"`
	Verdict     string         `json:"verdict"`
	Selection   string         `json:"selection"` // of --only; empty for a whole run
	Interrupted bool           `json:"interrupted"`
	Partner     string         `json:"partner"`
	Contract    string         `json:"contract"` // number that the profile names
	Suite       string         `json:"suite"`    // version
	Pack        string         `json:"pack"`     // contract pack, such as mba-2.2
	StartedAt   time.Time      `json:"startedAt"`
	Counts      reports.Counts `json:"counts"`
	// Challenge is what a reviewer gave before the run, as the run says; without one, none.
	Challenge string    `json:"challenge"`
	UseCases  []UseCase `json:"useCases"`
}

// PostRun stores a results.json of an account. An *InvalidError says in its own words why it is none, or that its offer
// belongs to no step.
func (s *Service) PostRun(ctx context.Context, account, by string, results io.Reader) (Run, error) {
	read := func() (reports.Results, error) {
		// A results.json of many megabytes takes a multiple of its size: one at a time.
		s.reading.Lock()
		defer s.reading.Unlock()
		limited := &io.LimitedReader{R: results, N: MaxResults + 1}
		r, err := reports.Read(limited)
		if limited.N == 0 {
			return reports.Results{}, fmt.Errorf("longer than %d MiB", MaxResults>>20)
		}
		return r, err
	}
	invalid := func(format string, args ...any) error {
		return &InvalidError{[]Violation{{"results", CodeResults, fmt.Sprintf(format, args...)}}}
	}
	r, err := read()
	if err != nil {
		return Run{}, invalid("must be a results.json: %s", reports.Plain(err.Error()))
	}
	p, err := profileOf(r)
	if err != nil {
		return Run{}, invalid("has a profile that cannot be read: %s", reports.Plain(err.Error()))
	}
	run := Run{PostedAt: s.now(), PostedBy: by, Facts: s.facts(r, p)}
	switch p.Offer {
	case OfferBeta:
		run.Step = 1
	case OfferProduction:
		run.Step = 2
	default:
		return Run{}, invalid("is of offer %q: step 1 runs on mba2-beta, step 2 on mba2", reports.Plain(p.Offer))
	}
	if len(s.opts.Requirements) == 0 || r.Suite.Contract != s.opts.Pack {
		return Run{}, invalid("is judged by the contract pack %q, and this portal knows %q", reports.Plain(r.Suite.Contract), s.opts.Pack)
	}
	return run, s.store(ctx, account, &run)
}

func (s *Service) store(ctx context.Context, account string, run *Run) error {
	facts, err := json.Marshal(run.Facts)
	if err != nil {
		return fmt.Errorf("write the facts of a run: %w", err)
	}
	return wrap("store a run", s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE id = ? AND active = 1", account)); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "INSERT INTO portal_run (account_id, step, posted_at, posted_by, summary) VALUES (?, ?, ?, ?, ?) RETURNING seq",
			account, run.Step, run.PostedAt.UnixMilli(), run.PostedBy, string(facts)).Scan(&run.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM portal_run WHERE account_id = ? AND seq NOT IN
			(SELECT seq FROM portal_run WHERE account_id = ? ORDER BY seq DESC LIMIT ?)`, account, account, keptRuns)
		return err
	}))
}

// Runs returns the runs of an account, newest first.
func (s *Service) Runs(ctx context.Context, account string) ([]Run, error) {
	var out []Run
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var r Run
			var at int64
			var facts string
			if err := row.Scan(&r.ID, &r.Step, &at, &r.PostedBy, &facts); err != nil {
				return err
			}
			r.PostedAt = instant(at)
			out = append(out, r)
			return json.Unmarshal([]byte(facts), &out[len(out)-1].Facts)
		}, "SELECT seq, step, posted_at, posted_by, summary FROM portal_run WHERE account_id = ? ORDER BY seq DESC", account)
	})
	return out, wrap("list runs", err)
}
