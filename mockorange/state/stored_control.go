package state

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// readView reads what changes seldom, or keeps the last view where nothing has changed.
func (s *stored) readView(ctx context.Context, last *view) (*view, error) {
	v := &view{}
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.QueryRow(ctx, "SELECT generation, expired FROM mock_state").Scan(&v.generation, &v.expired)
		if err != nil || last != nil && last.generation == v.generation {
			return err
		}
		armed, err := faults(ctx, tx, "")
		v.faults = nil
		for _, a := range armed {
			v.faults = append(v.faults, a.Spec)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the state of the mock: %w", err)
	}
	if last != nil && last.generation == v.generation {
		return last, nil
	}
	return v, nil
}

// change runs fn and lets all views be read anew. The row is locked first, always, so that changes cannot wait for each
// other in a circle.
func (s *stored) change(ctx context.Context, fn func(tx *database.Tx) error) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE mock_state SET generation = generation + 1 WHERE id = 1"); err != nil {
			return err
		}
		return fn(tx)
	})
}

// Lookup is described at State.
func (s *stored) Lookup(ctx context.Context, id string) (oauth.Stored, bool, error) {
	v, err := s.refresh.get(ctx)
	if err != nil {
		return oauth.Stored{}, false, err
	}
	if a, ok := v.remembered(id); ok {
		return a, true, nil
	}
	found := false
	var k kept
	err = s.db.Read(ctx, func(tx *database.Tx) (err error) {
		k, found, err = application(ctx, tx, id)
		return err
	})
	if err != nil || !found {
		return oauth.Stored{}, false, err
	}
	expired := time.Time{}
	if v.expired != 0 {
		expired = time.Unix(0, v.expired).UTC()
	}
	a := k.stored(expired)
	v.remember(a)
	return a, true, nil
}

func application(ctx context.Context, tx *database.Tx, id string) (kept, bool, error) {
	k := kept{Application: Application{ID: id}}
	var digest, former []byte
	var offers string
	var removed, temporary int
	err := tx.QueryRow(ctx, "SELECT name, digest, former, offers, removed, temporary FROM mock_applications WHERE id = ?", id).
		Scan(&k.Name, &digest, &former, &offers, &removed, &temporary)
	if errors.Is(err, sql.ErrNoRows) {
		return k, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(offers), &k.Offers)
	}
	if err == nil && (len(digest) != sha256.Size || len(former)%sha256.Size != 0) {
		err = errors.New("its secrets have the wrong length")
	}
	if err != nil {
		return k, false, fmt.Errorf("read application %q: %w", id, err)
	}
	k.SecretDigest = [sha256.Size]byte(digest)
	for one := range slices.Chunk(former, sha256.Size) {
		k.former = append(k.former, [sha256.Size]byte(one))
	}
	k.removed, k.Temporary = removed != 0, temporary != 0
	return k, true, nil
}

