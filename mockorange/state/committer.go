package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// batchEntries and batchBytes bound what one transaction stores.
const (
	batchEntries = 256
	batchBytes   = 8 << 20
)

// committer stores entries. All that come while one transaction is under way share the next, so that many calls cost
// few commits; that their answers have been written is stored along with whatever comes next.
type committer struct {
	s    *stored
	work chan struct{} // there is something to do

	mu     sync.Mutex
	begun  []*begun
	ended  []int64
	closed bool

	// Of run alone.
	answering map[int64]bool // stored by this process, not ended yet
	uncertain bool           // a commit failed, and may have been one all the same
	pruned    time.Time
}

// begun is an entry that waits to be stored.
type begun struct {
	at   int64
	data []byte
	seq  int64
	err  error
	done chan struct{}
}

func newCommitter(s *stored) committer {
	return committer{s: s, work: make(chan struct{}, 1), answering: map[int64]bool{}}
}

// Begin is described at State.
func (s *stored) Begin(e control.Entry) (Place, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("write entry: %w", err)
	}
	b := &begun{at: e.At.UnixMilli(), data: data, done: make(chan struct{})}
	if !s.commit.add(func(c *committer) { c.begun = append(c.begun, b) }) {
		return 0, ErrClosed
	}
	<-b.done
	return Place(b.seq), b.err
}

// End is described at State.
func (s *stored) End(p Place) {
	s.commit.add(func(c *committer) { c.ended = append(c.ended, int64(p)) })
}

func (c *committer) add(change func(*committer)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	change(c)
	select {
	case c.work <- struct{}{}:
	default:
	}
	return true
}

// run stores what comes until ctx ends, and then what is left.
func (c *committer) run(ctx context.Context) {
	for {
		select {
		case <-c.work:
			c.drain(ctx)
			continue
		case <-ctx.Done():
		}
		c.mu.Lock()
		c.closed = true
		c.mu.Unlock()
		c.drain(ctx)
		return
	}
}

// drain stores until nothing waits. That an answer was written is kept until it could be stored, as long as ctx lives.
func (c *committer) drain(ctx context.Context) {
	for {
		entries, ended, stop := c.take()
		if len(entries) == 0 && len(ended) == 0 {
			return
		}
		full, err := c.store(entries, ended)
		for _, b := range entries {
			b.err = err
			if err == nil {
				c.answering[b.seq] = true
			}
			close(b.done)
		}
		if err == nil {
			for _, seq := range ended {
				delete(c.answering, seq)
			}
			if len(ended) > 0 {
				c.s.wake()
			}
			if full {
				c.prune()
			}
			continue
		}
		c.uncertain = true
		c.s.log.Error("the journal cannot be stored", "entries", len(entries), "database", c.s.db.Name(), "error", err)
		if stop {
			return // whoever uses the database next ends what this process has begun
		}
		c.mu.Lock()
		c.ended = append(ended, c.ended...)
		c.mu.Unlock()
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// take is what the next transaction stores.
func (c *committer) take() (entries []*begun, ended []int64, stop bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, bytes := 0, 0
	for n < len(c.begun) && n < batchEntries && (n == 0 || bytes+len(c.begun[n].data) <= batchBytes) {
		bytes += len(c.begun[n].data)
		n++
	}
	entries, c.begun = c.begun[:n:n], c.begun[n:]
	ended, c.ended = c.ended, nil
	return entries, ended, c.closed
}

// store runs one transaction, and says whether the journal is full after it.
func (c *committer) store(entries []*begun, ended []int64) (full bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := c.s
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		full = s.opts.Limits.Age > 0 && time.Since(c.pruned) > time.Minute
		if c.uncertain {
			if err := c.clearUp(ctx, tx, ended); err != nil {
				return err
			}
		}
		if len(entries) > 0 {
			held, err := s.insert(ctx, tx, entries)
			if err != nil {
				return err
			}
			full = full || held.full(s.opts.Limits)
		}
		if len(ended) == 0 {
			return nil
		}
		condition, arg := database.In(tx.Dialect(), "seq", ended)
		if _, err := tx.Exec(ctx, "DELETE FROM mock_unseen WHERE "+condition, arg); err != nil {
			return err
		}
		return tx.Notify(ctx, channel)
	})
	if err == nil {
		c.uncertain = false
	}
	return full, err
}

