package backoffice

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// expired is shown for a client that is active but no longer let in: it is no state of the store's.
const expired = "expired"

// clientRow is one API client.
type clientRow struct {
	ID, Name, Role, Status string
	Expires                string // the first day without access; "" for never
	Omniscient             bool
	Offers                 []string
	CreatedAt              string
}

func (by caller) clientRow(client billing.Client) clientRow {
	row := clientRow{
		ID: string(client.ID), Name: client.Name, Role: string(client.Role), Status: string(client.Status),
		Expires: client.Expires.String(), Omniscient: client.Omniscient, CreatedAt: by.instant(client.CreatedAt),
	}
	if client.Status == billing.ClientActive && !client.Admitted(by.today) {
		row.Status = expired
	}
	for _, o := range client.Offers {
		row.Offers = append(row.Offers, string(o))
	}
	return row
}

type clientList struct {
	Rows   []clientRow
	Form   formState
	Offers []option
	Roles  []option
}

func roles() []billing.Role {
	return []billing.Role{billing.RoleReader, billing.RoleWriter, billing.RoleAdmin}
}

func (b *Backoffice) clients(c *gin.Context, by caller) error {
	return b.showClients(c, by, formState{})
}

func (b *Backoffice) showClients(c *gin.Context, by caller, form formState) error {
	if err := by.administers(); err != nil {
		return err
	}
	all, err := b.store.Clients(c.Request.Context(), by.scope)
	if err != nil {
		return fmt.Errorf("list clients: %w", err)
	}
	d := clientList{Form: form, Roles: choose(enum(b, c, "role.", roles()), form.Get("create", "role", string(billing.RoleReader)))}
	for _, client := range all {
		d.Rows = append(d.Rows, by.clientRow(client))
	}
	if d.Offers, err = b.offerChecks(c, by, c.PostFormArray("offers")); err != nil {
		return err
	}
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{Name: "clients", Title: b.site.Text(c.Request, "nav.clients"), Section: "nav.clients", Data: d})
	return nil
}

// offerChecks are the offers to tick, with those that are ticked.
func (b *Backoffice) offerChecks(c *gin.Context, by caller, ticked []string) ([]option, error) {
	offers, err := b.store.Offers(c.Request.Context(), by.scope)
	if err != nil {
		return nil, fmt.Errorf("list offers: %w", err)
	}
	out := make([]option, len(offers))
	for i, o := range offers {
		out[i] = option{string(o.Code), named(string(o.Code), o.Name), slices.Contains(ticked, string(o.Code))}
	}
	return out, nil
}

func postedOffers(c *gin.Context) []billing.OfferCode {
	var codes []billing.OfferCode
	for _, code := range c.PostFormArray("offers") {
		codes = append(codes, billing.OfferCode(code))
	}
	return codes
}

func (b *Backoffice) createClient(c *gin.Context, by caller) error {
	n := billing.NewClient{
		Name: strings.TrimSpace(c.PostForm("name")), Offers: postedOffers(c), Omniscient: c.PostForm("omniscient") != "",
		Role: billing.Role(c.PostForm("role")),
	}
	expires, err := postedDay(c, "expires", false, billing.Forever)
	var client billing.Client
	var secret string
	if err == nil {
		n.Expires = &expires
		client, secret, err = b.store.CreateClient(c.Request.Context(), by.actor, by.scope, n)
	}
	if err == nil {
		return b.showSecret(c, by, client, secret, "done.clientCreated")
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("create client: %w", err)
	}
	return b.showClients(c, by, formState{"create", postedValues(c), problems})
}

// showSecret answers a form with the one page that has the secret: it is stored nowhere, so no address can show it.
func (b *Backoffice) showSecret(c *gin.Context, by caller, client billing.Client, secret, notice string) error {
	b.render(c, http.StatusOK, web.Page{
		Name: "client-secret", Title: b.site.Text(c.Request, "client.secretTitle", client.Name), Section: "nav.clients", Notice: notice,
		Trail: b.clientTrail(c),
		Data:  map[string]any{"Client": by.clientRow(client), "Secret": secret},
	})
	return nil
}

