package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// list is an ordered list: what it keeps, the column it is ordered by, and the one that breaks ties.
type list struct {
	conditions *conditions
	column     string
	tie        string
	ascending  bool
	digest     string
	// byOffer says that an index gives each offer's items in this list's order.
	byOffer bool
	// lookup, if set, finds the column's value by id: for cursors that must not tell it.
	lookup string
}

// newList makes a list whose cursors are good for the same scope and the same question only.
func newList(c *conditions, column, tie string, ascending bool, sc billing.Scope, question ...any) (*list, error) {
	asked, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("describing a list: %w", err)
	}
	sum := sha256.Sum256(append([]byte(sc.Digest()), asked...))
	return &list{conditions: c, column: column, tie: tie, ascending: ascending, digest: hex.EncodeToString(sum[:])}, nil
}

// key is where an item stands in its list: the value it is ordered by, one of the two, and its id.
type key struct {
	Number *int64 `json:"n,omitempty"`
	Text   string `json:"t,omitempty"`
	ID     string `json:"i"`
}

func numberKey(n int64, id string) key { return key{Number: &n, ID: id} }

func textKey(text, id string) key { return key{Text: text, ID: id} }

func (k key) value() any {
	if k.Number != nil {
		return *k.Number
	}
	return k.Text
}

// cursor is what Next and Previous carry, in base64.
type cursor struct {
	Digest string `json:"d"`
	Back   bool   `json:"b,omitempty"`
	Key    key    `json:"k"`
}

// window is a part of a list: size items and one more, which tells whether there are others.
type window struct {
	list   *list
	size   int
	offset int
	from   *key // exclusive; nil is the start of the list
	back   bool // the items before from, read backwards
}

func (l *list) window(p billing.Page) (window, error) {
	w := window{list: l, size: p.Size}
	switch {
	case p.Size == 0:
		w.size = billing.DefaultPageSize
	case p.Size < 0 || p.Size > billing.MaxPageSize:
		return w, billing.Invalid("itemsPerPage", billing.CodeOutOfRange, "must be between 1 and %d", billing.MaxPageSize)
	}
	if p.Cursor == "" {
		if p.Number < 0 || p.Number > maxPageNumber {
			return w, billing.Invalid("page", billing.CodeOutOfRange, "must be between 1 and %d: follow the cursors beyond", maxPageNumber)
		}
		w.offset = max(0, p.Number-1) * w.size
		return w, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	var c cursor
	if err != nil || json.Unmarshal(data, &c) != nil || c.Digest != l.digest {
		return w, billing.Invalid("cursor", billing.CodeFormat, "is not a cursor of this list")
	}
	w.from, w.back = &c.Key, c.Back
	return w, nil
}

// maxPageNumber keeps OFFSET from walking a million rows.
const maxPageNumber = 10_000

// query is what follows the tables: conditions, order, limit.
func (w window) query() (string, []any) {
	l := w.list
	ascending := l.ascending != w.back
	comparison, direction := "<", " DESC"
	if ascending {
		comparison, direction = ">", ""
	}
	c := conditions{
		dialect: l.conditions.dialect, parts: slices.Clone(l.conditions.parts), args: slices.Clone(l.conditions.args), seen: l.conditions.seen,
	}
	switch {
	case w.from == nil:
	case l.lookup != "":
		c.add(fmt.Sprintf("%s %s (%s)", l.column, comparison, l.lookup), w.from.ID)
	default:
		values := "(?, ?)"
		if c.dialect == database.SQLite {
			// What a SELECT gives takes no part in the plan. Of a bare value SQLite would look up how common it is, and so plan each page anew.
			values = "((SELECT ?), (SELECT ?))"
		}
		c.add(fmt.Sprintf("(%s, %s) %s %s", l.column, l.tie, comparison, values), w.from.value(), w.from.ID)
	}
	ordered := func(size, offset int) string {
		text := fmt.Sprintf(" ORDER BY %s%s, %s%s LIMIT %d", l.column, direction, l.tie, direction, size)
		if offset > 0 {
			text += fmt.Sprintf(" OFFSET %d", offset)
		}
		return text
	}
	last := w.offset + w.size + 1
	if l.byOffer && len(c.seen) > 0 && len(c.seen)*last <= mergedRows {
		merge := c.merged
		if c.dialect == database.PostgreSQL {
			merge = c.lateral
		}
		if len(c.seen) <= mergedOffers || c.dialect == database.PostgreSQL {
			c = merge(l.column+", "+l.tie, ordered(last, 0), ordered(w.size+1, w.offset))
			return c.where() + ordered(w.size+1, 0), c.args
		}
	}
	return c.where() + ordered(w.size+1, w.offset), c.args
}

// mergedRows bounds what is read for a page from the offers one by one; beyond, the engine chooses its own way.
const mergedRows = 25_000

// mergedOffers is below the limit of SQLite on the parts of a compound SELECT.
const mergedOffers = 100

// merged keeps the part of a list that is the page, found among the first subscriptions of each offer: the first of all are
// among these, and an index has them in order. Left to themselves, both engines read and sort everything that the offers have.
func (c conditions) merged(columns, first, page string) conditions {
	// The first part is that of the offers, with one argument.
	rest := conditions{parts: c.parts[1:], args: c.args[1:]}
	m := conditions{dialect: c.dialect}
	arms := make([]string, 0, len(c.seen))
	for _, code := range c.seen {
		arm := conditions{parts: append([]string{"s.offer_id = (SELECT id FROM offer WHERE code = ?)"}, rest.parts...)}
		arms = append(arms, "SELECT * FROM (SELECT s.num, "+columns+" FROM subscription s"+arm.where()+first+") f")
		m.args = append(append(m.args, code), rest.args...)
	}
	m.parts = []string{"s.num IN (SELECT s.num FROM (" + strings.Join(arms, " UNION ALL ") + ") s" + page + ")"}
	return m
}

// lateral is merged in the words of PostgreSQL, which plans them as fast for a hundred offers as for one.
func (c conditions) lateral(columns, first, page string) conditions {
	rest := conditions{parts: append([]string{"s.offer_id = o.id"}, c.parts[1:]...)}
	offers, _ := database.In(c.dialect, "code", c.seen)
	return conditions{dialect: c.dialect, args: c.args, parts: []string{fmt.Sprintf(`s.num IN (SELECT s.num FROM (
		SELECT f.* FROM (SELECT id FROM offer WHERE %s) o CROSS JOIN LATERAL (SELECT s.num, %s FROM subscription s%s%s) f) s%s)`,
		offers, columns, rest.where(), first, page)}}
}

// cut is the page of what a window has read, in the list's order, and the cursors around it.
func cut[T any](w window, items []T, keyOf func(T) key) ([]T, billing.Pages, error) {
	more := len(items) > w.size
	if more {
		items = items[:w.size]
	}
	if w.back {
		slices.Reverse(items)
	}
	var p billing.Pages
	if len(items) == 0 {
		return items, p, nil
	}
	var err error
	if more || w.back {
		if p.Next, err = w.list.cursor(keyOf(items[len(items)-1]), false); err != nil {
			return nil, p, err
		}
	}
	if w.back && more || !w.back && (w.from != nil || w.offset > 0) {
		if p.Previous, err = w.list.cursor(keyOf(items[0]), true); err != nil {
			return nil, p, err
		}
	}
	return items, p, nil
}

func (l *list) cursor(k key, back bool) (string, error) {
	data, err := json.Marshal(cursor{l.digest, back, k})
	if err != nil {
		return "", fmt.Errorf("making a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(data), nil
}
