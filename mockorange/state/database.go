package state

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/binary"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

//go:embed migrations
var migrations embed.FS

// channel is where mocks on one PostgreSQL tell each other that there is more in the journal.
const channel = "clementine_mock"

// Options of a state in a database. The zero value serves.
type Options struct {
	Limits Limits // the zero value is InDatabase
	// Unanswered is what an entry becomes whose commit was not confirmed, so that its caller was told that it was not
	// taken, and which turns out to be there. Nil leaves it as it is.
	Unanswered func(control.Entry) control.Entry
	Log        *slog.Logger // nil is silent
}

// stored is a State in a database. What changes seldom is read anew for each call, but only its generation; the rest is
// remembered for as long as that stays.
type stored struct {
	db      *database.DB
	opts    Options
	log     *slog.Logger
	journal string // its name
	me      int32  // this process, among those that share the database
	refresh refresher
	commit  committer

	mu     sync.Mutex
	more   chan struct{} // closed when there may be more to read
	closed atomic.Bool   // nothing is begun any more
	ended  atomic.Bool   // and all that was begun can be read

	stop context.CancelFunc
	wait sync.WaitGroup
}

// Open brings the tables of the mock to what this program knows (database.NewerSchemaError where they are newer) and
// returns the state in them. Close does not close the database.
func Open(ctx context.Context, db *database.DB, o Options) (State, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "mock", Files: files}); err != nil {
		return nil, err
	}
	if o.Limits == (Limits{}) {
		o.Limits = InDatabase()
	}
	s := &stored{db: db, opts: o, log: o.Log, me: processID(), more: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.refresh.read = s.readView
	s.commit = newCommitter(s)
	err = db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO mock_state (id, journal) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", rand.Text())
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT journal FROM mock_state").Scan(&s.journal); err != nil {
			return err
		}
		if db.Dialect() != database.SQLite {
			return nil
		}
		// A file has one user at a time: what an earlier one has begun, nobody ends any more.
		_, err = tx.Exec(ctx, "DELETE FROM mock_unseen")
		return err
	})
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.wait.Go(func() { s.commit.run(running) })
	s.wait.Go(func() { s.watch(running) })
	s.wait.Go(func() {
		db.Listen(running, database.Listener{Channel: channel, Wake: s.wake, Class: presence, ID: s.me})
	})
	return s, nil
}

// processID tells this process from others, and is never 0.
func processID() int32 {
	var b [4]byte
	// crypto/rand.Read never returns an error: it ends the program where the system has no randomness.
	_, _ = rand.Read(b[:])
	return int32(binary.BigEndian.Uint32(b[:])>>1) | 1
}

// Journal is described at State.
func (s *stored) Journal() string { return s.journal }

// Close is described at State. The calls that are being answered must have ended.
func (s *stored) Close(context.Context) error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stop()
	s.wait.Wait()
	s.ended.Store(true)
	s.wake()
	return nil
}

// wake lets all readers look for themselves.
func (s *stored) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
}

func (s *stored) signal() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.more
}

// now is the database's clock, in Unix milliseconds: processes on several machines agree on it.
func (s *stored) now() string {
	if s.db.Dialect() == database.PostgreSQL {
		return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
	}
	return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
}

// The times of a state that shares its database.
const (
	tick     = time.Second            // how often to look for what others have left, and for their entries on SQLite
	gone     = 2 * time.Second        // how long a process must be seen to be gone
	longest  = 30 * time.Second       // that an answer may take to be written, whatever else is known of its process
	patience = 5 * time.Second        // that the database has for one transaction
	pause    = 100 * time.Millisecond // after one that failed
	presence = 0x636c656d             // class of the advisory locks by which processes are seen
)

// watch looks, again and again, for entries that processes which are gone have begun and not ended.
func (s *stored) watch(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	missing := map[int32]time.Time{} // since when
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.adopt(ctx, missing); err != nil && ctx.Err() == nil {
			clear(missing) // who cannot look does not know who was there
			s.log.Warn("looking after the journal", "error", err)
		}
		s.wake()
	}
}

// adopt ends what processes that are gone have begun: their answers will never be written any more.
func (s *stored) adopt(ctx context.Context, missing map[int32]time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var writers, absent []int32
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		writers = nil
		err := tx.Each(ctx, func(row database.Scanner) error {
			var id int32
			err := row.Scan(&id)
			writers = append(writers, id)
			return err
		}, "SELECT DISTINCT writer FROM mock_unseen WHERE writer <> ?", s.me)
		if err != nil || len(writers) == 0 {
			return err
		}
		absent, err = tx.Absent(ctx, presence, writers)
		return err
	})
	if err != nil || len(writers) == 0 {
		clear(missing)
		return err
	}
	var dead []int32
	now := time.Now()
	since := map[int32]time.Time{}
	for _, id := range absent {
		since[id] = now
		if first, known := missing[id]; known {
			since[id] = first
		}
		if now.Sub(since[id]) >= gone {
			dead = append(dead, id)
		}
	}
	clear(missing)
	for id, first := range since {
		missing[id] = first
	}
	ofDead, ids := database.In(s.db.Dialect(), "writer", dead)
	return s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM mock_unseen WHERE writer <> ? AND ("+ofDead+" OR at < "+s.now()+" - ?)",
			s.me, ids, longest.Milliseconds())
		if err != nil {
			return err
		}
		return tx.Notify(ctx, channel)
	})
}
