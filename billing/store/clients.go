package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// newSecret is 130 random bits, so its hash needs neither salt nor stretching.
func newSecret() (secret string, hash []byte) {
	secret = rand.Text()
	return secret, hashOf(secret)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// CreateClient is part of billing.Store.
func (s *Store) CreateClient(
	ctx context.Context, a billing.Actor, sc billing.Scope, n billing.NewClient,
) (billing.Client, string, error) {
	if !sc.Administers() {
		return billing.Client{}, "", billing.ErrForbidden
	}
	if err := billing.CheckClient(n); err != nil {
		return billing.Client{}, "", err
	}
	at := s.moment().at
	secret, hash := newSecret()
	c := billing.Client{
		ID: billing.ClientID(s.opts.NewID(at)), Name: n.Name, SecretHash: hash, Status: billing.ClientActive,
		Expires: billing.Forever, Omniscient: n.Omniscient, Role: n.Role, Version: 1, CreatedAt: at,
	}
	c.Offers = sortedCodes(n.Offers)
	if n.Expires != nil {
		c.Expires = *n.Expires
	}
	if c.Role == "" {
		c.Role = billing.RoleReader
	}
	err := s.write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO client (id, name, secret_hash, status, expires, omniscient, role, version, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.ID, c.Name, c.SecretHash, c.Status, c.Expires, flag(c.Omniscient), c.Role, c.Version, c.CreatedAt)
		if err != nil {
			return fmt.Errorf("storing a client: %w", err)
		}
		if err := setOffers(ctx, tx, c.ID, n.Offers); err != nil {
			return err
		}
		return s.audit(ctx, tx, clientEntry(a, "create", nil, &c))
	})
	if err != nil {
		return billing.Client{}, "", err
	}
	return c, secret, nil
}

func sortedCodes(offers []billing.OfferCode) []billing.OfferCode {
	sorted := slices.Clone(offers)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// setOffers replaces a client's list. The error is an *InvalidError that names each offer that doesn't exist.
func setOffers(ctx context.Context, tx *database.Tx, id billing.ClientID, offers []billing.OfferCode) error {
	if _, err := tx.Exec(ctx, "DELETE FROM client_offer WHERE client_id = ?", id); err != nil {
		return fmt.Errorf("removing a client's offers: %w", err)
	}
	known := map[billing.OfferCode]int64{}
	c := &conditions{dialect: tx.Dialect()}
	c.within("code", texts(offers))
	err := tx.Each(ctx, func(row database.Scanner) error {
		var code billing.OfferCode
		var number int64
		err := row.Scan(&code, &number)
		known[code] = number
		return err
	}, "SELECT code, id FROM offer"+c.where(), c.args...)
	if err != nil {
		return fmt.Errorf("reading offers: %w", err)
	}
	var unknown billing.InvalidError
	for i, code := range offers {
		if _, ok := known[code]; !ok {
			v := billing.Invalid(fmt.Sprintf("offers[%d]", i), billing.CodeUnknown, "%q is not an offer", string(code))
			unknown.Violations = append(unknown.Violations, v.Violations...)
		}
	}
	if len(unknown.Violations) > 0 {
		return &unknown
	}
	var args []any
	for _, code := range sortedCodes(offers) {
		args = append(args, id, known[code])
	}
	return tx.Batch(ctx, insertMany("client_offer (client_id, offer_id)", 2, args, doing("storing a client's offers"))...)
}

func clientEntry(a billing.Actor, action string, before, after *billing.Client) entry {
	e := entry{actor: a, action: action, kind: billing.AuditClient, id: string(after.ID), after: documentOfClient(*after)}
	if before != nil {
		e.before = documentOfClient(*before)
	}
	return e
}

const clientQuery = `SELECT c.id, c.name, c.secret_hash, c.status, c.expires, c.omniscient, c.role, c.version, c.created_at,
	coalesce(o.code, '') FROM client c LEFT JOIN client_offer l ON l.client_id = c.id LEFT JOIN offer o ON o.id = l.offer_id`

// selectClients reads clients with their offers; where is without a client's offers.
func selectClients(ctx context.Context, tx *database.Tx, where string, args ...any) ([]billing.Client, error) {
	clients := []billing.Client{}
	err := tx.Batch(ctx, readClients(&clients, where, args...))
	return clients, err
}

func readClients(to *[]billing.Client, where string, args ...any) database.Statement {
	*to = (*to)[:0]
	query := clientQuery + where + " ORDER BY c.name, c.id, o.code"
	return database.Statement{Query: query, Args: args, Failed: doing("reading clients"), Row: func(row database.Scanner) error {
		var c billing.Client
		var omniscient int
		var offer billing.OfferCode
		err := row.Scan(&c.ID, &c.Name, &c.SecretHash, &c.Status, &c.Expires, &omniscient, &c.Role, &c.Version, &c.CreatedAt, &offer)
		if err != nil {
			return err
		}
		c.Omniscient = omniscient == 1
		if n := len(*to); n == 0 || (*to)[n-1].ID != c.ID {
			*to = append(*to, c)
		}
		if offer != "" {
			list := &(*to)[len(*to)-1].Offers
			*list = append(*list, offer)
		}
		return nil
	}}
}

func clientByID(ctx context.Context, tx *database.Tx, id billing.ClientID) (billing.Client, error) {
	clients, err := selectClients(ctx, tx, " WHERE c.id = ?", id)
	if err != nil {
		return billing.Client{}, err
	}
	if len(clients) == 0 {
		return billing.Client{}, billing.ErrNotFound
	}
	return clients[0], nil
}

// Client is part of billing.Store.
func (s *Store) Client(ctx context.Context, sc billing.Scope, id billing.ClientID) (c billing.Client, err error) {
	if !sc.Administers() {
		return c, billing.ErrForbidden
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		c, err = clientByID(ctx, tx, id)
		return err
	})
	return c, err
}

