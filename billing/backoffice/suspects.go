package backoffice

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// suspectsShown bounds a page: each suspect brings two subscriptions with it, to be compared.
const suspectsShown = 10

// suspectRow is a pair to settle. A side is nil if its subscription has gone.
type suspectRow struct {
	ID, Offer, Envelope string
	Similarity          int
	FoundAt             string
	Newer, Older        *subscriptionRow
	Decision            string
	DecidedBy           string
	DecidedAt, Reason   string
	Writes              bool
	Form                formState
}

type suspectList struct {
	Rows     []suspectRow
	Total    int
	Decision string
	Choices  []option
	Pager    web.Pager
}

func decisions() []billing.Decision {
	return []billing.Decision{billing.DecisionOpen, billing.DecisionKeep, billing.DecisionCancel}
}

func (b *Backoffice) suspects(c *gin.Context, by caller) error {
	return b.showSuspects(c, by, "", formState{})
}

func (b *Backoffice) showSuspects(c *gin.Context, by caller, refused string, form formState) error {
	wanted := billing.DecisionOpen
	if c.Request.URL.Query().Has("decision") {
		wanted = billing.Decision(c.Query("decision"))
	}
	if wanted != "" && !slices.Contains(decisions(), wanted) {
		return &badQuery{"error.filterValue", []any{"decision", string(wanted)}}
	}
	page, err := b.store.Suspects(c.Request.Context(), by.scope, wanted,
		billing.Page{Size: suspectsShown, Cursor: c.Query("cursor"), Count: true})
	if err != nil {
		return fmt.Errorf("list suspects: %w", err)
	}
	d := suspectList{
		Decision: string(wanted), Choices: choose(enum(b, c, "decision.", decisions()), string(wanted)),
		Pager: pager(c.Request.URL, c.Query("cursor"), page.Pages),
	}
	if page.Total != nil {
		d.Total = int(*page.Total)
	}
	for _, s := range page.Items {
		row := suspectRow{
			ID: s.ID, Offer: string(s.Offer), Envelope: string(s.Envelope), Similarity: s.Similarity, FoundAt: by.instant(s.FoundAt),
			Decision: string(s.Decision), DecidedBy: string(s.DecidedBy), DecidedAt: by.instant(s.DecidedAt), Reason: s.Reason,
			Writes: by.scope.Writes(s.Offer) && s.Decision == billing.DecisionOpen,
		}
		if row.Newer, err = b.side(c, by, s.Subscription); err != nil {
			return err
		}
		if row.Older, err = b.side(c, by, s.Twin); err != nil {
			return err
		}
		if s.ID == refused {
			row.Form = form
		}
		d.Rows = append(d.Rows, row)
	}
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{
		Name: "duplicates", Title: b.site.Text(c.Request, "nav.duplicates"), Section: "nav.duplicates", Data: d,
	})
	return nil
}

func (b *Backoffice) side(c *gin.Context, by caller, id billing.SubscriptionID) (*subscriptionRow, error) {
	s, err := b.store.Subscription(c.Request.Context(), by.scope, id)
	if errors.Is(err, billing.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read suspected subscription: %w", err)
	}
	row := by.row(&s)
	return &row, nil
}

func (b *Backoffice) settle(c *gin.Context, by caller) error {
	decision, id := billing.Decision(c.PostForm("decision")), c.Param("id")
	if decision != billing.DecisionKeep && decision != billing.DecisionCancel {
		return &badQuery{"error.form", nil}
	}
	actor := by.because(c)
	err := reasonGiven(actor)
	if err == nil {
		_, err = b.store.SettleSuspect(c.Request.Context(), actor, by.scope, id, decision)
	}
	if err == nil {
		b.goTo(c, "/duplicates", "duplicate."+string(decision))
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("settle suspect: %w", err)
	}
	return b.showSuspects(c, by, id, formState{"settle", postedValues(c), problems})
}
