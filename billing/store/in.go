package store

import (
	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// In is the store with all its calls inside tx, a transaction on the store's own database: they are committed with what
// else tx writes, or not at all. Once is not for it, and Close does nothing.
func (s *Store) In(tx *database.Tx) billing.Store {
	return &Store{db: s.db, opts: s.opts, tx: tx}
}
