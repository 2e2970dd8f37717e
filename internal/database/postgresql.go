package database

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// The codes of PostgreSQL's appendix A that this package acts on.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
	codeExclusion     = "23P01"
	codeOutOfRange    = "22003"
)

func (db *DB) openPostgreSQL(address string) error {
	db.dialect, db.name = PostgreSQL, withoutSecrets(address)
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The driver's own text quotes the address, password included.
		return fmt.Errorf("database %s: not a URL that PostgreSQL understands", db.name)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "clementine"
	}
	if config.RuntimeParams["jit"] == "" {
		// Compiling a report takes longer than running it.
		config.RuntimeParams["jit"] = "off"
	}
	db.config = config
	pool := stdlib.OpenDB(*config)
	limit(pool, db.connections())
	db.write, db.read = pool, pool
	return nil
}

func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://…"
	}
	return (&url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}).String()
}

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