func (b *Backoffice) clientTrail(c *gin.Context) []web.Crumb {
	return []web.Crumb{{Text: b.site.Text(c.Request, "nav.clients"), Path: "/clients"}}
}

type clientDetail struct {
	clientRow
	Form     formState
	AllOffer []option
	Roles    []option
	History  []entryRow
	Accesses []entryRow
}

func (b *Backoffice) client(c *gin.Context, by caller) error { return b.showClient(c, by, formState{}) }

func (b *Backoffice) showClient(c *gin.Context, by caller, form formState) error {
	if err := by.administers(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	client, err := b.store.Client(ctx, by.scope, billing.ClientID(c.Param("id")))
	if err != nil {
		return fmt.Errorf("read client: %w", err)
	}
	d := clientDetail{clientRow: by.clientRow(client), Form: form}
	ticked := d.Offers
	role := string(client.Role)
	if form.Name == "access" {
		ticked, role = c.PostFormArray("offers"), c.PostForm("role")
	}
	if d.AllOffer, err = b.offerChecks(c, by, ticked); err != nil {
		return err
	}
	d.Roles = choose(enum(b, c, "role.", roles()), role)
	history, err := b.store.Audit(ctx, by.scope, billing.AuditFilter{Kinds: []billing.AuditKind{billing.AuditClient}, ID: d.ID},
		billing.Page{Size: 20})
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	accesses, err := b.store.Audit(ctx, by.scope, billing.AuditFilter{Clients: []billing.ClientID{client.ID}}, billing.Page{Size: 20})
	if err != nil {
		return fmt.Errorf("read accesses: %w", err)
	}
	d.History, d.Accesses = b.entries(c, by, history.Items), b.entries(c, by, accesses.Items)
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{
		Name: "client", Title: client.Name, Section: "nav.clients", Data: d, Trail: b.clientTrail(c),
	})
	return nil
}

// applyToClient does one form of a client's page.
func (b *Backoffice) applyToClient(c *gin.Context, by caller, form, done string, do func(id billing.ClientID, a billing.Actor) error) error {
	if err := by.administers(); err != nil {
		return err
	}
	actor := by.because(c)
	err := reasonGiven(actor)
	if err == nil {
		err = do(billing.ClientID(c.Param("id")), actor)
	}
	if err == nil {
		if done != "" {
			b.goTo(c, "/clients/"+c.Param("id"), done)
		}
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("%s of client: %w", form, err)
	}
	return b.showClient(c, by, formState{form, postedValues(c), problems})
}

func (b *Backoffice) rotate(c *gin.Context, by caller) error {
	return b.applyToClient(c, by, "rotate", "", func(id billing.ClientID, a billing.Actor) error {
		client, secret, err := b.store.RotateSecret(c.Request.Context(), a, by.scope, id)
		if err != nil {
			return err
		}
		return b.showSecret(c, by, client, secret, "done.rotated")
	})
}

func (b *Backoffice) setStatus(c *gin.Context, by caller) error {
	status := billing.ClientStatus(c.PostForm("status"))
	if status != billing.ClientActive && status != billing.ClientSuspended {
		return &badQuery{"error.form", nil}
	}
	return b.applyToClient(c, by, "status", "client."+string(status), func(id billing.ClientID, a billing.Actor) error {
		_, err := b.store.SetClientStatus(c.Request.Context(), a, by.scope, id, status)
		return err
	})
}

func (b *Backoffice) setAccess(c *gin.Context, by caller) error {
	return b.applyToClient(c, by, "access", "access", func(id billing.ClientID, a billing.Actor) error {
		_, err := b.store.SetClientAccess(c.Request.Context(), a, by.scope, id, postedOffers(c), c.PostForm("omniscient") != "",
			billing.Role(c.PostForm("role")))
		return err
	})
}
