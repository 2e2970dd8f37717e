package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
)

// The times of a listener.
const (
	listenQuiet  = 15 * time.Second // silence after which the connection is tried
	listenAnswer = 5 * time.Second  // that the server has to answer
	listenPause  = time.Second      // the longest between two attempts to connect
)

// Listener is somebody who wants to know what other processes commit.
type Listener struct {
	Channel string // a plain lower-case name
	// Wake is called for each notification, and each time that listening begins: what was committed before, or while
	// the connection was away, has to be looked for.
	Wake func()
	// Class and ID, unless both are 0, are an advisory lock that is held while listening: by Absent others see that
	// this process is gone, once the server has seen its connection end.
	Class, ID int32
}

// Notify tells the listeners of a channel, in all processes, when the transaction has committed. Only PostgreSQL has
// listeners.
func (t *Tx) Notify(ctx context.Context, channel string) error {
	if t.db.dialect != PostgreSQL {
		return nil
	}
	_, err := t.Exec(ctx, "SELECT pg_notify(?, '')", channel)
	return err
}

// Listen listens until ctx ends, on a connection of its own, which it opens again whenever it is lost. On SQLite there is
// nothing to listen to, and it returns at once.
func (db *DB) Listen(ctx context.Context, l Listener) {
	if db.dialect != PostgreSQL {
		return
	}
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 50*time.Millisecond, listenPause
	for ctx.Err() == nil {
		err := db.listen(ctx, l, pace.Reset)
		if ctx.Err() != nil {
			return
		}
		db.log.Warn("listening to the database was interrupted", "channel", l.Channel, "error", err)
		timer := time.NewTimer(pace.NextBackOff())
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// listen serves one connection until it is lost.
func (db *DB) listen(ctx context.Context, l Listener, connected func()) (err error) {
	opening, cancel := context.WithTimeout(ctx, listenAnswer)
	defer cancel()
	connection, err := pgx.ConnectConfig(opening, db.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), listenAnswer)
		defer cancel()
		err = errors.Join(err, connection.Close(closing))
	}()
	if l.Class != 0 || l.ID != 0 {
		if _, err := connection.Exec(opening, "SELECT pg_advisory_lock($1, $2)", l.Class, l.ID); err != nil {
			return fmt.Errorf("show presence: %w", err)
		}
	}
	if _, err := connection.Exec(opening, "LISTEN "+pgx.Identifier{l.Channel}.Sanitize()); err != nil {
		return err
	}
	connected()
	for {
		l.Wake()
		if err := await(ctx, connection); err != nil {
			return err
		}
	}
}

// await returns nil after a notification. A connection that may be dead is tried, so that it does not stay so unseen.
func await(ctx context.Context, connection *pgx.Conn) error {
	for {
		waiting, cancel := context.WithTimeout(ctx, listenQuiet)
		_, err := connection.WaitForNotification(waiting)
		quiet := waiting.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !quiet || connection.IsClosed() {
			return err
		}
		trying, cancel := context.WithTimeout(ctx, listenAnswer)
		err = connection.Ping(trying)
		cancel()
		if err != nil {
			return err
		}
	}
}

// Absent are those of the ids that hold no advisory lock of the class: their processes are gone, or cannot reach the
// database. Only PostgreSQL knows; on SQLite there are none.
func (t *Tx) Absent(ctx context.Context, class int32, ids []int32) ([]int32, error) {
	if t.db.dialect != PostgreSQL || len(ids) == 0 {
		return nil, nil
	}
	var absent []int32
	err := t.Each(ctx, func(row Scanner) error {
		var id int32
		err := row.Scan(&id)
		absent = append(absent, id)
		return err
	}, `SELECT id FROM unnest(?::int4[]) AS id WHERE NOT EXISTS (
		SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database
		WHERE locktype = 'advisory' AND granted AND d.datname = current_database() AND objsubid = 2
		AND classid::bigint = ?::bigint AND objid::bigint = id::bigint)`, ids, int64(class))
	return absent, err
}
