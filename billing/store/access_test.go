package store_test

import (
	"errors"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func TestClientsAndTheirSecrets(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A", "B"}, nil)
		expires := today + 10
		c, secret, err := b.CreateClient(ctx, b.admin, b.all, billing.NewClient{
			Name: "Reader", Offers: []billing.OfferCode{"B", "A", "B"}, Expires: &expires,
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]billing.OfferCode{"A", "B"}, c.Offers); diff != "" || c.Role != billing.RoleReader || len(secret) < 20 {
			t.Errorf("created %+v:\n%s", c, diff)
		}
		read, err := b.Client(ctx, b.all, c.ID)
		if diff := gocmp.Diff(c, read); err != nil || diff != "" {
			t.Errorf("stored (-created +read), %v:\n%s", err, diff)
		}
		refused := func(what string, id billing.ClientID, secret string, on billing.Day) {
			t.Helper()
			if _, err := b.Authenticate(ctx, id, secret, on); !errors.Is(err, billing.ErrCredentials) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if got, err := b.Authenticate(ctx, c.ID, secret, today); err != nil || got.ID != c.ID {
			t.Errorf("right secret: %v", err)
		}
		refused("wrong secret", c.ID, secret+"x", today)
		refused("no secret", c.ID, "", today)
		refused("unknown client", "nobody", secret, today)
		refused("expired", c.ID, secret, expires)

		_, fresh, err := b.RotateSecret(ctx, b.admin, b.all, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		refused("rotated secret", c.ID, secret, today)
		if _, err := b.SetClientStatus(ctx, b.admin, b.all, c.ID, billing.ClientSuspended); err != nil {
			t.Fatal(err)
		}
		refused("suspended", c.ID, fresh, today)
		if _, err := b.Current(ctx, c.ID, today); !errors.Is(err, billing.ErrCredentials) {
			t.Errorf("suspended, with a token: %v", err)
		}
		if _, err := b.SetClientStatus(ctx, b.admin, b.all, c.ID, billing.ClientActive); err != nil {
			t.Fatal(err)
		}
		changed, err := b.SetClientAccess(ctx, b.admin, b.all, c.ID, []billing.OfferCode{"B"}, true, billing.RoleWriter)
		if err != nil {
			t.Fatal(err)
		}
		now, err := b.Current(ctx, c.ID, today)
		if diff := gocmp.Diff(changed, now); err != nil || diff != "" || !now.Omniscient || now.Version != 5 {
			t.Errorf("changed, %v, %+v:\n%s", err, now, diff)
		}
		var invalid *billing.InvalidError
		_, err = b.SetClientAccess(ctx, b.admin, b.all, c.ID, []billing.OfferCode{"A", "NONE"}, false, "")
		if !errors.As(err, &invalid) || invalid.Violations[0].Path != "offers[1]" {
			t.Errorf("unknown offer: %v", err)
		}
		page, err := b.Audit(ctx, b.all, billing.AuditFilter{Kinds: []billing.AuditKind{billing.AuditClient}}, billing.Page{})
		if err != nil || len(page.Items) != 5 {
			t.Fatalf("audit: %d entries, %v", len(page.Items), err)
		}
		for _, e := range page.Items {
			if text := e.Before + e.After; strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), "secret") {
				t.Errorf("a secret in the audit: %s", text)
			}
		}
	})
}

func TestOnlyAdministratorsAdminister(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		s := b.create(monthly("A", "E1", "R"))
		label := "x"
		omniscient := billing.ScopeOf(billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Omniscient: true}, today)
		for name, sc := range map[string]billing.Scope{"reader": reader("A"), "omniscient": omniscient} {
			for what, write := range map[string]func() error{
				"offer":     func() error { _, err := b.CreateOffer(ctx, b.admin, sc, billing.Offer{}); return err },
				"envelope":  func() error { _, err := b.CreateEnvelope(ctx, b.admin, sc, billing.Envelope{}); return err },
				"client":    func() error { _, _, err := b.CreateClient(ctx, b.admin, sc, billing.NewClient{}); return err },
				"clients":   func() error { _, err := b.Clients(ctx, sc); return err },
				"rotate":    func() error { _, _, err := b.RotateSecret(ctx, b.admin, sc, "x"); return err },
				"reconcile": func() error { _, err := b.Reconcile(ctx, b.admin, sc); return err },
				"reports":   func() error { _, err := b.Reconciliations(ctx, sc, 1); return err },
				"create":    func() error { _, err := b.CreateSubscription(ctx, b.admin, sc, monthly("A", "E1", "S")); return err },
				"patch": func() error {
					_, err := b.PatchSubscription(ctx, b.admin, sc, s.ID, 0, billing.SubscriptionPatch{Label: &label})
					return err
				},
				"delete": func() error { return b.DeleteSubscription(ctx, b.admin, sc, s.ID, 0) },
			} {
				if err := write(); !errors.Is(err, billing.ErrForbidden) {
					t.Errorf("%s, %s: %v", name, what, err)
				}
			}
		}
		if _, err := b.CreateOffer(ctx, b.admin, b.all, billing.Offer{Code: "A", Name: "Again", Currency: "EUR"}); err == nil ||
			err.Error() != (&billing.TakenError{Kind: "offer", Code: "A"}).Error() {
			t.Errorf("the same offer: %v", err)
		}
	})
}

