package portal_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/portal"
)

func TestSignUpAndSignIn(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		b.ok(b.SignUp(ctx, newAccount("Dev@Acme.test")))
		mail := b.last("dev@acme.test")
		if mail.Kind != "activation" || mail.Lang != "fr" || !strings.HasPrefix(mail.Link, "https://orange.test/portal/activate?token=") ||
			!strings.Contains(mail.Text, mail.Link) || !strings.Contains(mail.Subject, "Activez") {
			b.t.Errorf("the mail is %+v", mail)
		}
		if _, err := b.SignIn(ctx, "dev@acme.test", password); !errors.Is(err, portal.ErrNotActivated) {
			b.t.Errorf("before the activation: %v", err)
		}
		if _, err := b.SignIn(ctx, "dev@acme.test", "wrong password"); !errors.Is(err, portal.ErrCredentials) {
			b.t.Errorf("a wrong password before the activation: %v", err)
		}
		if _, err := b.Activate(ctx, "no-such-token"); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("a wrong link: %v", err)
		}
		a, err := b.Activate(ctx, token(mail))
		b.ok(err)
		if _, err := b.Activate(ctx, token(mail)); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("the link a second time: %v", err)
		}
		got, err := b.SignIn(ctx, " DEV@acme.test ", password)
		b.ok(err)
		if d := cmp.Diff(a, got); d != "" {
			b.t.Error(d)
		}
		for _, wrong := range [][2]string{{"dev@acme.test", "wrong password"}, {"nobody@acme.test", password}, {"", ""}, {"no address", password}} {
			if _, err := b.SignIn(ctx, wrong[0], wrong[1]); !errors.Is(err, portal.ErrCredentials) {
				b.t.Errorf("%v: %v", wrong, err)
			}
		}
		session, ends, err := b.StartSession(ctx, a.ID)
		b.ok(err)
		if got, err := b.Session(ctx, session); err != nil || got != a || !ends.Equal(b.now.Add(8*time.Hour)) {
			b.t.Errorf("the session is of %+v until %s, %v", got, ends, err)
		}
		other, _, err := b.StartSession(ctx, a.ID)
		b.ok(err)
		b.ok(b.EndSession(ctx, other))
		if _, err := b.Session(ctx, other); !errors.Is(err, portal.ErrCredentials) {
			b.t.Errorf("a session that was ended: %v", err)
		}
		b.now = ends
		if _, err := b.Session(ctx, session); !errors.Is(err, portal.ErrCredentials) {
			b.t.Errorf("a session that is over: %v", err)
		}
	})
}

// Who signs up learns nothing about whether there is an account; only the mailbox's owner does.
func TestSignUpTellsNothing(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		a := b.account("dev@acme.test")
		again := newAccount("dev@acme.test")
		again.Password, again.Name = "another password", "Somebody Else"
		b.ok(b.SignUp(ctx, again))
		if mail := b.last(a.Email); mail.Kind != "known" || strings.Contains(mail.Link, "token") {
			b.t.Errorf("the mail is %+v", mail)
		}
		if _, err := b.SignIn(ctx, a.Email, again.Password); !errors.Is(err, portal.ErrCredentials) {
			b.t.Errorf("the second sign-up has changed the password: %v", err)
		}
		// A link that was never followed is replaced by the next one, and ends by itself.
		b.ok(b.SignUp(ctx, newAccount("late@acme.test")))
		first := token(b.last("late@acme.test"))
		b.ok(b.SignUp(ctx, newAccount("late@acme.test")))
		if _, err := b.Activate(ctx, first); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("the first link: %v", err)
		}
		second := token(b.last("late@acme.test"))
		b.now = b.now.Add(48 * time.Hour)
		if _, err := b.Activate(ctx, second); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("a link of two days: %v", err)
		}
	})
}

