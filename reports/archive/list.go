package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// Query says which runs are asked for; an empty member leaves all through.
type Query struct {
	Owner, Partner, Mode, Verdict, Review string
	Content                               string // see Run
	After                                 string // what List returned as next; empty for the first page
	Limit                                 int    // 1 to MaxPage; 0 is MaxPage
}

// MaxPage is the most runs of one page.
const MaxPage = 50

const columns = `seq, id, owner, started_by, partner, contract, mode, offer, verdict, problem, selection, interrupted, suite, digest,
	counts, started_at, duration_ms, review, baseline, revision, uploaded_by, uploaded_at, proof, content`

// List returns runs, newest first, and where the next page begins: empty where there is none. A place that is none is an
// empty list.
func (a *Archive) List(ctx context.Context, q Query) (runs []Run, next string, err error) {
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	query, args := "SELECT "+columns+" FROM archive_run WHERE 1 = 1", []any{}
	for _, f := range []struct{ column, value string }{
		{"owner", q.Owner}, {"partner", q.Partner}, {"mode", q.Mode}, {"verdict", q.Verdict}, {"review", q.Review}, {"content", q.Content},
	} {
		if f.value != "" {
			query, args = query+" AND "+f.column+" = ?", append(args, f.value)
		}
	}
	if q.After != "" {
		before, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return nil, "", nil
		}
		query, args = query+" AND seq < ?", append(args, before)
	}
	args = append(args, q.Limit+1)
	if runs, err = a.scan(ctx, query+" ORDER BY seq DESC LIMIT ?", args...); err != nil {
		return nil, "", err
	}
	if len(runs) > q.Limit {
		runs = runs[:q.Limit]
		next = strconv.FormatInt(runs[len(runs)-1].seq, 10)
	}
	return runs, next, nil
}

// Trend returns the last runs of a partner, oldest first. An empty owner is anybody.
func (a *Archive) Trend(ctx context.Context, owner, partner string, limit int) ([]Run, error) {
	runs, _, err := a.List(ctx, Query{Owner: owner, Partner: partner, Limit: limit})
	slices.Reverse(runs)
	return runs, err
}

// Partners lists the names that runs are kept of, sorted: 500 at most. An empty owner is anybody.
func (a *Archive) Partners(ctx context.Context, owner string) ([]string, error) {
	var out []string
	err := a.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var name string
			err := row.Scan(&name)
			out = append(out, name)
			return err
		}, "SELECT DISTINCT partner FROM archive_run WHERE (? = '' OR owner = ?) ORDER BY partner LIMIT 500", owner, owner)
	})
	return out, wrap("list partners", err)
}

// Get returns one run; an empty owner is anybody. It is ErrNotFound if it does not exist or is somebody else's.
func (a *Archive) Get(ctx context.Context, owner, id string) (Run, error) {
	runs, err := a.scan(ctx, "SELECT "+columns+" FROM archive_run WHERE id = ? AND (? = '' OR owner = ?)", id, owner, owner)
	if err != nil {
		return Run{}, err
	}
	if len(runs) == 0 {
		return Run{}, ErrNotFound
	}
	return runs[0], nil
}

// Delete removes a run for good. See Get.
func (a *Archive) Delete(ctx context.Context, owner, id string) error {
	return wrap("remove a run", a.db.Write(ctx, func(tx *database.Tx) error {
		var gone string
		err := tx.QueryRow(ctx, "DELETE FROM archive_run WHERE id = ? AND (? = '' OR owner = ?) RETURNING id", id, owner, owner).Scan(&gone)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	}))
}

func (a *Archive) scan(ctx context.Context, query string, args ...any) ([]Run, error) {
	var out []Run
	err := a.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var r Run
			var interrupted, started, took, uploaded int64
			var counts string
			err := row.Scan(&r.seq, &r.ID, &r.Owner, &r.StartedBy, &r.Partner, &r.Contract, &r.Mode, &r.Offer, &r.Verdict, &r.Problem, &r.Selection,
				&interrupted, &r.Suite, &r.Digest, &counts, &started, &took, &r.Review, &r.Baseline, &r.revision, &r.UploadedBy, &uploaded, &r.Proof, &r.Content)
			if err != nil {
				return err
			}
			r.Interrupted, r.StartedAt, r.Duration = interrupted != 0, time.UnixMilli(started).UTC(), time.Duration(took)*time.Millisecond
			if uploaded != 0 {
				r.UploadedAt = time.UnixMilli(uploaded).UTC()
			}
			out = append(out, r)
			return json.Unmarshal([]byte(counts), &out[len(out)-1].Counts)
		}, query, args...)
	})
	return out, wrap("list runs", err)
}
