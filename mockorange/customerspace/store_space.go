package customerspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// Contracts are the contracts within reach, by id.
func (s *Store) Contracts(ctx context.Context, sc Scope) ([]Contract, error) {
	var contracts []Contract
	err := s.read(ctx, func(tx *database.Tx) error {
		contracts = []Contract{}
		reach, args := sc.reach(tx.Dialect())
		return tx.Each(ctx, func(row database.Scanner) error {
			c, err := scanContract(row)
			contracts = append(contracts, c)
			return err
		}, "SELECT "+contractColumns+" FROM space_contract c WHERE "+reach+" ORDER BY c.num", args...)
	})
	if err != nil {
		return nil, fmt.Errorf("listing contracts: %w", err)
	}
	return contracts, nil
}

// Contract is one contract within reach; ErrNotFound for any other id.
func (s *Store) Contract(ctx context.Context, sc Scope, id string) (Contract, error) {
	var c Contract
	err := s.read(ctx, func(tx *database.Tx) (err error) {
		c, _, err = reached(ctx, tx, sc, id, false)
		return err
	})
	if err != nil {
		return Contract{}, fmt.Errorf("contract %q: %w", id, err)
	}
	return c, nil
}

// reached reads a contract within reach, and whether the account may change it. An id that is none, that nobody has and
// that is someone else's take the same way: one query that finds nothing.
func reached(ctx context.Context, tx *database.Tx, sc Scope, id string, toChange bool) (c Contract, manages bool, err error) {
	num, _ := contractNumber(id)
	expression, before := sc.manages()
	reach, after := sc.reach(tx.Dialect())
	query := "SELECT " + contractColumns + ", " + expression + " FROM space_contract c WHERE c.num = ? AND " + reach
	if toChange {
		query += tx.Dialect().ForUpdate()
	}
	may := 0
	c, err = scanContract(tx.QueryRow(ctx, query, append(append(before, num), after...)...), &may)
	if errors.Is(err, sql.ErrNoRows) {
		return Contract{}, false, ErrNotFound
	}
	return c, may == 1, err
}