func TestWhatSignUpRefuses(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		err := b.SignUp(b.t.Context(), portal.NewAccount{Email: "Dev <dev@acme.test>", Name: "a\nb", Company: " ", Password: "short"})
		var invalid *portal.InvalidError
		if !errors.As(err, &invalid) {
			b.t.Fatal(err)
		}
		var got []string
		for _, v := range invalid.Violations {
			got = append(got, v.Field+" "+v.Code)
		}
		if d := cmp.Diff([]string{"email format", "name format", "company required", "password too_short"}, got); d != "" {
			b.t.Error(d)
		}
		if mail, err := b.Mailbox(b.t.Context(), ""); err != nil || len(mail) != 0 {
			b.t.Errorf("%d mails, %v", len(mail), err)
		}
	})
}

func TestApplications(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		a, other := b.account("dev@acme.test"), b.account("dev@other.test")
		app, secret := b.application(a, "Notes")
		b.opens("a new application", app.ClientID, secret, []string{}...)
		if b.registry.opens(app.ClientID, secret) == nil {
			b.t.Error("a new application gets no token")
		}
		if _, _, err := b.CreateApplication(ctx, a.ID, " Notes "); !isInvalid(err, "name", portal.CodeTaken) {
			b.t.Errorf("the name twice: %v", err)
		}
		renewed, next, err := b.RotateSecret(ctx, a.ID, app.ID)
		b.ok(err)
		if next == secret || renewed.ClientID != app.ClientID || b.registry.opens(app.ClientID, secret) != nil || b.registry.opens(app.ClientID, next) == nil {
			b.t.Error("the secret was not rotated")
		}
		for name, try := range map[string]func(owner string) error{
			"read":   func(owner string) error { _, err := b.Application(ctx, owner, app.ID); return err },
			"rotate": func(owner string) error { _, _, err := b.RotateSecret(ctx, owner, app.ID); return err },
			"delete": func(owner string) error { return b.DeleteApplication(ctx, owner, app.ID) },
			"subscribe": func(owner string) error {
				_, err := b.Subscribe(ctx, owner, app.ID, portal.OfferProduction)
				return err
			},
			"configure": func(owner string) error {
				_, err := b.Configure(ctx, owner, app.ID, portal.OfferProduction, configuration())
				return err
			},
			"terms": func(owner string) error {
				_, err := b.AcceptTerms(ctx, owner, app.ID, portal.OfferProduction, portal.TermsVersion)
				return err
			},
			"subscription": func(owner string) error {
				_, err := b.Subscription(ctx, owner, app.ID, portal.OfferProduction)
				return err
			},
		} {
			for _, owner := range []string{other.ID, ""} {
				if err := try(owner); !errors.Is(err, portal.ErrNotFound) {
					b.t.Errorf("%s by %q: %v", name, owner, err)
				}
			}
		}
		b.ok(b.DeleteApplication(ctx, a.ID, app.ID))
		if b.registry.opens(app.ClientID, next) != nil {
			b.t.Error("a deleted application is let in")
		}
		for i := range 20 {
			b.application(a, strings.Repeat("x", i+1))
		}
		if _, _, err := b.CreateApplication(ctx, a.ID, "one too many"); !errors.Is(err, portal.ErrTooMany) {
			b.t.Errorf("the 21st application: %v", err)
		}
	})
}

func isInvalid(err error, field, code string) bool {
	var invalid *portal.InvalidError
	return errors.As(err, &invalid) && len(invalid.Violations) == 1 && invalid.Violations[0].Field == field && invalid.Violations[0].Code == code
}

func configuration() portal.Configuration {
	return portal.Configuration{
		Contract: "MBA-2026-042", BaseURL: "https://partner.test/api", Auth: portal.Auth{Type: "basic", Name: "orange", Secret: "partner-secret"},
	}
}

