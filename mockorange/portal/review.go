package portal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// Orange is who acts on Orange's side.
const Orange = "orange"

const invitationLifetime = 14 * 24 * time.Hour

// Invite writes a mail with a link by which the account of an address may subscribe to an offer. Another invitation to
// the same takes the place of one that is open; one that was accepted stays, and only its mail is written again.
func (s *Service) Invite(ctx context.Context, email, offer, lang string) (Invitation, error) {
	var v violations
	email = v.email("email", email)
	if o, ok := FindOffer(offer); !ok || !o.ByInvitation {
		v.add("offer", CodeUnknown, "must be an offer that is opened by invitation")
	}
	if err := v.err(); err != nil {
		return Invitation{}, err
	}
	token, now := rand.Text(), s.now()
	inv := Invitation{Email: email, Offer: offer, SentAt: now, SentBy: Orange, Ends: now.Add(invitationLifetime)}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if there, err := scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE email = ?", email)); err == nil {
			lang = there.Lang
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO portal_invitation (email, offer, token, ends, sent_at, sent_by) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (email, offer) DO UPDATE SET token = excluded.token, ends = excluded.ends, sent_at = excluded.sent_at, sent_by = excluded.sent_by`,
			email, offer, digestOf(token), inv.Ends.UnixMilli(), now.UnixMilli(), Orange); err != nil {
			return err
		}
		return s.write(ctx, tx, letter{
			kind: mailInvitation, to: email, lang: lang, offer: offer, link: "/portal/invitation?token=" + url.QueryEscape(token),
		})
	})
	return inv, wrap("invite", err)
}

// AcceptInvitation follows the link of an invitation: the account, whose address must be the invited one, may subscribe
// to the offer from now on. ErrLink otherwise.
func (s *Service) AcceptInvitation(ctx context.Context, account, token string) (Offer, error) {
	var offer string
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		var email string
		err := tx.QueryRow(ctx, `SELECT i.offer, i.email FROM portal_invitation i JOIN portal_account a ON a.email = i.email AND a.active = 1
			WHERE i.token = ? AND i.ends > ? AND a.id = ?`, digestOf(token), s.now().UnixMilli(), account).Scan(&offer, &email)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLink
		}
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, "UPDATE portal_invitation SET account_id = ?, accepted_at = ?, token = NULL WHERE email = ? AND offer = ?",
			account, s.now().UnixMilli(), email, offer); err != nil {
			return err
		}
		return s.note(ctx, tx, account, email, "accept-invitation", offer)
	})
	o, _ := FindOffer(offer)
	return o, wrap("accept an invitation", err)
}

// Invitations returns all invitations, newest first: 500 at most. An address keeps those of one account only.
func (s *Service) Invitations(ctx context.Context, email string) ([]Invitation, error) {
	var out []Invitation
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var i Invitation
			var sent, ends, accepted int64
			err := row.Scan(&i.Email, &i.Offer, &sent, &i.SentBy, &ends, &accepted)
			i.SentAt, i.Ends, i.AcceptedAt = instant(sent), instant(ends), instant(accepted)
			out = append(out, i)
			return err
		}, `SELECT email, offer, sent_at, sent_by, ends, accepted_at FROM portal_invitation WHERE email = ? OR ? = ''
			ORDER BY sent_at DESC, email, offer LIMIT 500`, email, email)
	})
	return out, wrap("list invitations", err)
}

const reviewFrom = ` FROM portal_subscription s JOIN portal_application p ON p.id = s.application_id JOIN portal_account a ON a.id = p.account_id `

func scanReview(row database.Scanner) (Review, error) {
	var r Review
	var active, created int64
	sub, err := scanSubscription(row, &r.ApplicationName, &r.ClientID,
		&r.Account.ID, &r.Account.Email, &r.Account.Name, &r.Account.Company, &r.Account.Lang, &active, &created)
	r.Subscription = sub
	r.Account.Active, r.Account.CreatedAt = active == 1, instant(created)
	return r, err
}

// Reviews returns the subscriptions in a state, the oldest request first; an empty state is all. 1000 at most.
func (s *Service) Reviews(ctx context.Context, state State) ([]Review, error) {
	var out []Review
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			r, err := scanReview(row)
			out = append(out, r)
			return err
		}, "SELECT "+subscriptionColumns+", p.name, p.client_id, "+accountColumns+reviewFrom+
			"WHERE s.state = ? OR ? = '' ORDER BY s.requested_at, s.id LIMIT 1000", string(state), string(state))
	})
	return out, wrap("list subscriptions", err)
}

// Review is one subscription as Orange sees it.
func (s *Service) Review(ctx context.Context, id string) (Review, error) {
	var r Review
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		r, err = findReview(ctx, tx, id)
		return err
	})
	return r, wrap("read a subscription", err)
}

func findReview(ctx context.Context, tx *database.Tx, id string) (Review, error) {
	return scanReview(tx.QueryRow(ctx, "SELECT "+subscriptionColumns+", p.name, p.client_id, "+accountColumns+reviewFrom+"WHERE s.id = ?", id))
}

// moves are the states that a decision starts from, and the one that it leads to.
func (d Decision) moves() (from []State, to State) {
	switch d {
	case Approve:
		return []State{Pending, Refused, Revoked}, Approved
	case Refuse:
		return []State{Pending}, Refused
	case Revoke:
		return []State{Approved}, Revoked
	}
	return nil, ""
}

// Decide approves, refuses or revokes a subscription, writes the mail that says so, and lets the application in or shuts
// it out at once. Refusing and revoking need a reason, which the partner reads. A *StateError if the state does not
// allow it.
func (s *Service) Decide(ctx context.Context, id string, d Decision, reason string) (Review, error) {
	var v violations
	from, to := d.moves()
	if to == "" {
		v.add("decision", CodeUnknown, "must be approve, refuse or revoke")
	}
	reason = v.line("reason", reason, longestReason, d != Approve)
	if err := v.err(); err != nil {
		return Review{}, err
	}
	var r Review
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		now := s.now()
		var err error
		if r, err = findReview(ctx, tx, id); err != nil {
			return err
		}
		if !slices.Contains(from, r.State) {
			return &StateError{string(d), r.State}
		}
		changed, err := tx.Exec(ctx, "UPDATE portal_subscription SET state = ?, reason = ?, decided_at = ?, decided_by = ? WHERE id = ? AND state = ?",
			string(to), reason, now.UnixMilli(), Orange, id, string(r.State))
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, database.ErrLostRace)
		}
		r.State, r.Reason, r.DecidedAt, r.DecidedBy = to, reason, now, Orange
		if err := s.note(ctx, tx, id, Orange, string(d), reason); err != nil {
			return err
		}
		return s.write(ctx, tx, letter{
			kind: string(to), to: r.Account.Email, lang: r.Account.Lang, offer: r.Offer, application: r.ApplicationName, reason: reason,
			link: "/portal/apps/" + r.Application,
		})
	})
	if err != nil {
		return Review{}, wrap(string(d), err)
	}
	return r, s.register(ctx, r.Application)
}
