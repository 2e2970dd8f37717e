package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// onceKept is how long an answer is given again (F4-1).
const onceKept = 24 * time.Hour

// Once is part of billing.Store. The key is taken before anything else is done, so that a second call with it waits for
// the first instead of doing the work for nothing.
func (s *Store) Once(
	ctx context.Context, k billing.OnceKey, fn func(context.Context, billing.Store) (billing.Answer, error),
) (answer billing.Answer, replayed bool, err error) {
	if s.tx != nil {
		return answer, false, errors.New("once within once")
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		answer, replayed = billing.Answer{}, false
		taken, err := s.takeKey(ctx, tx, k)
		if err != nil {
			return fmt.Errorf("taking an idempotency key: %w", err)
		}
		if !taken {
			replayed = true
			answer, err = storedAnswer(ctx, tx, k)
			return err
		}
		inside := &Store{db: s.db, opts: s.opts, tx: tx}
		if answer, err = fn(ctx, inside); err != nil {
			return err
		}
		header, err := json.Marshal(answer.Header)
		if err != nil {
			return fmt.Errorf("storing an answer: %w", err)
		}
		_, err = tx.Exec(ctx, "UPDATE once SET status = ?, header = ?, answer = ? WHERE client = ? AND route = ? AND key = ?",
			answer.Status, string(header), append([]byte{}, answer.Body...), k.Client, k.Route, k.Key)
		if err != nil {
			return fmt.Errorf("storing an answer: %w", err)
		}
		return nil
	})
	if err != nil {
		return billing.Answer{}, false, err
	}
	return answer, replayed, nil
}

func (s *Store) takeKey(ctx context.Context, tx *database.Tx, k billing.OnceKey) (taken bool, err error) {
	at := s.moment().at
	old := int64(at) - onceKept.Milliseconds()
	if _, err := tx.Exec(ctx, "DELETE FROM once WHERE client = ? AND created_at <= ?", k.Client, old); err != nil {
		return false, err
	}
	result, err := tx.Exec(ctx, `INSERT INTO once (client, route, key, body, created_at, status, header, answer)
		VALUES (?, ?, ?, ?, ?, 0, '', ?) ON CONFLICT (client, route, key) DO NOTHING`,
		k.Client, k.Route, k.Key, k.Body[:], at, []byte{})
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

func storedAnswer(ctx context.Context, tx *database.Tx, k billing.OnceKey) (a billing.Answer, err error) {
	var body []byte
	var header string
	row := tx.QueryRow(ctx, "SELECT body, status, header, answer FROM once WHERE client = ? AND route = ? AND key = ?",
		k.Client, k.Route, k.Key)
	if err := row.Scan(&body, &a.Status, &header, &a.Body); err != nil {
		return a, fmt.Errorf("reading a stored answer: %w", err)
	}
	if !bytes.Equal(body, k.Body[:]) {
		return a, billing.ErrKeyReused
	}
	if err := json.Unmarshal([]byte(header), &a.Header); err != nil {
		return a, fmt.Errorf("reading a stored answer: %w", err)
	}
	return a, nil
}
