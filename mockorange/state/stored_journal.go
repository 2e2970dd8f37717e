package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// readBytes bounds what one reader takes into memory at once.
const readBytes = 4 << 20

// errEnough ends the reading of rows.
var errEnough = errors.New("enough")

// Read is described at State. Of large entries it returns fewer than limit, though more are there: who gets any asks again.
func (s *stored) Read(ctx context.Context, after int64, limit int) ([]control.Entry, <-chan struct{}, error) {
	// Taken before looking, so that nothing which is committed meanwhile goes unnoticed.
	more, ended := s.signal(), s.ended.Load()
	if ended {
		more = nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var entries []control.Entry
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		entries = nil
		var dropped int64
		if err := tx.QueryRow(ctx, "SELECT dropped FROM mock_state").Scan(&dropped); err != nil {
			return err
		}
		if after < dropped {
			return fmt.Errorf("read journal after %d: %w: %w", after, ErrGap, &control.GapError{Dropped: dropped})
		}
		bytes := 0
		return tx.Each(ctx, func(row database.Scanner) error {
			var e control.Entry
			var seq int64
			var data []byte
			if err := row.Scan(&seq, &data); err != nil {
				return err
			}
			if bytes += len(data); bytes > readBytes && len(entries) > 0 {
				return errEnough
			}
			if err := json.Unmarshal(data, &e); err != nil {
				return fmt.Errorf("read entry %d: %w", seq, err)
			}
			e.Seq = seq
			entries = append(entries, e)
			return nil
		}, `SELECT seq, entry FROM mock_journal WHERE seq > ? AND seq < coalesce((SELECT min(seq) FROM mock_unseen), ?)
			ORDER BY seq LIMIT ?`, after, int64(math.MaxInt64), limit)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, nil, err
	}
	return entries, more, nil
}

// Settle is described at State. What cannot be asked is not waited for: Read says why.
func (s *stored) Settle(ctx context.Context) {
	begun := int64(-1) // the newest entry when this began
	for {
		more := s.signal()
		var first, last int64
		err := s.db.Read(ctx, func(tx *database.Tx) error {
			return tx.QueryRow(ctx, "SELECT coalesce(min(seq), ?), coalesce(max(seq), 0) FROM mock_unseen", int64(math.MaxInt64)).
				Scan(&first, &last)
		})
		if begun < 0 {
			begun = last
		}
		if err != nil || first > begun || s.ended.Load() {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// room is how much of the journal is taken.
type room struct{ last, first, bytes int64 }

// full says whether the journal is to be pruned: not for each entry, but for a sixteenth of the room at a time.
func (r room) full(l Limits) bool {
	return r.last-r.first > int64(l.Entries+l.Entries/16) || r.bytes > l.Bytes+l.Bytes/16
}

// prunedAtOnce is how many entries one transaction drops at most.
const prunedAtOnce = 512

// prune drops the oldest entries until the journal fits its limits.
func (s *stored) prune(ctx context.Context) error {
	for {
		dropped := 0
		err := s.db.Write(ctx, func(tx *database.Tx) error {
			var err error
			dropped, err = s.pruneSome(ctx, tx)
			return err
		})
		if err != nil || dropped < prunedAtOnce {
			return err
		}
	}
}

func (s *stored) pruneSome(ctx context.Context, tx *database.Tx) (int, error) {
	var r room
	var oldest int64
	err := tx.QueryRow(ctx, "SELECT last, first, bytes, "+s.now()+" - ? FROM mock_state"+tx.Dialect().ForUpdate(),
		s.opts.Limits.Age.Milliseconds()).Scan(&r.last, &r.first, &r.bytes, &oldest)
	if err != nil {
		return 0, err
	}
	limits, upTo, dropped, before := s.opts.Limits, r.first, 0, r.bytes
	err = tx.Each(ctx, func(row database.Scanner) error {
		var seq, at, bytes int64
		if err := row.Scan(&seq, &at, &bytes); err != nil {
			return err
		}
		tooOld := limits.Age > 0 && at < oldest
		if !tooOld && r.last-upTo <= int64(limits.Entries) && r.bytes <= limits.Bytes {
			return errEnough
		}
		upTo, r.bytes = seq, r.bytes-bytes
		dropped++
		return nil
	}, `SELECT seq, at, length(entry) FROM mock_journal WHERE seq < ? AND seq < coalesce((SELECT min(seq) FROM mock_unseen), ?)
		ORDER BY seq LIMIT ?`, r.last, int64(math.MaxInt64), prunedAtOnce)
	if err != nil && !errors.Is(err, errEnough) || dropped == 0 {
		if errors.Is(err, errEnough) {
			err = nil
		}
		return 0, err
	}
	_, err = tx.Exec(ctx, "UPDATE mock_state SET first = ?, dropped = ?, bytes = bytes - ?", upTo, upTo, before-r.bytes)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "DELETE FROM mock_journal WHERE seq <= ?", upTo)
	return dropped, err
}
