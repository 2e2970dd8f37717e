package backoffice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// entryRow is one act of the trace.
type entryRow struct {
	At, Client, Actor, Reason, Request string
	Action, Kind, ID, Link             string
	Changes                            []fieldChange
}

// fieldChange is one field that an act changed; a side is "" where it did not exist.
type fieldChange struct {
	Name, Before, After string
	Long                bool // a side is a document, laid out over lines
}

func (b *Backoffice) entries(c *gin.Context, by caller, entries []billing.AuditEntry) []entryRow {
	rows := make([]entryRow, len(entries))
	for i, e := range entries {
		rows[i] = entryRow{
			At: by.instant(e.At), Client: string(e.Actor.Client), Actor: string(e.Actor.Kind), Reason: e.Actor.Reason,
			Request: e.Actor.Request, Action: b.inWords(c, "action.", e.Action), Kind: b.inWords(c, "kind.", string(e.Kind)), ID: e.ID,
			Changes: b.changesInWords(c, by, changes(e.Before, e.After)),
		}
		switch e.Kind {
		case billing.AuditSubscription:
			rows[i].Link = "/subscriptions/" + e.ID
		case billing.AuditOffer:
			rows[i].Link = "/offers/" + e.ID
		case billing.AuditBudget:
			offer, _, _ := strings.Cut(e.ID, "/")
			rows[i].Link = "/offers/" + offer
		case billing.AuditClient:
			if by.scope.Administers() {
				rows[i].Link = "/clients/" + e.ID
			}
		}
	}
	return rows
}

// inWords is the message of a word that the store chose; one that has none is shown as it is.
func (b *Backoffice) inWords(c *gin.Context, prefix, word string) string {
	if b.site.Has(prefix + word) {
		return b.site.Text(c.Request, prefix+word)
	}
	return word
}

// changesInWords names fields, choices and days as the forms do. What has no message is shown as the API names it.
func (b *Backoffice) changesInWords(c *gin.Context, by caller, list []fieldChange) []fieldChange {
	for i := range list {
		f := &list[i]
		name := f.Name
		if f.Name != "" && b.site.Has("field."+name) {
			f.Name = b.site.Text(c.Request, "field."+name)
		}
		if f.Long {
			continue
		}
		for _, side := range []*string{&f.Before, &f.After} {
			switch name {
			case "startDate", "endDate", "anchor", "expires":
				*side = by.lang.Date(*side)
			default:
				if key := name + "." + *side; b.site.Has(key) {
					*side = b.site.Text(c.Request, key)
				}
			}
		}
	}
	return list
}

// changes are the fields in which two JSON objects differ, by name. What is no object is shown whole.
func changes(before, after string) []fieldChange {
	old, okOld := object(before)
	now, okNow := object(after)
	if !okOld || !okNow {
		return []fieldChange{{Before: before, After: after, Long: true}}
	}
	names := map[string]bool{}
	for name := range old {
		names[name] = true
	}
	for name := range now {
		names[name] = true
	}
	var out []fieldChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := string(old[name]), string(now[name])
		if was == "" && slices.Contains([]string{`[]`, `{}`, `""`, "null"}, is) {
			continue // it begins without
		}
		if was != is {
			change := fieldChange{Name: name, Before: shown(was), After: shown(is)}
			change.Long = strings.Contains(change.Before+change.After, "\n")
			out = append(out, change)
		}
	}
	return out
}

func object(text string) (map[string]json.RawMessage, bool) {
	if text == "" {
		return nil, true
	}
	var fields map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &fields)
	return fields, err == nil
}

// shown is a JSON value as people read it: text without its quotes, lists and objects over several lines.
func shown(raw string) string {
	var text string
	if json.Unmarshal([]byte(raw), &text) == nil {
		return text
	}
	var laidOut bytes.Buffer
	if strings.HasPrefix(raw, "[") || strings.HasPrefix(raw, "{") {
		if json.Indent(&laidOut, []byte(raw), "", "  ") == nil {
			return laidOut.String()
		}
	}
	return raw
}

type tracePage struct {
	Rows                           []entryRow
	Form                           map[string]string
	Kinds, Actors, Clients, Offers []option
	Pager                          web.Pager
	Filtered                       bool
}

func kinds() []billing.AuditKind {
	return []billing.AuditKind{
		billing.AuditRead, billing.AuditSubscription, billing.AuditSuspect, billing.AuditBudget, billing.AuditOffer, billing.AuditEnvelope,
		billing.AuditClient, billing.AuditRollup,
	}
}

func actors() []billing.ActorKind {
	return []billing.ActorKind{billing.ActorClient, billing.ActorOmniscient, billing.ActorAdmin, billing.ActorSystem}
}

func (b *Backoffice) trace(c *gin.Context, by caller) error {
	f, form, err := readTrace(c)
	if err != nil {
		return err
	}
	page, err := b.store.Audit(c.Request.Context(), by.scope, f, billing.Page{Size: 50, Cursor: c.Query("cursor")})
	if err != nil {
		return fmt.Errorf("list the trace: %w", err)
	}
	choices, err := b.choices(c, by)
	if err != nil {
		return err
	}
	d := tracePage{
		Rows: b.entries(c, by, page.Items), Form: form, Pager: pager(c.Request.URL, c.Query("cursor"), page.Pages),
		Kinds:   choose(enum(b, c, "kind.", kinds()), form["kind"]),
		Actors:  choose(enum(b, c, "actor.", actors()), form["actor"]),
		Clients: choose(choices.clients, form["client"]), Offers: choose(choices.offers, form["offer"]), Filtered: len(form) > 0,
	}
	b.render(c, http.StatusOK, web.Page{Name: "trace", Title: b.site.Text(c.Request, "nav.trace"), Section: "nav.trace", Data: d})
	return nil
}

// readTrace reads the filters of the trace; days are whole ones in UTC.
func readTrace(c *gin.Context) (billing.AuditFilter, map[string]string, error) {
	var f billing.AuditFilter
	form := map[string]string{}
	for name, values := range c.Request.URL.Query() {
		value := strings.TrimSpace(first(values))
		if value != "" && name != "cursor" {
			form[name] = value
		}
		if value == "" {
			continue
		}
		ok := true
		switch name {
		case "kind":
			f.Kinds, ok = []billing.AuditKind{billing.AuditKind(value)}, slices.Contains(kinds(), billing.AuditKind(value))
		case "actor":
			f.Actors, ok = []billing.ActorKind{billing.ActorKind(value)}, slices.Contains(actors(), billing.ActorKind(value))
		case "client":
			f.Clients = []billing.ClientID{billing.ClientID(value)}
		case "offer":
			f.Offers = []billing.OfferCode{billing.OfferCode(value)}
		case "id":
			f.ID = value
		case "from":
			f.At.From, ok = startOf(value, 0)
		case "until":
			f.At.Until, ok = startOf(value, 1)
		case "cursor":
		default:
			return f, nil, &badQuery{"error.filterName", []any{name}}
		}
		if !ok {
			return f, nil, &badQuery{"error.filterValue", []any{name, value}}
		}
	}
	return f, form, nil
}

func startOf(day string, later int) (billing.Instant, bool) {
	t, err := time.Parse(time.DateOnly, day)
	return billing.Instant(t.AddDate(0, 0, later).UnixMilli()), err == nil
}
