package portal

import (
	"context"
	"errors"

	"github.com/clementine-ope/clementine/internal/database"
)

const subscriptionColumns = `s.id, s.application_id, s.offer, s.state, s.reason, s.requested_at, s.decided_at, s.decided_by,
	s.terms_version, s.terms_at, s.configured_at, s.contract, s.base_url, s.auth_type, s.auth_name, s.auth_secret`

func scanSubscription(row database.Scanner, more ...any) (Subscription, error) {
	var s Subscription
	var requested, decided, terms, configured int64
	c := &s.Configuration
	err := row.Scan(append([]any{
		&s.ID, &s.Application, &s.Offer, &s.State, &s.Reason, &requested, &decided, &s.DecidedBy, &s.TermsVersion, &terms,
		&configured, &c.Contract, &c.BaseURL, &c.Auth.Type, &c.Auth.Name, &c.Auth.Secret,
	}, more...)...)
	s.RequestedAt, s.DecidedAt, s.TermsAt, s.ConfiguredAt = instant(requested), instant(decided), instant(terms), instant(configured)
	return s, err
}

// findSubscription is the subscription of an owner's application; sql.ErrNoRows if the application is not the owner's.
func findSubscription(ctx context.Context, tx *database.Tx, owner, application, offer string) (Subscription, Account, error) {
	var a Account
	var active, created int64
	s, err := scanSubscription(tx.QueryRow(ctx, "SELECT "+subscriptionColumns+", "+accountColumns+` FROM portal_subscription s
		JOIN portal_application p ON p.id = s.application_id JOIN portal_account a ON a.id = p.account_id
		WHERE p.account_id = ? AND s.application_id = ? AND s.offer = ?`, owner, application, offer),
		&a.ID, &a.Email, &a.Name, &a.Company, &a.Lang, &active, &created)
	return s, a, err
}

// Subscribe asks for an offer for an application. It is pending until Orange decides, but for offers by invitation: who
// accepted one is approved, the first time. ErrInvitationNeeded without one; a *StateError if it is pending or approved.
func (s *Service) Subscribe(ctx context.Context, owner, application, offer string) (Subscription, error) {
	o, known := FindOffer(offer)
	if !known {
		return Subscription{}, &InvalidError{[]Violation{{"offer", CodeUnknown, "must be an offer of the catalogue"}}}
	}
	var out Subscription
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		a, _, err := findApplication(ctx, tx, mine(owner), application)
		if err != nil {
			return err
		}
		account, err := scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE id = ?", a.Owner))
		if err != nil {
			return err
		}
		if o.ByInvitation {
			var accepted int
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM portal_invitation WHERE account_id = ? AND offer = ? AND accepted_at > 0", a.Owner, offer).Scan(&accepted); err != nil {
				return err
			}
			if accepted == 0 {
				return ErrInvitationNeeded
			}
		}
		out, err = s.request(ctx, tx, a, o, account.Email)
		return err
	})
	if database.IsUnique(err) {
		err = &StateError{"subscribe", Pending} // asked for twice at the same moment
	}
	if err != nil {
		return Subscription{}, wrap("subscribe", err)
	}
	return out, s.register(ctx, application)
}

func (s *Service) request(ctx context.Context, tx *database.Tx, a Application, o Offer, who string) (Subscription, error) {
	now := s.now()
	for _, there := range a.Subscriptions {
		if there.Offer != o.Code {
			continue
		}
		if there.State == Pending || there.State == Approved {
			return Subscription{}, &StateError{"subscribe", there.State}
		}
		there.State, there.RequestedAt = Pending, now
		if _, err := tx.Exec(ctx, "UPDATE portal_subscription SET state = ?, requested_at = ? WHERE id = ?", string(Pending), now.UnixMilli(), there.ID); err != nil {
			return Subscription{}, err
		}
		return there, s.note(ctx, tx, there.ID, who, "subscribe", "")
	}
	sub := Subscription{ID: newID(), Application: a.ID, Offer: o.Code, State: Pending, RequestedAt: now}
	if o.ByInvitation {
		sub.State, sub.DecidedAt, sub.DecidedBy = Approved, now, "invitation"
	}
	decided := int64(0)
	if o.ByInvitation {
		decided = now.UnixMilli()
	}
	if _, err := tx.Exec(ctx, "INSERT INTO portal_subscription (id, application_id, offer, state, requested_at, decided_at, decided_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
		sub.ID, a.ID, o.Code, string(sub.State), now.UnixMilli(), decided, sub.DecidedBy); err != nil {
		return Subscription{}, err
	}
	return sub, s.note(ctx, tx, sub.ID, who, "subscribe", "")
}

// Subscription is the subscription of an application to an offer; ErrNotFound without one.
func (s *Service) Subscription(ctx context.Context, owner, application, offer string) (Subscription, error) {
	var out Subscription
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		out, _, err = findSubscription(ctx, tx, owner, application, offer)
		return err
	})
	return out, wrap("read a subscription", err)
}

// Configure fills the form of a subscription, in any state: there is no need to wait for the approval. An empty secret
// keeps the one that is there.
func (s *Service) Configure(ctx context.Context, owner, application, offer string, c Configuration) (Subscription, error) {
	if o, known := FindOffer(offer); known && !o.Configured {
		return Subscription{}, &InvalidError{[]Violation{{"offer", CodeUnknown, "has nothing to configure"}}}
	}
	var out Subscription
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		sub, account, err := findSubscription(ctx, tx, owner, application, offer)
		if err != nil {
			return err
		}
		var v violations
		c := v.configuration(c, sub.Configuration)
		if err := v.err(); err != nil {
			return err
		}
		sub.Configuration, sub.ConfiguredAt = c, s.now()
		_, err = tx.Exec(ctx, `UPDATE portal_subscription SET contract = ?, base_url = ?, auth_type = ?, auth_name = ?, auth_secret = ?, configured_at = ?
			WHERE id = ?`, c.Contract, c.BaseURL, c.Auth.Type, c.Auth.Name, c.Auth.Secret, sub.ConfiguredAt.UnixMilli(), sub.ID)
		out = sub
		return errors.Join(err, s.note(ctx, tx, sub.ID, account.Email, "configure", ""))
	})
	return out, wrap("configure a subscription", err)
}

// AcceptTerms notes that the terms of this version are accepted, and when. Only the version in force can be.
func (s *Service) AcceptTerms(ctx context.Context, owner, application, offer, version string) (Subscription, error) {
	if version != TermsVersion {
		return Subscription{}, &InvalidError{[]Violation{{"version", CodeUnknown, "must be the version in force, " + TermsVersion}}}
	}
	var out Subscription
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		sub, account, err := findSubscription(ctx, tx, owner, application, offer)
		if err != nil {
			return err
		}
		if out = sub; sub.TermsVersion == version {
			return nil
		}
		out.TermsVersion, out.TermsAt = version, s.now()
		_, err = tx.Exec(ctx, "UPDATE portal_subscription SET terms_version = ?, terms_at = ? WHERE id = ?", version, out.TermsAt.UnixMilli(), sub.ID)
		return errors.Join(err, s.note(ctx, tx, sub.ID, account.Email, "terms", version))
	})
	if err != nil {
		return Subscription{}, wrap("accept the terms", err)
	}
	return out, s.register(ctx, application)
}
