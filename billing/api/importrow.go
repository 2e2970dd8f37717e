package api

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/clementine-ope/clementine/billing"
)

// ImportRow is one line of an import: what creates a subscription, or a line of an export, unchanged. What an export says of a
// subscription's past is brought along; what it says of amounts must agree with the lines; what the store gives (id, version, who
// and when) is given anew.
type ImportRow struct {
	Offer       string           `json:"offer" doc:"Code of the offer."`
	Envelope    string           `json:"envelope" doc:"Code of the envelope."`
	Reference   string           `json:"reference"`
	Label       string           `json:"label"`
	Periodicity string           `json:"periodicity" enum:"daily,weekly,monthly"`
	Rule        string           `json:"rule,omitempty" enum:"onDate,daysOfMonth"`
	Anchor      *string          `json:"anchor,omitempty" nullable:"false" format:"date"`
	StartDate   string           `json:"startDate" format:"date"`
	EndDate     *string          `json:"endDate,omitempty" format:"date"`
	Lines       []ImportLine     `json:"lines" minItems:"1" nullable:"false" doc:"What one period costs; of a row with revisions, the lines of the last one."`
	Revisions   []ImportRevision `json:"revisions,omitempty" nullable:"false" doc:"Prices by the day from which they hold; the first from startDate on."`
	Holds       []ImportHold     `json:"holds,omitempty" nullable:"false"`
	Amount      *string          `json:"amount,omitempty" nullable:"false" doc:"If given, what the lines must sum up to."`
	Currency    *string          `json:"currency,omitempty" nullable:"false" doc:"If given, that of the offer."`

	Context   any `json:"@context,omitempty" doc:"Of an export: not looked at."`
	NodeID    any `json:"@id,omitempty" doc:"Of an export: not looked at."`
	NodeType  any `json:"@type,omitempty" doc:"Of an export: not looked at."`
	ID        any `json:"id,omitempty" doc:"Of an export: not looked at."`
	Term      any `json:"term,omitempty" doc:"Of an export: not looked at."`
	Status    any `json:"status,omitempty" doc:"Of an export: not looked at."`
	Period    any `json:"period,omitempty" doc:"Of an export: not looked at."`
	Version   any `json:"version,omitempty" doc:"Of an export: not looked at."`
	CreatedBy any `json:"createdBy,omitempty" doc:"Of an export: not looked at."`
	CreatedAt any `json:"createdAt,omitempty" doc:"Of an export: not looked at."`
	UpdatedAt any `json:"updatedAt,omitempty" doc:"Of an export: not looked at."`
}

// ImportLine is a LineInput that may say its amount.
type ImportLine struct {
	Label     string       `json:"label"`
	Quantity  *string      `json:"quantity,omitempty" nullable:"false"`
	UnitPrice *string      `json:"unitPrice,omitempty" nullable:"false"`
	Amount    any          `json:"amount,omitempty" doc:"Of an export: not looked at, because that of the whole is."`
	Lines     []ImportLine `json:"lines,omitempty" nullable:"false"`
}

// ImportRevision is the price from a day on.
type ImportRevision struct {
	From   string       `json:"from" format:"date"`
	Amount *string      `json:"amount,omitempty" nullable:"false" doc:"If given, what the lines must sum up to."`
	Lines  []ImportLine `json:"lines" minItems:"1" nullable:"false"`
}

// ImportHold is a suspension.
type ImportHold struct {
	ID     any     `json:"id,omitempty" doc:"Of an export: not looked at."`
	From   string  `json:"from" format:"date"`
	To     *string `json:"to,omitempty" nullable:"false" format:"date" doc:"The last day, included; absent if there is no end."`
	Reason string  `json:"reason,omitempty"`
}

func plainLines(lines []ImportLine) []LineInput {
	plain := make([]LineInput, 0, len(lines))
	for _, l := range lines {
		plain = append(plain, LineInput{Label: l.Label, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Lines: plainLines(l.Lines)})
	}
	return plain
}

// read turns a row into what the domain takes.
func (in ImportRow) read() (billing.NewSubscription, error) {
	var r reading
	n, err := SubscriptionInput{
		Offer: in.Offer, Envelope: in.Envelope, Reference: in.Reference, Label: in.Label, Periodicity: in.Periodicity, Rule: in.Rule,
		Anchor: in.Anchor, StartDate: in.StartDate, EndDate: in.EndDate, Lines: plainLines(in.Lines),
	}.read()
	if err != nil {
		return n, err
	}
	if in.Currency != nil {
		n.Currency = billing.Currency(*in.Currency)
	}
	r.amount(n.Currency, "amount", in.Amount, n.Lines)
	for i, revision := range in.Revisions {
		at := fmt.Sprintf("revisions[%d]", i)
		next := billing.Revision{From: r.day(at+".from", revision.From), Lines: r.lines(at+".lines", plainLines(revision.Lines))}
		r.amount(n.Currency, at+".amount", revision.Amount, next.Lines)
		n.Revisions = append(n.Revisions, next)
	}
	r.past(&n)
	for i, h := range in.Holds {
		at := fmt.Sprintf("holds[%d]", i)
		n.Holds = append(n.Holds, billing.Hold{Interval: r.span(at+".from", h.From, at+".to", h.To), Reason: h.Reason})
	}
	return n, r.err()
}

// past takes the first price out of the revisions, where a new subscription has it.
func (r *reading) past(n *billing.NewSubscription) {
	if len(n.Revisions) == 0 {
		return
	}
	if n.Revisions[0].From != n.Term.From {
		r.add("revisions[0].from", billing.CodeConflict, "must be startDate")
	}
	if !sameLines(n.Revisions[len(n.Revisions)-1].Lines, n.Lines) {
		r.add("lines", billing.CodeConflict, "must be those of the last revision")
	}
	n.Lines, n.Revisions = n.Revisions[0].Lines, n.Revisions[1:]
}

func sameLines(a, b []billing.Line) bool {
	return slices.EqualFunc(a, b, func(l, m billing.Line) bool { return reflect.DeepEqual(l, m) })
}

// amount compares an amount that a row tells with what its lines sum up to. Lines that cannot be priced are refused later.
func (r *reading) amount(c billing.Currency, path string, told *string, lines []billing.Line) {
	if told == nil || c == "" {
		return
	}
	_, sum, err := billing.PriceLines(lines, c)
	if got := c.Format(sum); err == nil && got != *told {
		r.add(path, billing.CodeConflict, fmt.Sprintf("is not what the lines sum up to, which is %s", got))
	}
}
