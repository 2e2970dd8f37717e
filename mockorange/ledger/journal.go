package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// comeBack is the pause before the journal is followed again after it broke off.
const comeBack = time.Second

// followJournal takes the orders that events tell of, for as long as ctx lives.
func (l *Ledger) followJournal(ctx context.Context, j Journal) {
	for {
		err := l.readJournal(ctx, j)
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("following the journal", "error", err)
		select {
		case <-time.After(comeBack):
		case <-ctx.Done():
			return
		}
	}
}

// readJournal reads from where the ledger is. A journal that is not the one it has read before is read from its start,
// which costs nothing but time: an order that is known counts once.
func (l *Ledger) readJournal(ctx context.Context, j Journal) error {
	info, err := j.Orange.Info(ctx)
	if err != nil {
		return fmt.Errorf("asking the mock for its journal: %w", err)
	}
	var row clockRow
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		row, err = readClock(ctx, tx, "")
		return err
	})
	if err != nil {
		return err
	}
	after := row.seen
	if row.journal != info.Journal {
		after = 0
	}
	entries, err := j.Orange.Subscribe(ctx, after)
	var gap *control.GapError
	if errors.As(err, &gap) {
		l.log.Error("the journal has dropped entries that were not read: orders in them are known only if they were posted",
			"read", after, "dropped", gap.Dropped)
		entries, err = j.Orange.Subscribe(ctx, gap.Dropped)
	}
	if err != nil {
		return fmt.Errorf("subscribing to the journal: %w", err)
	}
	for e := range entries {
		o, ok := j.FinalOrder(e)
		if !ok {
			continue
		}
		if err := l.hear(ctx, info.Journal, e.Seq, o); err != nil {
			return err
		}
	}
	return errJournalEnded
}

var errJournalEnded = errors.New("the journal's stream has ended")

// hear takes an order that an entry tells of, in one transaction with how far the journal has been read. Entries without
// an order move the position only with the next one that has one: to read them again costs little.
func (l *Ledger) hear(ctx context.Context, journal string, entry int64, o control.Order) error {
	_, err := l.take(ctx, o, byEvent, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ledger_clock SET journal = ?, seen = ? WHERE id = 1", journal, entry)
		return err
	})
	var bad *InvalidError
	if errors.As(err, &bad) {
		l.log.Warn("an event tells of an order that cannot be billed", "entry", entry, "error", bad)
		return nil
	}
	return err
}
