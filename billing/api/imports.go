package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clementine-ope/clementine/billing"
)

// importBatch is how many rows are written in one transaction.
const importBatch = 500

// maxRow is the longest row of an import, in bytes.
const maxRow = 1 << 20

// ImportResult is what became of one row.
type ImportResult struct {
	Line         int      `json:"line" doc:"Of the file, from 1."`
	Outcome      string   `json:"outcome" enum:"created,skipped,rejected"`
	Subscription string   `json:"subscription,omitempty" doc:"Path of the created one."`
	Existing     string   `json:"existing,omitempty" doc:"Path of the one that a duplicate meets."`
	Problem      *Problem `json:"problem,omitempty" doc:"Of a rejected row: what POST /subscriptions would have answered."`
}

// Import reads subscriptions as JSON Lines and creates them. Rows are independent: one that is rejected holds up no other.
type Import struct {
	OnDuplicate billing.OnDuplicate
	// Once makes the key of a batch, by its number; nil does each batch as often as it is asked to.
	Once func(batch int) billing.OnceKey
}

// Counts are what became of the rows of an import.
type Counts struct {
	Created, Skipped, Rejected int
}

// Run reads rows from in and writes one result for each to out, as JSON Lines, in their order. An error is the
// reader's, the writer's or the store's; the batches before it have been written.
func (i Import) Run(
	ctx context.Context, s billing.Store, actor billing.Actor, sc billing.Scope, in io.Reader, out io.Writer,
) (Counts, error) {
	a := &API{
		store: s, log: slog.New(slog.DiscardHandler),
		schemas: schemas{huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)},
	}
	return a.runImport(ctx, i, actor, sc, in, out)
}

func (a *API) runImport(
	ctx context.Context, i Import, actor billing.Actor, sc billing.Scope, in io.Reader, out io.Writer,
) (Counts, error) {
	var counts Counts
	rows := bufio.NewScanner(in)
	rows.Buffer(make([]byte, 0, 64<<10), maxRow)
	batch := batch{api: a, how: i, actor: actor, scope: sc}
	flush := func() error {
		if len(batch.results) == 0 {
			return nil
		}
		lines, err := batch.write(ctx, &counts)
		if err != nil {
			return err
		}
		_, err = out.Write(lines)
		return err
	}
	line := 0
	for rows.Scan() {
		line++
		if len(bytes.TrimSpace(rows.Bytes())) == 0 {
			continue
		}
		batch.add(line, rows.Bytes())
		if len(batch.results) == importBatch {
			if err := flush(); err != nil {
				return counts, fmt.Errorf("import up to line %d: %w", line, err)
			}
		}
	}
	if err := rows.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return counts, billing.Invalid("line "+strconv.Itoa(line+1), billing.CodeTooLong, "is longer than %d bytes", maxRow)
		}
		return counts, fmt.Errorf("read line %d: %w", line+1, err)
	}
	if err := flush(); err != nil {
		return counts, fmt.Errorf("import up to line %d: %w", line, err)
	}
	return counts, nil
}

// batch is the rows that are written together.
type batch struct {
	api     *API
	how     Import
	actor   billing.Actor
	scope   billing.Scope
	number  int
	rows    []billing.ImportRow
	results []ImportResult // one for each row; those that reach the store are filled in by it
}

func (b *batch) add(line int, body []byte) {
	var in ImportRow
	err := b.api.schemas.decode(body, &in)
	if err == nil {
		var n billing.NewSubscription
		if n, err = in.read(); err == nil {
			b.rows = append(b.rows, billing.ImportRow{Line: line, NewSubscription: n})
			b.results = append(b.results, ImportResult{Line: line})
			return
		}
	}
	b.results = append(b.results, b.rejected(line, err))
}

func (b *batch) rejected(line int, err error) ImportResult {
	p := b.api.refusalOf(context.Background(), "", err).problem(BasePath)
	return ImportResult{Line: line, Outcome: string(billing.ImportRejected), Problem: &p}
}

// write does the batch, once where it has a key, and returns its results as JSON Lines.
func (b *batch) write(ctx context.Context, counts *Counts) ([]byte, error) {
	do := func(ctx context.Context, s billing.Store) ([]byte, error) {
		done, err := s.Import(ctx, b.actor, b.scope, b.rows, b.how.OnDuplicate)
		if err != nil {
			return nil, err
		}
		return b.lines(done)
	}
	var lines []byte
	var err error
	if b.how.Once == nil {
		lines, err = do(ctx, b.api.store)
	} else {
		var stored billing.Answer
		stored, _, err = b.api.store.Once(ctx, b.how.Once(b.number), func(ctx context.Context, s billing.Store) (billing.Answer, error) {
			body, err := do(ctx, s)
			return billing.Answer{Status: http.StatusOK, Body: body}, err
		})
		lines = stored.Body
	}
	if err != nil {
		return nil, err
	}
	// A stored answer has only its text left; inside a JSON string these quotes would be escaped.
	counts.Created += bytes.Count(lines, []byte(`"outcome":"created"`))
	counts.Skipped += bytes.Count(lines, []byte(`"outcome":"skipped"`))
	counts.Rejected += bytes.Count(lines, []byte(`"outcome":"rejected"`))
	b.number++
	b.rows, b.results = b.rows[:0], b.results[:0]
	return lines, nil
}

func (b *batch) lines(done []billing.ImportResult) ([]byte, error) {
	byLine := make(map[int]billing.ImportResult, len(done))
	for _, d := range done {
		byLine[d.Line] = d
	}
	var out []byte
	for _, result := range b.results {
		if d, reached := byLine[result.Line]; reached {
			result = b.result(d)
		}
		line, err := encode(result)
		if err != nil {
			return nil, err
		}
		out = append(out, line...)
	}
	return out, nil
}

func (b *batch) result(d billing.ImportResult) ImportResult {
	if d.Err != nil {
		result := b.rejected(d.Line, d.Err)
		if d.Existing != "" {
			result.Existing = subscriptionPath(d.Existing)
		}
		return result
	}
	result := ImportResult{Line: d.Line, Outcome: string(d.Outcome)}
	if d.ID != "" {
		result.Subscription = subscriptionPath(d.ID)
	}
	if d.Existing != "" {
		result.Existing = subscriptionPath(d.Existing)
	}
	return result
}

func (a *API) importSubscriptions(ctx context.Context, r *request) (answer, error) {
	i := Import{OnDuplicate: billing.DuplicateReject}
	if r.value("onDuplicate") == string(billing.DuplicateSkip) {
		i.OnDuplicate = billing.DuplicateSkip
	}
	if key := r.header.Get("Idempotency-Key"); key != "" {
		once, err := r.onceKey(key)
		if err != nil {
			return answer{}, err
		}
		i.Once = func(batch int) billing.OnceKey {
			k := once
			k.Key += "#" + strconv.Itoa(batch)
			return k
		}
	}
	if len(bytes.TrimSpace(r.body)) == 0 {
		return answer{}, refuse(kindBody, "the body is empty")
	}
	return answer{status: http.StatusOK, media: "application/x-ndjson; charset=utf-8", stream: func(w io.Writer) error {
		_, err := a.runImport(ctx, i, r.actor, r.scope, bytes.NewReader(r.body), w)
		return err
	}}, nil
}