func (c *committer) prune() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.pruned = time.Now()
	if err := c.s.prune(ctx); err != nil {
		c.s.log.Warn("the journal cannot be pruned", "error", err)
	}
}

// insert stores entries under the next numbers. The row of the numbers is held until the commit, so they are seen by
// others in their order, none late.
func (s *stored) insert(ctx context.Context, tx *database.Tx, entries []*begun) (room, error) {
	bytes := int64(0)
	for _, b := range entries {
		bytes += int64(len(b.data))
	}
	var r room
	err := tx.QueryRow(ctx, `UPDATE mock_state SET last = last + ?, bytes = bytes + ? WHERE id = 1
		RETURNING last, first, bytes`, len(entries), bytes).Scan(&r.last, &r.first, &r.bytes)
	if err != nil {
		return r, err
	}
	for i, b := range entries {
		b.seq = r.last - int64(len(entries)-i-1)
	}
	if tx.Dialect() == database.PostgreSQL {
		return r, s.insertPostgreSQL(ctx, tx, entries)
	}
	return r, s.insertSQLite(ctx, tx, entries)
}

// insertPostgreSQL has one text for any number of entries, so that it is planned once.
func (s *stored) insertPostgreSQL(ctx context.Context, tx *database.Tx, entries []*begun) error {
	var seqs, at []int64
	var data [][]byte
	for _, b := range entries {
		seqs, at, data = append(seqs, b.seq), append(at, b.at), append(data, b.data)
	}
	_, err := tx.Exec(ctx, `WITH unseen AS (
			INSERT INTO mock_unseen (seq, writer, at) SELECT n, ?, `+s.now()+` FROM unnest(?::bigint[]) AS n)
		INSERT INTO mock_journal (seq, at, entry) SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bytea[])`,
		int64(s.me), seqs, seqs, at, data)
	return err
}

// insertedAtOnce is how many entries one statement of SQLite stores.
const insertedAtOnce = 64

func (s *stored) insertSQLite(ctx context.Context, tx *database.Tx, entries []*begun) error {
	for chunk := range slices.Chunk(entries, insertedAtOnce) {
		var journal, unseen []any
		for _, b := range chunk {
			journal = append(journal, b.seq, b.at, b.data)
			unseen = append(unseen, b.seq, s.me)
		}
		more := len(chunk) - 1
		_, err := tx.Exec(ctx, "INSERT INTO mock_journal (seq, at, entry) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", more), journal...)
		if err != nil {
			return err
		}
		row := "(?, ?, " + s.now() + ")"
		_, err = tx.Exec(ctx, "INSERT INTO mock_unseen (seq, writer, at) VALUES "+row+strings.Repeat(", "+row, more), unseen...)
		if err != nil {
			return err
		}
	}
	return nil
}

// clearUp looks for entries that were stored though their commit seemed to fail: their callers were told that nothing
// was taken, and so must the readers be.
func (c *committer) clearUp(ctx context.Context, tx *database.Tx, ended []int64) error {
	orphans := map[int64][]byte{}
	err := tx.Each(ctx, func(row database.Scanner) error {
		var seq int64
		var data []byte
		err := row.Scan(&seq, &data)
		if !c.answering[seq] && !slices.Contains(ended, seq) {
			orphans[seq] = data
		}
		return err
	}, "SELECT j.seq, j.entry FROM mock_unseen u JOIN mock_journal j ON j.seq = u.seq WHERE u.writer = ?", c.s.me)
	if err != nil || len(orphans) == 0 {
		return err
	}
	for seq, data := range orphans {
		var e control.Entry
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("read entry %d: %w", seq, err)
		}
		if c.s.opts.Unanswered != nil {
			e = c.s.opts.Unanswered(e)
		}
		if data, err = json.Marshal(e); err != nil {
			return fmt.Errorf("write entry %d: %w", seq, err)
		}
		if _, err := tx.Exec(ctx, "UPDATE mock_journal SET entry = ? WHERE seq = ?", data, seq); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM mock_unseen WHERE seq = ?", seq); err != nil {
			return err
		}
	}
	return tx.Notify(ctx, channel)
}
