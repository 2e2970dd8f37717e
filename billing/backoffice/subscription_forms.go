package backoffice

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// change is what a form of the page of a subscription does with it.
type change func(id billing.SubscriptionID, expected int, a billing.Actor) error

// apply does one form: refused input shows the page again with the form as it was filled in.
func (b *Backoffice) apply(c *gin.Context, by caller, form, done string, needsReason bool, do change) error {
	id := billing.SubscriptionID(c.Param("id"))
	expected, err := strconv.Atoi(c.PostForm("version"))
	if err != nil || expected < 1 {
		return &badQuery{"error.form", nil}
	}
	actor := by.because(c)
	if needsReason {
		err = reasonGiven(actor)
	}
	if err == nil {
		err = do(id, expected, actor)
	}
	if err == nil {
		path := "/subscriptions/" + string(id)
		if form == deleteForm {
			path = "/subscriptions"
		}
		b.goTo(c, path, done)
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("%s subscription: %w", form, err)
	}
	s, err := b.store.Subscription(c.Request.Context(), by.scope, id)
	if err != nil {
		return fmt.Errorf("read subscription: %w", err)
	}
	return b.showSubscription(c, by, &s, formState{form, postedValues(c), problems})
}

func postedValues(c *gin.Context) map[string]string {
	values := map[string]string{}
	for name := range c.Request.PostForm {
		values[name] = c.PostForm(name)
	}
	return values
}

// postedDay reads a date of a form; otherwise is what an empty field means.
func postedDay(c *gin.Context, field string, required bool, otherwise billing.Day) (billing.Day, error) {
	text := strings.TrimSpace(c.PostForm(field))
	if text == "" && !required {
		return otherwise, nil
	}
	if text == "" {
		return 0, billing.Invalid(field, billing.CodeRequired, "is required")
	}
	d, err := billing.ParseDay(text)
	if err != nil {
		return 0, billing.Invalid(field, billing.CodeFormat, "%s", err)
	}
	return d, nil
}

// postedLines reads the tree of a form; what cannot be read is a violation that names the line.
func (b *Backoffice) postedLines(c *gin.Context) ([]billing.Line, error) {
	lines, err := readLines(c.PostForm("lines"))
	var at *lineError
	if errors.As(err, &at) {
		return nil, billing.Invalid("lines", "", "%s", b.site.Text(c.Request, at.key, at.number, at.text))
	}
	return lines, err
}

func (b *Backoffice) patch(c *gin.Context, by caller) error {
	return b.apply(c, by, "patch", "patched", false, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		offer, envelope := billing.OfferCode(c.PostForm("offer")), billing.EnvelopeCode(c.PostForm("envelope"))
		reference, label := c.PostForm("reference"), c.PostForm("label")
		_, err := b.store.PatchSubscription(c.Request.Context(), a, by.scope, id, expected, billing.SubscriptionPatch{
			Offer: &offer, Envelope: &envelope, Reference: &reference, Label: &label,
		})
		return err
	})
}

func (b *Backoffice) hold(c *gin.Context, by caller) error {
	return b.apply(c, by, "hold", "held", true, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		from, err := postedDay(c, "from", true, 0)
		if err != nil {
			return err
		}
		last, err := postedDay(c, "to", false, billing.Forever)
		if err != nil {
			return err
		}
		_, err = b.store.AddHold(c.Request.Context(), a, by.scope, id, expected, billing.Hold{
			Interval: billing.Until(from, last), Reason: a.Reason,
		})
		return err
	})
}

func (b *Backoffice) release(c *gin.Context, by caller) error {
	return b.apply(c, by, "release", "released", true, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		_, err := b.store.RemoveHold(c.Request.Context(), a, by.scope, id, expected, billing.HoldID(c.Param("hold")))
		return err
	})
}

func (b *Backoffice) revise(c *gin.Context, by caller) error {
	return b.apply(c, by, "revise", "revised", true, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		from, err := postedDay(c, "from", true, 0)
		if err != nil {
			return err
		}
		lines, err := b.postedLines(c)
		if err != nil {
			return err
		}
		_, err = b.store.Revise(c.Request.Context(), a, by.scope, id, expected, from, lines)
		return err
	})
}

func (b *Backoffice) end(c *gin.Context, by caller) error {
	return b.apply(c, by, "end", "ended", true, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		last, err := postedDay(c, "endDate", false, billing.Forever)
		if err != nil {
			return err
		}
		_, err = b.store.End(c.Request.Context(), a, by.scope, id, expected, billing.Until(0, last).To)
		return err
	})
}

// deleteForm is the form after which the page that it was on is no more.
const deleteForm = "delete"

func (b *Backoffice) remove(c *gin.Context, by caller) error {
	return b.apply(c, by, deleteForm, "deleted", true, func(id billing.SubscriptionID, expected int, a billing.Actor) error {
		return b.store.DeleteSubscription(c.Request.Context(), a, by.scope, id, expected)
	})
}

type newSubscriptionPage struct {
	Form                              formState
	Offers, Envelopes, Periods, Rules []option
	Today                             string
}

func (b *Backoffice) newSubscription(c *gin.Context, by caller) error {
	return b.showNew(c, by, formState{})
}

func (b *Backoffice) showNew(c *gin.Context, by caller, form formState) error {
	if !by.writesSomething() {
		return billing.ErrForbidden
	}
	choices, err := b.choices(c, by)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{
		Name: "subscription-new", Title: b.site.Text(c.Request, "subscription.new"), Section: "nav.subscriptions",
		Trail: []web.Crumb{{Text: b.site.Text(c.Request, "nav.subscriptions"), Path: "/subscriptions"}},
		Data: newSubscriptionPage{
			Form: form, Today: by.today.String(), Offers: choose(choices.offers, form.Get("new", "offer", c.Query("offer"))),
			Envelopes: choose(choices.envelopes, form.Get("new", "envelope", "")),
			Periods:   choose(enum(b, c, "periodicity.", periodicities()), form.Get("new", "periodicity", string(billing.Monthly))),
			Rules:     choose(enum(b, c, "rule.", rules()), form.Get("new", "rule", string(billing.OnDate))),
		},
	})
	return nil
}

func (b *Backoffice) createSubscription(c *gin.Context, by caller) error {
	n, err := b.postedSubscription(c)
	var s billing.Subscription
	if err == nil {
		s, err = b.store.CreateSubscription(c.Request.Context(), by.actor, by.scope, n)
	}
	if err == nil {
		b.goTo(c, "/subscriptions/"+string(s.ID), "created")
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("create subscription: %w", err)
	}
	return b.showNew(c, by, formState{"new", postedValues(c), problems})
}

func (b *Backoffice) postedSubscription(c *gin.Context) (billing.NewSubscription, error) {
	n := billing.NewSubscription{
		Offer: billing.OfferCode(c.PostForm("offer")), Envelope: billing.EnvelopeCode(c.PostForm("envelope")),
		Reference: c.PostForm("reference"), Label: c.PostForm("label"),
		Periodicity: billing.Periodicity(c.PostForm("periodicity")), Rule: billing.Rule(c.PostForm("rule")),
	}
	start, err := postedDay(c, "startDate", true, 0)
	if err != nil {
		return n, err
	}
	last, err := postedDay(c, "endDate", false, billing.Forever)
	if err != nil {
		return n, err
	}
	anchor, err := postedDay(c, "anchor", false, start)
	if err != nil {
		return n, err
	}
	n.Term, n.Anchor = billing.Until(start, last), &anchor
	n.Lines, err = b.postedLines(c)
	return n, err
}
