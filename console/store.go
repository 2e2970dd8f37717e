package console

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports/archive"
)

//go:embed migrations
var migrations embed.FS

// maxProfiles is how many profiles one owner may keep.
const maxProfiles = 100

var errTooManyProfiles = errors.New("too many profiles")

// stored is a profile as it is kept: its YAML with the secrets that a run needs, which no page shows.
type stored struct {
	ID, Owner, Name string
	Document        string
	UpdatedAt       time.Time
}

// profiles keeps what was set up here. A profile that does not exist, or is somebody else's, is archive.ErrNotFound.
type profiles struct {
	db  *database.DB
	now func() time.Time
}

func openProfiles(ctx context.Context, db *database.DB, now func() time.Time) (*profiles, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "console", Files: files}); err != nil {
		return nil, err
	}
	return &profiles{db, now}, nil
}

func (p *profiles) create(ctx context.Context, s stored) (string, error) {
	s.ID = archive.NewID()
	at := p.now().UnixMilli()
	err := p.db.Write(ctx, func(tx *database.Tx) error {
		var count int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM console_profile WHERE owner = ?", s.Owner).Scan(&count); err != nil {
			return err
		}
		if count >= maxProfiles {
			return errTooManyProfiles
		}
		_, err := tx.Exec(ctx, "INSERT INTO console_profile (id, owner, name, document, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
			s.ID, s.Owner, s.Name, s.Document, at, at)
		return err
	})
	if err != nil && !errors.Is(err, errTooManyProfiles) {
		err = fmt.Errorf("keep a profile: %w", err)
	}
	return s.ID, err
}

func (p *profiles) update(ctx context.Context, id, name, document string) error {
	err := p.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE console_profile SET name = ?, document = ?, updated_at = ? WHERE id = ?", name, document, p.now().UnixMilli(), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a profile: %w", err)
	}
	return nil
}

const profileColumns = "id, owner, name, document, updated_at"

// get reads one; an empty owner is anybody.
func (p *profiles) get(ctx context.Context, owner, id string) (stored, error) {
	var s stored
	err := p.db.Read(ctx, func(tx *database.Tx) error {
		return scanProfile(tx.QueryRow(ctx, "SELECT "+profileColumns+" FROM console_profile WHERE id = ? AND (? = '' OR owner = ?)", id, owner, owner), &s)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return s, archive.ErrNotFound
	}
	if err != nil {
		return s, fmt.Errorf("read a profile: %w", err)
	}
	return s, nil
}

// named is the id of the first one of an owner with a name; empty where there is none.
func (p *profiles) named(ctx context.Context, owner, name string) (string, error) {
	var id string
	err := p.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT id FROM console_profile WHERE owner = ? AND name = ? ORDER BY id LIMIT 1", owner, name).Scan(&id)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find a profile: %w", err)
	}
	return id, nil
}

// list reads all, by name: 500 at most.
func (p *profiles) list(ctx context.Context, owner string) ([]stored, error) {
	var out []stored
	err := p.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var s stored
			err := scanProfile(row, &s)
			out = append(out, s)
			return err
		}, "SELECT "+profileColumns+" FROM console_profile WHERE (? = '' OR owner = ?) ORDER BY name, id LIMIT 500", owner, owner)
	})
	if err != nil {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	return out, nil
}

func (p *profiles) remove(ctx context.Context, id string) error {
	err := p.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM console_profile WHERE id = ?", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove a profile: %w", err)
	}
	return nil
}

func scanProfile(row database.Scanner, s *stored) error {
	var at int64
	err := row.Scan(&s.ID, &s.Owner, &s.Name, &s.Document, &at)
	s.UpdatedAt = time.UnixMilli(at).UTC()
	return err
}
