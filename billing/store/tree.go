package store

import (
	"fmt"

	"github.com/clementine-ope/clementine/billing"
)

// flatLine is a line of a tree in pre-order, and its level from 1.
type flatLine struct {
	depth int
	line  billing.Line
}

// flatten is a tree in pre-order.
func flatten(lines []billing.Line) []flatLine {
	var flat []flatLine
	var walk func(lines []billing.Line, depth int)
	walk = func(lines []billing.Line, depth int) {
		for _, l := range lines {
			sub := l.Lines
			if l.Lines = nil; len(sub) > 0 {
				// Amounts are stored on leaves only: that of a group is their sum, which no row may contradict (I4).
				l.Amount = 0
			}
			flat = append(flat, flatLine{depth, l})
			walk(sub, depth+1)
		}
	}
	walk(lines, 1)
	return flat
}

// unflatten is the tree of lines in pre-order.
func unflatten(flat []flatLine) []billing.Line {
	lines, _ := children(flat, 1)
	return lines
}

// children are the lines of a level at the start of flat, and what follows them.
func children(flat []flatLine, depth int) (lines []billing.Line, rest []flatLine) {
	for len(flat) > 0 && flat[0].depth == depth {
		l := flat[0].line
		l.Lines, flat = children(flat[1:], depth+1)
		lines = append(lines, l)
	}
	return lines, flat
}

// treeBuilder puts lines, which come one revision after the other and in order, into their subscriptions. Amounts are
// those that the domain gives them, which checks at once that the revision is their sum (I4).
type treeBuilder struct {
	of   *billing.Subscription
	from billing.Day
	flat []flatLine
}

func (b *treeBuilder) add(s *billing.Subscription, from billing.Day, l flatLine) error {
	if b.of != s || b.from != from {
		if err := b.finish(); err != nil {
			return err
		}
		b.of, b.from = s, from
	}
	b.flat = append(b.flat, l)
	return nil
}

func (b *treeBuilder) finish() error {
	if b.of == nil {
		return nil
	}
	lines, total, err := billing.PriceLines(unflatten(b.flat), b.of.Currency)
	if err != nil {
		return fmt.Errorf("lines of subscription %s from %s: %w", b.of.ID, b.from, err)
	}
	for i := range b.of.Revisions {
		r := &b.of.Revisions[i]
		if r.From != b.from {
			continue
		}
		if r.Amount != total {
			return fmt.Errorf("subscription %s from %s: its lines sum up to %d, and its amount is %d", b.of.ID, b.from, total, r.Amount)
		}
		r.Lines = lines
	}
	b.flat, b.of = b.flat[:0], nil
	return nil
}