// Who sees an offer sees its trace, and nothing in it of another: neither names nor numbers.
func TestTheTraceShowsWhatTheScopeSees(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"AAA", "BBB"}, []billing.EnvelopeCode{"E1"})
		s := b.create(monthly("AAA", "E1", "R"))
		to := billing.OfferCode("BBB")
		actor := billing.Actor{Client: "c", Kind: billing.ActorAdmin, Reason: "moved house", Request: "r-7"}
		if _, err := b.PatchSubscription(ctx, actor, b.all, s.ID, 0, billing.SubscriptionPatch{Offer: &to}); err != nil {
			t.Fatal(err)
		}
		if err := b.RecordAccess(ctx, actor, b.all, billing.Access{Route: "GET /subscriptions", Query: "offer=BBB", Offers: []billing.OfferCode{"AAA", "BBB"}}); err != nil {
			t.Fatal(err)
		}
		b.clean()
		page, err := b.Audit(ctx, scope("AAA"), billing.AuditFilter{}, billing.Page{Count: true})
		if err != nil || *page.Total != 4 {
			t.Fatalf("%+v, %v", page, err)
		}
		var actions []string
		for _, e := range page.Items {
			actions = append(actions, e.Action)
			if e.Number != 0 || strings.Contains(e.Before+e.After, "BBB") || gocmp.Diff([]billing.OfferCode{"AAA"}, e.Offers) != "" {
				t.Errorf("tells of BBB: %+v", e)
			}
		}
		if diff := gocmp.Diff([]string{"read", "patch", "create", "create"}, actions); diff != "" {
			t.Errorf("actions, the newest first:\n%s", diff)
		}
		if move := page.Items[1]; move.Actor != actor || move.Before == "" || move.After != "" || move.ID != string(s.ID) {
			t.Errorf("move: %+v", move)
		}
		other, err := b.Audit(ctx, scope("BBB"), billing.AuditFilter{ID: string(s.ID)}, billing.Page{})
		if err != nil || len(other.Items) != 1 || other.Items[0].Before != "" || !strings.Contains(other.Items[0].After, `"BBB"`) {
			t.Errorf("to who sees where it went: %+v, %v", other.Items, err)
		}
		whole, err := b.Audit(ctx, b.all, billing.AuditFilter{Kinds: []billing.AuditKind{billing.AuditSubscription}}, billing.Page{})
		if err != nil || len(whole.Items) != 2 || whole.Items[0].Number <= whole.Items[1].Number || !strings.Contains(whole.Items[0].After, `"BBB"`) {
			t.Errorf("to an administrator: %+v, %v", whole, err)
		}
	})
}

// Seeing everything is not writing everything: what is moved must be writable where it was, and where it goes.
func TestAMoveTakesBothOffers(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		sc := billing.ScopeOf(billing.Client{
			Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleWriter, Omniscient: true, Offers: []billing.OfferCode{"A"},
		}, today)
		here, there := b.create(monthly("A", "E1", "R")), b.create(monthly("B", "E1", "S"))
		for id, to := range map[billing.SubscriptionID]billing.OfferCode{here.ID: "B", there.ID: "A"} {
			_, err := b.PatchSubscription(t.Context(), b.admin, sc, id, 0, billing.SubscriptionPatch{Offer: &to})
			if !errors.Is(err, billing.ErrForbidden) {
				t.Errorf("to %s: %v", to, err)
			}
		}
	})
}

// An envelope is known to those whose offers are charged to it, and to who sees all.
func TestEnvelopesOfOthersAreNotKnown(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1", "E2"})
		b.create(monthly("A", "E1", "R"))
		b.create(monthly("B", "E2", "R"))
		got, err := b.Envelopes(t.Context(), scope("A"))
		if err != nil || len(got) != 1 || got[0].Code != "E1" {
			t.Errorf("to A: %+v, %v", got, err)
		}
		if _, err := b.Envelope(t.Context(), scope("A"), "E2"); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("B's envelope to A: %v", err)
		}
		if got, err := b.Envelopes(t.Context(), b.all); err != nil || len(got) != 2 {
			t.Errorf("to an administrator: %+v, %v", got, err)
		}
	})
}