// The life of a subscription to the production offer: what is open follows at once, at each step.
func TestSubscription(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		a := b.account("dev@acme.test")
		app, secret := b.application(a, "Notes")
		sub := b.subscribe(a, app.ID, portal.OfferProduction)
		if sub.State != portal.Pending {
			b.t.Errorf("it begins as %s", sub.State)
		}
		var state *portal.StateError
		if _, err := b.Subscribe(ctx, a.ID, app.ID, portal.OfferProduction); !errors.As(err, &state) || state.State != portal.Pending {
			b.t.Errorf("asked for twice: %v", err)
		}
		configured, err := b.Configure(ctx, a.ID, app.ID, portal.OfferProduction, configuration())
		b.ok(err)
		if configured.State != portal.Pending || configured.ConfiguredAt.IsZero() {
			b.t.Errorf("configured before the approval, it is %+v", configured)
		}
		keep := configuration()
		keep.Auth.Secret = ""
		if configured, err = b.Configure(ctx, a.ID, app.ID, portal.OfferProduction, keep); err != nil || configured.Configuration.Auth.Secret != portal.SecretGiven {
			b.t.Errorf("an empty secret: %+v, %v", configured.Configuration, err)
		}
		b.opens("pending", app.ClientID, secret, []string{}...)
		b.decide(sub.ID, portal.Approve)
		b.opens("approved, without terms", app.ClientID, secret, []string{}...)
		if _, err := b.AcceptTerms(ctx, a.ID, app.ID, portal.OfferProduction, "1999-01"); !isInvalid(err, "version", portal.CodeUnknown) {
			b.t.Errorf("old terms: %v", err)
		}
		b.terms(a, app.ID, portal.OfferProduction)
		b.opens("approved", app.ClientID, secret, portal.OfferProduction)
		for offer, want := range map[string]bool{portal.OfferProduction: true, portal.OfferBeta: false} {
			if got, err := b.Opens(ctx, app.ClientID, offer); err != nil || got != want {
				b.t.Errorf("it opens %s: %t, %v", offer, got, err)
			}
		}
		b.decide(sub.ID, portal.Revoke)
		b.opens("revoked", app.ClientID, secret, []string{}...)
		if mail := b.last(a.Email); mail.Kind != "revoked" || !strings.Contains(mail.Text, "because") || !strings.Contains(mail.Subject, "Orange Business Applications") {
			b.t.Errorf("the mail is %+v", mail)
		}
		if again := b.subscribe(a, app.ID, portal.OfferProduction); again.State != portal.Pending || again.ID != sub.ID {
			b.t.Errorf("asked for again it is %+v", again)
		}
		b.decide(sub.ID, portal.Refuse)
		b.decide(sub.ID, portal.Approve)
		b.opens("approved again", app.ClientID, secret, portal.OfferProduction)
		history, err := b.History(ctx, sub.ID)
		b.ok(err)
		var acts []string
		for _, act := range history {
			acts = append(acts, act.Act)
		}
		if d := cmp.Diff("approve refuse subscribe revoke terms approve configure configure subscribe", strings.Join(acts, " ")); d != "" {
			b.t.Error(d)
		}
		// A portal that starts again tells a registry that knows nothing.
		b.registry.apps = nil
		b.ok(b.open().Restore(ctx))
		b.opens("after a restart", app.ClientID, secret, portal.OfferProduction)
	})
}

func TestDecisionsThatAreNone(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		a := b.account("dev@acme.test")
		app, _ := b.application(a, "Notes")
		sub := b.subscribe(a, app.ID, portal.OfferProduction)
		for _, tt := range []struct {
			decision portal.Decision
			reason   string
		}{{portal.Revoke, "because"}, {portal.Refuse, " "}, {"burn", "because"}} {
			if _, err := b.Decide(ctx, sub.ID, tt.decision, tt.reason); err == nil {
				b.t.Errorf("%s of a pending subscription, reason %q, is taken", tt.decision, tt.reason)
			}
		}
		if _, err := b.Decide(ctx, "none", portal.Approve, ""); !errors.Is(err, portal.ErrNotFound) {
			b.t.Errorf("of nothing: %v", err)
		}
		reviews, err := b.Reviews(ctx, portal.Pending)
		b.ok(err)
		if len(reviews) != 1 || reviews[0].Account.Email != a.Email || reviews[0].ApplicationName != "Notes" {
			b.t.Errorf("the reviews are %+v", reviews)
		}
		// Of two that decide at the same moment one wins.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, d := range []portal.Decision{portal.Approve, portal.Refuse} {
			wg.Go(func() { _, errs[i] = b.Decide(ctx, sub.ID, d, "because") })
		}
		wg.Wait()
		r, err := b.Review(ctx, sub.ID)
		b.ok(err)
		// Approving what was refused meanwhile is allowed; refusing what was approved is not.
		if r.State != portal.Approved || errs[0] != nil {
			b.t.Errorf("it is %s: %v", r.State, errs)
		}
	})
}

