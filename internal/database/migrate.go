package database

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// NewerSchemaError is a database that a newer program has migrated.
type NewerSchemaError struct {
	Database, Component string
	Found, Known        int64
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("database %s holds version %d of the %s tables, and this program knows them up to version %d: "+
		"use the newer program, or another database", e.Database, e.Found, e.Component, e.Known)
}

// Component is a part of the program that has tables of its own in a database that it may share with others. Files
// holds numbered goose files in a folder per engine: sqlite/00001_x.sql, postgresql/00001_x.sql.
type Component struct {
	Name  string
	Files fs.FS
}

// Migrate brings the component's tables to what this program knows, alone among all programs that do so, and refuses
// tables that a newer program has made (*NewerSchemaError). The version is kept in the table NAME_schema.
func (db *DB) Migrate(ctx context.Context, c Component) error {
	provider, err := db.provider(c)
	if err != nil {
		return fmt.Errorf("migrations of the %s tables: %w", c.Name, err)
	}
	for {
		found, known, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("reading the version of the %s tables in %s: %w", c.Name, db.name, err)
		}
		if found > known {
			return &NewerSchemaError{Database: db.name, Component: c.Name, Found: found, Known: known}
		}
		if found == known {
			return nil
		}
		done, err := provider.Up(ctx)
		if err == nil {
			for _, m := range done {
				db.log.Info("migrated", "component", c.Name, "version", m.Source.Version, "database", db.name)
			}
			continue
		}
		// SQLite has no lock beyond one transaction: whoever came second finds the tables there already.
		if moved, _, again := provider.GetVersions(ctx); again != nil || moved <= found {
			return errors.Join(fmt.Errorf("migrating the %s tables in %s: %w", c.Name, db.name, err), again)
		}
	}
}

func (db *DB) provider(c Component) (*goose.Provider, error) {
	files, err := fs.Sub(c.Files, string(db.dialect))
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{
		goose.WithTableName(c.Name + "_schema"), goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	}
	dialect := goose.DialectSQLite3
	if db.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
		name := fnv.New64a()
		_, _ = name.Write([]byte("clementine " + c.Name))
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(int64(name.Sum64()>>1)), lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, db.write, files, opts...)
}
