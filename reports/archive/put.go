package archive

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// Also is what is to be written in the same transaction as a run, in the archive's database.
type Also func(ctx context.Context, tx *database.Tx) error

// Put keeps a run that has ended: id, owner, who started it, its offer and its baseline come from run, all else from its
// results. It takes the place of an interrupted one of the same id, if run is that one as Get read it and nobody has
// decided on it since; otherwise ErrKept.
func (a *Archive) Put(ctx context.Context, run Run, r reports.Results, also ...Also) error {
	b, err := bundle.New(r)
	if err != nil {
		return fmt.Errorf("bundle a run: %w", err)
	}
	data, err := bytesOf(b)
	if err != nil {
		return err
	}
	run.Content = b.Digest()
	return a.insert(ctx, described(run, r), reports.Open, data, also)
}

// PutProblem keeps a run in which nothing could be judged, with the sentence that says why. It has no bundle. See Put.
func (a *Archive) PutProblem(ctx context.Context, run Run, problem string, also ...Also) error {
	run.Verdict, run.Problem, run.Interrupted, run.Counts = Unjudged, problem, false, reports.Counts{}
	return a.insert(ctx, run, reports.Open, nil, also)
}

func bytesOf(b *bundle.Bundle) ([]byte, error) {
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		return nil, fmt.Errorf("bundle a run: %w", err)
	}
	if out.Len() > MaxBundle {
		return nil, ErrTooLarge
	}
	return out.Bytes(), nil
}

// insertSQL keeps a run. Of an interrupted one that it takes the place of, the place in the list stays.
const insertSQL = `INSERT INTO archive_run (id, owner, started_by, partner, contract, mode, offer, verdict, problem, selection,
	interrupted, suite, digest, counts, started_at, duration_ms, review, revision, baseline, uploaded_by, uploaded_at, proof, content, bundle)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET verdict = excluded.verdict, problem = excluded.problem, interrupted = excluded.interrupted, suite = excluded.suite,
	digest = excluded.digest, counts = excluded.counts, started_at = excluded.started_at, duration_ms = excluded.duration_ms,
	revision = archive_run.revision + 1, content = excluded.content, bundle = excluded.bundle
	WHERE archive_run.interrupted = 1 AND archive_run.review = excluded.review AND archive_run.revision = ?`

func (a *Archive) insert(ctx context.Context, run Run, review string, data []byte, also []Also) error {
	counts, err := json.Marshal(run.Counts)
	if err != nil {
		return fmt.Errorf("write the counts of a run: %w", err)
	}
	interrupted, uploaded := int64(0), int64(0)
	if run.Interrupted {
		interrupted = 1
	}
	if !run.UploadedAt.IsZero() {
		uploaded = run.UploadedAt.UnixMilli()
	}
	err = a.db.Write(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(ctx, insertSQL,
			run.ID, run.Owner, run.StartedBy, run.Partner, run.Contract, run.Mode, run.Offer, run.Verdict, run.Problem, run.Selection,
			interrupted, run.Suite, run.Digest, string(counts), run.StartedAt.UnixMilli(), run.Duration.Milliseconds(), review, run.Baseline, run.UploadedBy, uploaded,
			run.Proof, run.Content, data, run.revision)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrKept)
		}
		_, err = tx.Exec(ctx, `DELETE FROM archive_run WHERE owner = ? AND review = ? AND seq NOT IN
			(SELECT seq FROM archive_run WHERE owner = ? ORDER BY seq DESC LIMIT ?)`, run.Owner, reports.Open, run.Owner, a.opts.Kept)
		for _, each := range also {
			if err == nil {
				err = each(ctx, tx)
			}
		}
		return err
	})
	return wrap("keep a run", err)
}

// Bundle opens the bundle of a run. A run in which nothing was judged has none: ErrNotFound.
func (a *Archive) Bundle(ctx context.Context, owner, id string) (*bundle.Bundle, error) {
	b, _, err := a.bundle(ctx, owner, id)
	return b, err
}

func (a *Archive) bundle(ctx context.Context, owner, id string) (*bundle.Bundle, int64, error) {
	var data []byte
	var revision int64
	err := a.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT bundle, revision FROM archive_run WHERE id = ? AND (? = '' OR owner = ?)", id, owner, owner).Scan(&data, &revision)
	})
	if errors.Is(err, sql.ErrNoRows) || (err == nil && len(data) == 0) {
		return nil, 0, ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read a run: %w", err)
	}
	b, err := bundle.Read(bytes.NewReader(data))
	if err != nil {
		return nil, 0, fmt.Errorf("read the bundle of a run: %w", err)
	}
	return b, revision, nil
}

// DecisionError says in one sentence why a decision makes no sense for a run.
type DecisionError struct{ Sentence string }

func (e *DecisionError) Error() string { return e.Sentence }

// Decide adds a reviewer's decision to the bundle of a run. Of two who decide at once the second one decides on what the
// first one has left, or gets a *DecisionError.
func (a *Archive) Decide(ctx context.Context, id string, d reports.Decision) error {
	const attempts = 5
	for range attempts {
		b, revision, err := a.bundle(ctx, "", id)
		if err != nil {
			return err
		}
		if err := b.Decide(d); err != nil {
			return &DecisionError{err.Error()}
		}
		data, err := bytesOf(b)
		if err != nil {
			return err
		}
		var changed int64
		err = a.db.Write(ctx, func(tx *database.Tx) error {
			query, args := "UPDATE archive_run SET bundle = ?, revision = revision + 1 WHERE id = ? AND revision = ?", []any{data, id, revision}
			if state, decides := stateAfter(d); decides {
				query, args = "UPDATE archive_run SET bundle = ?, revision = revision + 1, review = ? WHERE id = ? AND revision = ?", []any{data, state, id, revision}
			}
			result, err := tx.Exec(ctx, query, args...)
			if err != nil {
				return err
			}
			changed, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("keep a decision: %w", err)
		}
		if changed == 1 {
			return nil
		}
	}
	return errors.New("keep a decision: others decide on this run all the time")
}
