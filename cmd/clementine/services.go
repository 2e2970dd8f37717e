package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/internal/database"
)

// openDatabase opens the one database that all parts of a serving program share; "" is memory.
func (t *terminal) openDatabase(ctx context.Context, address string) (*database.DB, error) {
	db, err := database.Open(ctx, address, database.Options{Log: t.log, Durable: true})
	if err != nil {
		return nil, usagef("--database: %w", err)
	}
	return db, nil
}

func (t *terminal) closeDatabase(db *database.DB) {
	if err := db.Close(); err != nil {
		t.complainf("closing the database: %v", err)
	}
}

// service answers what lies at prefix and below it. Its handler gets whole paths.
type service struct {
	prefix  string
	handler http.Handler
}

// beside puts services on the port of another handler, which answers the rest.
func beside(other http.Handler, services []service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, s := range services {
			if rest, ok := strings.CutPrefix(r.URL.Path, s.prefix); ok && (rest == "" || rest[0] == '/') {
				s.handler.ServeHTTP(w, r)
				return
			}
		}
		other.ServeHTTP(w, r)
	})
}

// frontDoor leads a person who opens the bare address in a browser to a page. Programs are answered by next, as before.
func frontDoor(page string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.Redirect(w, r, page, http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
