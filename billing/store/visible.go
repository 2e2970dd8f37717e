package store

import (
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// conditions is a WHERE clause in the making.
type conditions struct {
	dialect database.Dialect
	parts   []string
	args    []any
	// seen are the offers that the first part keeps; nil is no such part.
	seen []string
}

func (c *conditions) add(condition string, args ...any) {
	c.parts = append(c.parts, condition)
	c.args = append(c.args, args...)
}

// where is the clause with its leading space, "" if there are no conditions.
func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// in keeps the rows whose column is one of values; none given is no condition.
func in[T ~string](c *conditions, column string, values []T) {
	if len(values) == 0 {
		return
	}
	c.within(column, texts(values))
}

// within keeps the rows whose column is one of values: none of them, if there are none.
func (c *conditions) within(column string, values []string) {
	condition, arg := database.In(c.dialect, column, values)
	c.add(condition, arg)
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// offers keeps the rows whose column is the number of an offer in the scope and, if wanted names any, among these.
// Every query about what belongs to an offer goes through it: parameters narrow, and the zero scope keeps nothing.
func (c *conditions) offers(column string, sc billing.Scope, wanted []billing.OfferCode) {
	if sc.All() {
		if len(wanted) == 0 {
			return
		}
	} else {
		seen := sc.Offers()
		if len(wanted) > 0 {
			seen = seen[:0]
			for _, code := range wanted {
				if sc.Sees(code) {
					seen = append(seen, code)
				}
			}
		}
		wanted = seen
	}
	if len(c.parts) == 0 {
		c.seen = texts(wanted)
	}
	condition, arg := database.In(c.dialect, "code", texts(wanted))
	c.add(column+" IN (SELECT id FROM offer WHERE "+condition+")", arg)
}