// Clients is part of billing.Store.
func (s *Store) Clients(ctx context.Context, sc billing.Scope) (clients []billing.Client, err error) {
	if !sc.Administers() {
		return nil, billing.ErrForbidden
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		clients, err = selectClients(ctx, tx, "")
		return err
	})
	return clients, err
}

// changeClient runs change on a stored client that nobody else writes meanwhile, and stores what it makes of it.
func (s *Store) changeClient(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.ClientID, action string,
	change func(context.Context, *database.Tx, *billing.Client) error,
) (c billing.Client, err error) {
	if !sc.Administers() {
		return c, billing.ErrForbidden
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		if lock := tx.Dialect().ForUpdate(); lock != "" {
			if _, err := tx.Exec(ctx, "SELECT 1 FROM client WHERE id = ?"+lock, id); err != nil {
				return fmt.Errorf("locking client %s: %w", id, err)
			}
		}
		before, err := clientByID(ctx, tx, id)
		if err != nil {
			return err
		}
		c = before
		if err := change(ctx, tx, &c); err != nil {
			return err
		}
		c.Version++
		_, err = tx.Exec(ctx, "UPDATE client SET secret_hash = ?, status = ?, omniscient = ?, role = ?, version = ? WHERE id = ?",
			c.SecretHash, c.Status, flag(c.Omniscient), c.Role, c.Version, c.ID)
		if err != nil {
			return fmt.Errorf("storing client %s: %w", id, err)
		}
		return s.audit(ctx, tx, clientEntry(a, action, &before, &c))
	})
	return c, err
}

// RotateSecret is part of billing.Store.
func (s *Store) RotateSecret(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.ClientID,
) (billing.Client, string, error) {
	secret, hash := newSecret()
	c, err := s.changeClient(ctx, a, sc, id, "rotate", func(_ context.Context, _ *database.Tx, c *billing.Client) error {
		c.SecretHash = hash
		return nil
	})
	if err != nil {
		return billing.Client{}, "", err
	}
	return c, secret, nil
}

// SetClientStatus is part of billing.Store.
func (s *Store) SetClientStatus(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.ClientID, status billing.ClientStatus,
) (billing.Client, error) {
	action := "activate"
	switch status {
	case billing.ClientActive:
	case billing.ClientSuspended:
		action = "suspend"
	default:
		return billing.Client{}, billing.Invalid("status", billing.CodeUnknown, "%q is none of active, suspended", string(status))
	}
	return s.changeClient(ctx, a, sc, id, action, func(_ context.Context, _ *database.Tx, c *billing.Client) error {
		c.Status = status
		return nil
	})
}

// SetClientAccess is part of billing.Store.
func (s *Store) SetClientAccess(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.ClientID, offers []billing.OfferCode, omniscient bool,
	role billing.Role,
) (billing.Client, error) {
	if role == "" {
		role = billing.RoleReader
	}
	if err := billing.CheckRole(role); err != nil {
		return billing.Client{}, err
	}
	return s.changeClient(ctx, a, sc, id, "offers", func(ctx context.Context, tx *database.Tx, c *billing.Client) error {
		c.Offers, c.Omniscient, c.Role = sortedCodes(offers), omniscient, role
		return setOffers(ctx, tx, id, offers)
	})
}

// Authenticate is part of billing.Store.
func (s *Store) Authenticate(
	ctx context.Context, id billing.ClientID, secret string, today billing.Day,
) (billing.Client, error) {
	c, err := s.Current(ctx, id, today)
	if err != nil && !errors.Is(err, billing.ErrCredentials) {
		return billing.Client{}, err
	}
	// An unknown client has no hash, which equals none; the comparison is made all the same.
	if subtle.ConstantTimeCompare(hashOf(secret), c.SecretHash) != 1 {
		return billing.Client{}, billing.ErrCredentials
	}
	return c, nil
}

// Current is part of billing.Store.
func (s *Store) Current(ctx context.Context, id billing.ClientID, today billing.Day) (c billing.Client, err error) {
	var found []billing.Client
	err = s.readBatch(ctx, func() []database.Statement {
		return []database.Statement{readClients(&found, " WHERE c.id = ?", id)}
	})
	if err != nil {
		return billing.Client{}, err
	}
	if len(found) == 0 || !found[0].Admitted(today) {
		return billing.Client{}, billing.ErrCredentials
	}
	return found[0], nil
}
