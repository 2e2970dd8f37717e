package store

import (
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// filtered are the conditions on subscriptions s that say in SQL what billing.Filter.Matches says, within the scope.
func (s *Store) filtered(sc billing.Scope, f billing.Filter) *conditions {
	c := &conditions{dialect: s.db.Dialect()}
	c.offers("s.offer_id", sc, f.Offers)
	if len(f.Envelopes) > 0 {
		condition, arg := database.In(c.dialect, "code", texts(f.Envelopes))
		c.add("s.envelope_id IN (SELECT id FROM envelope WHERE "+condition+")", arg)
	}
	in(c, "s.periodicity", f.Periodicities)
	in(c, "s.rule", f.Rules)
	in(c, "s.created_by", f.Clients)
	c.statuses(f.Statuses, f.AsOf)
	if f.Reference != "" {
		c.add("s.ref_key = ?", referenceKey(f.Reference))
	}
	if text := billing.NormalText(f.Text); text != "" {
		position := "instr"
		if c.dialect == database.PostgreSQL {
			position = "strpos"
		}
		c.add(fmt.Sprintf("(%s(s.ref_norm, ?) > 0 OR %s(s.label_norm, ?) > 0)", position, position), text, text)
	}
	if f.Period != nil {
		c.chargedIn(*f.Period)
	}
	bound(c, "s.amount", ">=", f.Amount.AtLeast, 0)
	bound(c, "s.amount", ">", f.Amount.MoreThan, 0)
	bound(c, "s.amount", "<=", f.Amount.AtMost, 0)
	bound(c, "s.amount", "<", f.Amount.LessThan, 0)
	c.dates("s.start", f.Start, 0)
	// finish is the day after the last one included.
	c.dates("s.finish", f.End, 1)
	c.dates("s.anchor", f.Anchor, 0)
	c.dates("s.created_on", f.Created, 0)
	c.dates("s.updated_on", f.Updated, 0)
	return c
}

func bound[T ~int32 | ~int64](c *conditions, column, comparison string, value *T, shift int64) {
	if value != nil {
		c.add(column+" "+comparison+" ?", int64(*value)+shift)
	}
}

func (c *conditions) dates(column string, b billing.DateBounds, shift int64) {
	bound(c, column, ">=", b.After, shift)
	bound(c, column, ">", b.StrictlyAfter, shift)
	bound(c, column, "<=", b.Before, shift)
	bound(c, column, "<", b.StrictlyBefore, shift)
}

// statuses keeps what stands, on a day, in one of the statuses: billing.Subscription.StatusOn in SQL.
func (c *conditions) statuses(wanted []billing.Status, on billing.Day) {
	if len(wanted) == 0 {
		return
	}
	const held = "EXISTS (SELECT 1 FROM hold h WHERE h.subscription = s.num AND h.start <= ? AND ? < h.finish)"
	var parts []string
	var args []any
	for _, status := range wanted {
		switch status {
		case billing.StatusPlanned:
			parts, args = append(parts, "? < s.start"), append(args, int64(on))
		case billing.StatusEnded:
			// A term is never empty: what has not begun has not ended.
			parts, args = append(parts, "? >= s.finish"), append(args, int64(on))
		case billing.StatusHeld:
			parts, args = append(parts, "(s.start <= ? AND ? < s.finish AND "+held+")"), append(args, int64(on), int64(on), int64(on), int64(on))
		case billing.StatusActive:
			parts, args = append(parts, "(s.start <= ? AND ? < s.finish AND NOT "+held+")"), append(args, int64(on), int64(on), int64(on), int64(on))
		default:
			parts = append(parts, "false")
		}
	}
	c.add("("+strings.Join(parts, " OR ")+")", args...)
}

// chargedIn keeps what has, within its term and outside of its holds, a charge date in the month or, under DaysOfMonth,
// any day: billing.Subscription.ChargedIn in SQL. The days are numbers of ours, so they are written out.
func (c *conditions) chargedIn(m billing.Month) {
	first, length := int64(m.First()), int64(m.Days())
	var days []string
	for d := range length {
		days = append(days, fmt.Sprintf("SELECT %d AS d", first+d))
	}
	c.add(fmt.Sprintf("s.start < %d AND s.finish > %d", first+length, first))
	c.add(fmt.Sprintf(`EXISTS (SELECT 1 FROM (%s) days WHERE days.d >= s.start AND days.d < s.finish
		AND (s.rule = 'daysOfMonth' OR s.periodicity = 'daily'
			OR (s.periodicity = 'weekly' AND (days.d - s.anchor) %% 7 = 0)
			OR (s.periodicity = 'monthly' AND days.d = %d + CASE WHEN s.anchor_day < %d THEN s.anchor_day ELSE %d END))
		AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.subscription = s.num AND h.start <= days.d AND days.d < h.finish))`,
		strings.Join(days, " UNION ALL "), first-1, length, length))
}