// The beta offer is by invitation: the invited account alone, once, and approved at once.
func TestInvitation(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		a, other := b.account("dev@acme.test"), b.account("dev@other.test")
		app, secret := b.application(a, "Notes")
		if _, err := b.Subscribe(ctx, a.ID, app.ID, portal.OfferBeta); !errors.Is(err, portal.ErrInvitationNeeded) {
			b.t.Errorf("without an invitation: %v", err)
		}
		if _, err := b.Invite(ctx, a.Email, portal.OfferProduction, "en"); !isInvalid(err, "offer", portal.CodeUnknown) {
			b.t.Errorf("an invitation to what needs none: %v", err)
		}
		_, err := b.Invite(ctx, "Dev@acme.test", portal.OfferBeta, "en")
		b.ok(err)
		mail := b.last(a.Email)
		if mail.Kind != "invitation" || mail.Lang != "fr" || !strings.Contains(mail.Subject, "Beta") {
			b.t.Errorf("the mail is %+v", mail)
		}
		if _, err := b.AcceptInvitation(ctx, other.ID, token(mail)); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("accepted by somebody else: %v", err)
		}
		if _, err := b.Subscribe(ctx, a.ID, app.ID, portal.OfferBeta); !errors.Is(err, portal.ErrInvitationNeeded) {
			b.t.Errorf("before it is accepted: %v", err)
		}
		offer, err := b.AcceptInvitation(ctx, a.ID, token(mail))
		b.ok(err)
		if offer.Code != portal.OfferBeta {
			b.t.Errorf("it is to %+v", offer)
		}
		sub := b.subscribe(a, app.ID, portal.OfferBeta)
		if sub.State != portal.Approved {
			b.t.Errorf("it begins as %s", sub.State)
		}
		b.terms(a, app.ID, portal.OfferBeta)
		b.opens("invited", app.ClientID, secret, portal.OfferBeta)
		b.decide(sub.ID, portal.Revoke)
		if again := b.subscribe(a, app.ID, portal.OfferBeta); again.State != portal.Pending {
			b.t.Errorf("after it was revoked, asking again makes it %s", again.State)
		}
		b.opens("revoked, asked for again", app.ClientID, secret, []string{}...)
		// An invitation ends.
		_, err = b.Invite(ctx, other.Email, portal.OfferBeta, "en")
		b.ok(err)
		b.now = b.now.Add(14 * 24 * time.Hour)
		if _, err := b.AcceptInvitation(ctx, other.ID, token(b.last(other.Email))); !errors.Is(err, portal.ErrLink) {
			b.t.Errorf("after two weeks: %v", err)
		}
	})
}

func TestConfigurationsThatAreNone(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		a := b.account("dev@acme.test")
		app, _ := b.application(a, "Notes")
		b.subscribe(a, app.ID, portal.OfferProduction)
		for field, change := range map[string]func(c *portal.Configuration){
			"contract":    func(c *portal.Configuration) { c.Contract = "" },
			"baseURL":     func(c *portal.Configuration) { c.BaseURL = "ftp://partner.test" },
			"auth.type":   func(c *portal.Configuration) { c.Auth.Type = "kerberos" },
			"auth.name":   func(c *portal.Configuration) { c.Auth = portal.Auth{Type: "header", Name: "X Y", Secret: "s"} },
			"auth.secret": func(c *portal.Configuration) { c.Auth.Secret = "" },
		} {
			c := configuration()
			change(&c)
			_, err := b.Configure(b.t.Context(), a.ID, app.ID, portal.OfferProduction, c)
			var invalid *portal.InvalidError
			if !errors.As(err, &invalid) || len(invalid.Violations) != 1 || invalid.Violations[0].Field != field {
				b.t.Errorf("%s: %v", field, err)
			}
		}
	})
}