// Put is described at State. What is there already, as when a mock is started again, changes nothing.
func (s *stored) Put(ctx context.Context, a Application) error {
	return s.change(ctx, func(tx *database.Tx) error {
		old, found, err := application(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		next := kept{Application: a}
		if found {
			next = old.replaced(a)
		}
		var former []byte
		for _, digest := range next.former {
			former = append(former, digest[:]...)
		}
		if a.Offers == nil {
			a.Offers = []string{}
		}
		offers, err := json.Marshal(a.Offers)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO mock_applications (id, name, digest, former, offers, removed, temporary)
			VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, digest = excluded.digest,
			former = excluded.former, offers = excluded.offers, removed = 0, temporary = excluded.temporary`,
			a.ID, a.Name, a.SecretDigest[:], append([]byte{}, former...), string(offers), number(a.Temporary))
		return err
	})
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Remove is described at State.
func (s *stored) Remove(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE mock_applications SET removed = 1 WHERE id = ?", id)
		return err
	})
}

// Expire is described at State.
func (s *stored) Expire(ctx context.Context, at time.Time) error {
	return s.change(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE mock_state SET expired = ? WHERE expired < ?", at.UnixNano(), at.UnixNano())
		return err
	})
}

// Arm is described at State.
func (s *stored) Arm(ctx context.Context, spec fault.Spec) (fault.Spec, error) {
	spec, err := fault.Complete(spec)
	if err != nil {
		return fault.Spec{}, err
	}
	err = s.change(ctx, func(tx *database.Tx) error {
		var n int64
		err := tx.QueryRow(ctx, "UPDATE mock_state SET faults = faults + 1 WHERE id = 1 RETURNING faults").Scan(&n)
		if err != nil {
			return err
		}
		spec.ID = fault.ID(n)
		text, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO mock_faults (num, spec, acted, since) VALUES (?, ?, 0, 0)", n, string(text))
		return err
	})
	return spec, err
}

// Disarm is described at State.
func (s *stored) Disarm(ctx context.Context, id string) error {
	n, err := fault.Number(id)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(ctx, "DELETE FROM mock_faults WHERE num = ?", n)
		if err != nil {
			return err
		}
		if rows, err := done.RowsAffected(); err != nil || rows == 0 {
			return fmt.Errorf("disarm fault %q: %w", id, errors.Join(err, fault.ErrNotArmed))
		}
		return nil
	})
}

// Armed is described at State.
func (s *stored) Armed(ctx context.Context) (armed []fault.Armed, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		armed, err = faults(ctx, tx, "")
		return err
	})
	return armed, err
}

// DisarmAll is described at State.
func (s *stored) DisarmAll(ctx context.Context) error {
	return s.change(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM mock_faults")
		return err
	})
}

// Act is described at State. It goes by the view that the call's token was checked by, and writes only where a fault fits.
func (s *stored) Act(
	ctx context.Context, on fault.Endpoint, keys func() []string, c fault.Call,
) (effect fault.Effect, acts bool, err error) {
	v := s.refresh.last.Load()
	if v == nil {
		if v, err = s.refresh.get(ctx); err != nil {
			return fault.Effect{}, false, err
		}
	}
	if len(v.faults) == 0 {
		return fault.Effect{}, false, nil
	}
	of := keys()
	if !slices.ContainsFunc(v.faults, func(f fault.Spec) bool { return f.Fits(on, of) }) {
		return fault.Effect{}, false, nil
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		armed, err := faults(ctx, tx, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		var i int
		i, effect = fault.Act(armed, on, of, c)
		if acts = i >= 0; !acts {
			return nil
		}
		n, err := fault.Number(armed[i].ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE mock_faults SET acted = ?, since = ? WHERE num = ?", armed[i].Acted, armed[i].Since.UnixNano(), n)
		return err
	})
	return effect, acts && err == nil, err
}

// faults are those that are armed, in the order in which they were.
func faults(ctx context.Context, tx *database.Tx, lock string) ([]fault.Armed, error) {
	var armed []fault.Armed
	err := tx.Each(ctx, func(row database.Scanner) error {
		var a fault.Armed
		var text string
		var since int64
		if err := row.Scan(&text, &a.Acted, &since); err != nil {
			return err
		}
		if since != 0 {
			a.Since = time.Unix(0, since).UTC()
		}
		armed = append(armed, a)
		return json.Unmarshal([]byte(text), &armed[len(armed)-1].Spec)
	}, "SELECT spec, acted, since FROM mock_faults ORDER BY num"+lock)
	return armed, err
}

// OverRate is described at State.
func (s *stored) OverRate(ctx context.Context, application string, at time.Time) (over bool, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO mock_token_requests (application, calls) VALUES (?, '[]') ON CONFLICT (application) DO NOTHING",
			application)
		if err != nil {
			return err
		}
		var text string
		err = tx.QueryRow(ctx, "SELECT calls FROM mock_token_requests WHERE application = ?"+tx.Dialect().ForUpdate(), application).
			Scan(&text)
		if err != nil {
			return err
		}
		var calls []int64
		if err := json.Unmarshal([]byte(text), &calls); err != nil {
			return fmt.Errorf("read the token requests of %q: %w", application, err)
		}
		if calls, over = count(calls, at.UnixNano()); over {
			return nil
		}
		written, err := json.Marshal(calls)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE mock_token_requests SET calls = ? WHERE application = ?", string(written), application)
		return err
	})
	return over, err
}

// Reset is described at State.
func (s *stored) Reset(ctx context.Context) error {
	err := s.change(ctx, func(tx *database.Tx) error {
		for _, statement := range []string{
			"UPDATE mock_state SET first = last, dropped = 0, bytes = 0",
			"UPDATE mock_applications SET removed = 1 WHERE temporary = 1",
			"DELETE FROM mock_faults", "DELETE FROM mock_token_requests", "DELETE FROM mock_journal", "DELETE FROM mock_unseen",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return tx.Notify(ctx, channel)
	})
	s.wake()
	return err
}