// Documents are the documents of a contract within reach, newest period first; ErrNotFound for any other contract.
func (s *Store) Documents(ctx context.Context, sc Scope, contract string, f DocumentFilter) ([]Document, error) {
	var documents []Document
	err := s.read(ctx, func(tx *database.Tx) error {
		documents = []Document{}
		c, _, err := reached(ctx, tx, sc, contract, false)
		if err != nil {
			return err
		}
		num, _ := contractNumber(c.ID)
		query, args := "SELECT "+documentColumns+" FROM space_document d WHERE d.contract = ?", []any{num}
		if f.Type != "" {
			query, args = query+" AND d.type = ?", append(args, f.Type)
		}
		query += " ORDER BY d.period DESC, d.created_at DESC, d.num DESC"
		if f.Limit > 0 {
			query, args = query+" LIMIT ?", append(args, f.Limit)
		}
		return tx.Each(ctx, func(row database.Scanner) error {
			d, _, err := scanDocument(row)
			documents = append(documents, d)
			return err
		}, query, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("documents of contract %q: %w", contract, err)
	}
	return documents, nil
}

// File is a document with its bytes. ErrNotFound unless it is of a contract within reach, and of this contract if one is
// named.
func (s *Store) File(ctx context.Context, sc Scope, contract, id string) (d Document, content []byte, err error) {
	if !storable(id) {
		return Document{}, nil, fmt.Errorf("document: %w", ErrNotFound)
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		reach, args := sc.reach(tx.Dialect())
		query := "SELECT " + documentColumns + ", f.bytes FROM space_document d JOIN space_contract c ON c.num = d.contract " +
			"JOIN space_content f ON f.document = d.num WHERE d.id = ? AND " + reach
		args = append([]any{id}, args...)
		if contract != "" {
			num, _ := contractNumber(contract)
			query, args = query+" AND d.contract = ?", append(args, num)
		}
		d, _, err = scanDocument(tx.QueryRow(ctx, query, args...), &content)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return Document{}, nil, fmt.Errorf("document %q: %w", id, err)
	}
	return d, content, nil
}

// AddUser declares a user on a contract within reach, or changes the one of the same login. ErrNotFound for any other
// contract, ErrForbidden if the account is a mere visitor of it, an *InvalidError for a user that cannot be taken.
func (s *Store) AddUser(ctx context.Context, sc Scope, contract string, u User) error {
	err := s.write(ctx, func(tx *database.Tx) error {
		c, manages, err := reached(ctx, tx, sc, contract, true)
		switch {
		case err != nil:
			return err
		case !manages:
			return ErrForbidden
		}
		if err := u.check(); err != nil {
			return err
		}
		num, _ := contractNumber(c.ID)
		return putUser(ctx, tx, num, u, false)
	})
	if err != nil {
		return fmt.Errorf("user of contract %q: %w", contract, err)
	}
	return nil
}

// CreateContract makes a contract. An administrator makes it in its perimeter; a client on a billing account of which it
// manages a contract, and becomes its manager. Anything else is ErrForbidden, whether there is such a billing account or
// not. An *InvalidError says what cannot be taken.
func (s *Store) CreateContract(ctx context.Context, sc Scope, n NewContract) (Contract, error) {
	if err := n.check(); err != nil {
		return Contract{}, err
	}
	now := moment(time.Time{}, s.now())
	var c Contract
	err := s.write(ctx, func(tx *database.Tx) error {
		near, manages, err := sibling(ctx, tx, sc, n.BillingAccount, n.Offer)
		switch {
		case err != nil:
			return err
		case sc.administers && !sc.covers(n.BillingAccount, n.Offer), !manages && !sc.administers:
			return ErrForbidden
		}
		c, err = insertContract(ctx, tx, n.contract(near, now))
		if err != nil || sc.administers {
			return err
		}
		return copyUser(ctx, tx, sc, near, c)
	})
	if err != nil {
		return Contract{}, fmt.Errorf("creating a contract: %w", err)
	}
	return c, nil
}

// sibling is a contract on the billing account that the account reaches, one it manages and one of the same offer first: the
// new contract gets its customer and the offer's name. It is zero if there is none.
func sibling(ctx context.Context, tx *database.Tx, sc Scope, billingAccount, offer string) (c Contract, manages bool, err error) {
	expression, before := sc.manages()
	reach, after := sc.reach(tx.Dialect())
	may := 0
	args := append(append(before, billingAccount), after...)
	c, err = scanContract(tx.QueryRow(ctx, "SELECT "+contractColumns+", "+expression+
		" AS may FROM space_contract c WHERE c.billing_account = ? AND "+reach+
		" ORDER BY may DESC, CASE c.offer WHEN ? THEN 0 ELSE 1 END, c.num LIMIT 1", append(args, offer)...), &may)
	if errors.Is(err, sql.ErrNoRows) {
		return Contract{}, false, nil
	}
	return c, may == 1, err
}

// contract is what is stored for a new one.
func (n NewContract) contract(near Contract, now time.Time) Contract {
	c := Contract{
		Name: n.Name, Type: defaultContractType, BillingAccount: n.BillingAccount, Offer: Offer{ID: n.Offer, Name: n.Offer},
		Customer: near.Customer, Contact: n.Referent, SupportLevel: n.SupportLevel, References: n.References,
		CreatedAt: now, UpdatedAt: now,
	}
	if near.Offer.ID == n.Offer && near.Offer.Name != "" {
		c.Offer.Name = near.Offer.Name
	}
	if c.Customer.ID == "" {
		c.Customer = Customer{ID: n.BillingAccount, Name: n.BillingAccount}
	}
	return c
}

// copyUser declares the account on a new contract as it is on another.
func copyUser(ctx context.Context, tx *database.Tx, sc Scope, from, to Contract) error {
	old, _ := contractNumber(from.ID)
	num, _ := contractNumber(to.ID)
	_, err := tx.Exec(ctx, `INSERT INTO space_user (contract, login_key, login, civility, first_name, last_name, email, fix_phone,
		mobile_phone, manager) SELECT ?, login_key, login, civility, first_name, last_name, email, fix_phone, mobile_phone, manager
		FROM space_user WHERE contract = ? AND login_key = ?`, num, old, sc.login)
	return err
}
