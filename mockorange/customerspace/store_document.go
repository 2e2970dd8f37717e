package customerspace

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

const documentColumns = `d.num, d.id, d.reference, d.contract, d.type, d.filename, d.period, d.amount, d.currency,
	d.created_at, d.updated_at`

// scanDocument reads documentColumns, and what follows them into more.
func scanDocument(row database.Scanner, more ...any) (d Document, num int64, err error) {
	var contract, created, updated int64
	into := []any{
		&num, &d.ID, &d.Reference, &contract, &d.Type, &d.Filename, &d.Period, &d.Amount, &d.Currency, &created, &updated,
	}
	err = row.Scan(append(into, more...)...)
	d.ContractID, d.CreatedAt, d.UpdatedAt = contractID(contract), time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return d, num, err
}

// PutDocument creates a document with its file, or replaces the one of the same Reference, and returns its id, which
// stays. What is the same already changes nothing. ErrNoContract if its contract is unknown; an *InvalidError says what
// cannot be taken.
func (s *Store) PutDocument(ctx context.Context, d Document, content []byte) (id string, err error) {
	if err := d.complete(content, s.now()); err != nil {
		return "", fmt.Errorf("document %q: %w", d.Reference, err)
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		id, err = putDocument(ctx, tx, d, content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("putting document %q: %w", d.Reference, err)
	}
	return id, nil
}

func putDocument(ctx context.Context, tx *database.Tx, d Document, content []byte) (string, error) {
	contract, known := contractNumber(d.ContractID)
	if known {
		err := tx.QueryRow(ctx, "SELECT num FROM space_contract WHERE num = ?", contract).Scan(&contract)
		if known = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
			return "", err
		}
	}
	if !known {
		return "", ErrNoContract
	}
	digest := sha256.Sum256(content)
	var before []byte
	query := "SELECT " + documentColumns + ", d.digest FROM space_document d WHERE d.reference = ?"
	old, num, err := scanDocument(tx.QueryRow(ctx, query, d.Reference), &before)
	if errors.Is(err, sql.ErrNoRows) {
		return insertDocument(ctx, tx, d, contract, digest, content)
	}
	if err != nil {
		return "", err
	}
	d.ID, d.CreatedAt = old.ID, old.CreatedAt
	same := d
	same.UpdatedAt = old.UpdatedAt
	if same == old && string(before) == string(digest[:]) {
		return old.ID, nil
	}
	_, err = tx.Exec(ctx, `UPDATE space_document SET contract = ?, type = ?, filename = ?, period = ?, amount = ?, currency = ?,
		digest = ?, updated_at = ? WHERE num = ?`,
		contract, d.Type, d.Filename, d.Period, d.Amount, d.Currency, digest[:], d.UpdatedAt.UnixMilli(), num)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE space_content SET bytes = ? WHERE document = ?", notNull(content), num)
	}
	return d.ID, err
}

func insertDocument(
	ctx context.Context, tx *database.Tx, d Document, contract int64, digest [sha256.Size]byte, content []byte,
) (string, error) {
	d.ID = uuid()
	num := int64(0)
	err := tx.QueryRow(ctx, `INSERT INTO space_document (id, reference, contract, type, filename, period, amount, currency, digest,
		created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
		d.ID, d.Reference, contract, d.Type, d.Filename, d.Period, d.Amount, d.Currency, digest[:],
		d.CreatedAt.UnixMilli(), d.UpdatedAt.UnixMilli()).Scan(&num)
	if err != nil {
		return "", raced(err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO space_content (document, bytes) VALUES (?, ?)", num, notNull(content))
	return d.ID, err
}

// notNull keeps an empty file from being stored as NULL.
func notNull(content []byte) []byte {
	if content == nil {
		return []byte{}
	}
	return content
}

// uuid returns a random UUID, version 4 (RFC 9562, section 5.4).
func uuid() string {
	var b [16]byte
	// crypto/rand.Read never returns an error: it ends the program where the system has no randomness.
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
