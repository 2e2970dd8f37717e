package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// The load that events are taken under.
const (
	takenTime    = 3 * time.Second
	takenClients = 32
	takenID      = "bench"
	takenSecret  = "bench-secret"
)

// measureTaken prints the events per second that a mock Orange takes, each in the journal before its 201, beside what the
// bare store does with the same rows in one transaction for each event, by as many writers.
func measureTaken(ctx context.Context, f figures) (err error) {
	rate, _, err := takenBy(ctx, nil)
	if err != nil {
		return err
	}
	f.add("events taken, memory", "%.0f/s (%d clients)", rate, takenClients)
	dir, err := os.MkdirTemp("", "clementine-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	n := 0
	err = takenOn(ctx, "SQLite", f, func() (string, error) {
		n++
		return filepath.Join(dir, fmt.Sprintf("%d.db", n)), nil
	})
	server := databasetest.Server{Settings: []string{"fsync=on", "full_page_writes=on"}}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if _, missing := server.New(ctx); errors.Is(missing, databasetest.ErrNotInstalled) {
		f.add("events taken, PostgreSQL", "not installed")
		return err
	}
	return errors.Join(err, takenOn(ctx, "PostgreSQL", f, func() (string, error) { return server.New(ctx) }))
}

func takenOn(ctx context.Context, engine string, f figures, fresh func() (string, error)) error {
	var rate, bare float64
	var weight int
	err := withDatabase(ctx, fresh, func(db *database.DB) (err error) {
		rate, weight, err = takenBy(ctx, db)
		return err
	})
	if err != nil {
		return err
	}
	err = withDatabase(ctx, fresh, func(db *database.DB) (err error) {
		bare, err = bareCommits(ctx, db, weight)
		return err
	})
	if err != nil {
		return err
	}
	f.add("events taken, "+engine, "%.0f/s (%d clients), the bare store %.0f/s: %.1f times, entries of %d bytes",
		rate, takenClients, bare, rate/bare, weight)
	return nil
}

func withDatabase(ctx context.Context, fresh func() (string, error), use func(*database.DB) error) (err error) {
	address, err := fresh()
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, address, database.Options{Durable: true, Connections: takenClients})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(db)
}

// takenBy is the rate of a mock over a database, or in memory, and the bytes of one entry there.
func takenBy(ctx context.Context, db *database.DB) (rate float64, weight int, err error) {
	orange, err := mockorange.Open(ctx, mockorange.Options{
		Database: db, Applications: []mockorange.Application{{ClientID: takenID, Secret: takenSecret}},
	})
	if err != nil {
		return 0, 0, err
	}
	if err := orange.Listen(); err != nil {
		return 0, 0, err
	}
	orange.Start()
	defer func() { err = errors.Join(err, orange.Close(context.WithoutCancel(ctx))) }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: takenClients}}
	defer client.CloseIdleConnections()
	token, err := (&clientcredentials.Config{
		ClientID: takenID, ClientSecret: takenSecret, TokenURL: orange.URL() + "/oauth/v3/token",
	}).Token(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("getting a token: %w", err)
	}
	event := `{"type":"completedStateNotification","time":"2026-11-23T10:00:00.000Z","resource":` + orderAnswer + `}`
	rate, err = perSecond(ctx, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, orange.URL()+"/mba2/productordering/v2/event", strings.NewReader(event))
		if err != nil {
			return err
		}
		token.SetAuthHeader(request)
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body) // a body that breaks off shows as the next call's error
		response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			return fmt.Errorf("an event was answered %d", response.StatusCode)
		}
		return nil
	})
	if err != nil || db == nil {
		return rate, 0, err
	}
	err = db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT max(length(entry)) FROM mock_journal").Scan(&weight)
	})
	return rate, weight, err
}

// bareCommits writes what the mock writes for one event, in one transaction, without the mock.
func bareCommits(ctx context.Context, db *database.DB, weight int) (float64, error) {
	s, err := state.Open(ctx, db, state.Options{}) // for its tables
	if err != nil {
		return 0, err
	}
	if err := s.Close(ctx); err != nil {
		return 0, err
	}
	entry := []byte(strings.Repeat("x", weight))
	return perSecond(ctx, func(ctx context.Context) error {
		return db.Write(ctx, func(tx *database.Tx) error {
			var seq int64
			err := tx.QueryRow(ctx, "UPDATE mock_state SET last = last + 1, bytes = bytes + ? WHERE id = 1 RETURNING last", weight).Scan(&seq)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO mock_journal (seq, at, entry) VALUES (?, 0, ?)", seq, entry); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO mock_unseen (seq, writer, at) VALUES (?, 1, 0)", seq); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "DELETE FROM mock_unseen WHERE seq = ?", seq-takenClients)
			return err
		})
	})
}

// perSecond does something by all clients at once for a while, and returns how often it was done in a second.
func perSecond(ctx context.Context, do func(context.Context) error) (float64, error) {
	timed, cancel := context.WithTimeout(ctx, takenTime)
	defer cancel()
	var done atomic.Int64
	var mu sync.Mutex
	var failure error
	var wait sync.WaitGroup
	began := time.Now()
	for range takenClients {
		wait.Go(func() {
			for timed.Err() == nil {
				// What is under way when the time is over is finished, and not counted.
				if err := do(ctx); err != nil {
					mu.Lock()
					failure = errors.Join(failure, err)
					mu.Unlock()
					return
				}
				if timed.Err() == nil {
					done.Add(1)
				}
			}
		})
	}
	<-timed.Done()
	elapsed := time.Since(began)
	wait.Wait()
	return float64(done.Load()) / elapsed.Seconds(), failure
}
