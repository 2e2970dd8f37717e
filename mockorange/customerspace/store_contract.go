package customerspace

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

const contractColumns = `c.num, coalesce(c.reference, ''), c.name, c.type, c.platform, c.billing_account, c.offer, c.offer_name,
	c.customer, c.customer_name, c.segment, c.title, c.first_name, c.last_name, c.email, c.fix_phone, c.mobile_phone,
	c.support_level, c.ext1, c.ext2, c.ext3, c.created_at, c.updated_at`

// scanContract reads contractColumns, and what follows them into more.
func scanContract(row database.Scanner, more ...any) (Contract, error) {
	var c Contract
	var num, created, updated int64
	into := []any{
		&num, &c.Reference, &c.Name, &c.Type, &c.PlatformID, &c.BillingAccount, &c.Offer.ID, &c.Offer.Name,
		&c.Customer.ID, &c.Customer.Name, &c.Customer.Segment,
		&c.Contact.Title, &c.Contact.FirstName, &c.Contact.LastName, &c.Contact.Email, &c.Contact.FixPhone, &c.Contact.MobilePhone,
		&c.SupportLevel, &c.References[0], &c.References[1], &c.References[2], &created, &updated,
	}
	err := row.Scan(append(into, more...)...)
	c.ID, c.CreatedAt, c.UpdatedAt = contractID(num), time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return c, err
}

// values are what is stored of a contract, in the order of contractColumns, without number and reference.
func (c *Contract) values() []any {
	return []any{
		c.Name, c.Type, c.PlatformID, c.BillingAccount, c.Offer.ID, c.Offer.Name,
		c.Customer.ID, c.Customer.Name, c.Customer.Segment,
		c.Contact.Title, c.Contact.FirstName, c.Contact.LastName, c.Contact.Email, c.Contact.FixPhone, c.Contact.MobilePhone,
		c.SupportLevel, c.References[0], c.References[1], c.References[2], c.CreatedAt.UnixMilli(), c.UpdatedAt.UnixMilli(),
	}
}

// PutContract creates a contract, or changes the one of the same Reference, and returns it as it is kept: its ID is
// given when it is created and stays, as does CreatedAt. What is the same already changes nothing, not even UpdatedAt. An
// *InvalidError says what cannot be taken.
func (s *Store) PutContract(ctx context.Context, c Contract) (Contract, error) {
	if err := c.complete(s.now()); err != nil {
		return Contract{}, fmt.Errorf("contract %q: %w", c.Reference, err)
	}
	put := c
	err := s.write(ctx, func(tx *database.Tx) error {
		put = c
		old, found, err := contractOf(ctx, tx, c.Reference)
		switch {
		case err != nil:
			return err
		case !found:
			put, err = insertContract(ctx, tx, c)
			return err
		}
		put.ID, put.CreatedAt = old.ID, old.CreatedAt
		same := put
		same.UpdatedAt = old.UpdatedAt
		if same == old {
			put = old
			return nil
		}
		num, _ := contractNumber(old.ID)
		_, err = tx.Exec(ctx, `UPDATE space_contract SET name = ?, type = ?, platform = ?, billing_account = ?, offer = ?, offer_name = ?,
			customer = ?, customer_name = ?, segment = ?, title = ?, first_name = ?, last_name = ?, email = ?, fix_phone = ?,
			mobile_phone = ?, support_level = ?, ext1 = ?, ext2 = ?, ext3 = ?, created_at = ?, updated_at = ? WHERE num = ?`,
			append(put.values(), num)...)
		return err
	})
	if err != nil {
		return Contract{}, fmt.Errorf("putting contract %q: %w", c.Reference, err)
	}
	return put, nil
}

// ContractFor finds the contract that was put with a reference.
func (s *Store) ContractFor(ctx context.Context, reference string) (c Contract, found bool, err error) {
	err = s.read(ctx, func(tx *database.Tx) (err error) {
		c, found, err = contractOf(ctx, tx, reference)
		return err
	})
	if err != nil {
		return Contract{}, false, fmt.Errorf("finding contract %q: %w", reference, err)
	}
	return c, found, nil
}

func contractOf(ctx context.Context, tx *database.Tx, reference string) (c Contract, found bool, err error) {
	c, err = scanContract(tx.QueryRow(ctx, "SELECT "+contractColumns+" FROM space_contract c WHERE c.reference = ?", reference))
	if errors.Is(err, sql.ErrNoRows) {
		return Contract{}, false, nil
	}
	return c, err == nil, err
}

func insertContract(ctx context.Context, tx *database.Tx, c Contract) (Contract, error) {
	var reference any
	if c.Reference != "" {
		reference = c.Reference
	}
	num := int64(0)
	err := tx.QueryRow(ctx, `INSERT INTO space_contract (reference, name, type, platform, billing_account, offer, offer_name,
		customer, customer_name, segment, title, first_name, last_name, email, fix_phone, mobile_phone, support_level,
		ext1, ext2, ext3, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
		append([]any{reference}, c.values()...)...).Scan(&num)
	c.ID = contractID(num)
	return c, raced(err)
}
