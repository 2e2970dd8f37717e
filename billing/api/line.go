package api

import (
	"strconv"

	"github.com/clementine-ope/clementine/billing"
)

// LineInput is a cost line as it is sent: a leaf with quantity and unit price, or a group of lines.
type LineInput struct {
	Label     string      `json:"label" doc:"What is paid for."`
	Quantity  *string     `json:"quantity,omitempty" nullable:"false" example:"12" doc:"Decimal string with up to six decimals; of a leaf."`
	UnitPrice *string     `json:"unitPrice,omitempty" nullable:"false" example:"2.499" doc:"Decimal string with up to six decimals, negative for a rebate; of a leaf."`
	Lines     []LineInput `json:"lines,omitempty" nullable:"false" doc:"Sub-lines, up to 8 levels; they make this line a group."`
}

// Line is a cost line as it is shown.
type Line struct {
	Label     string `json:"label"`
	Quantity  string `json:"quantity,omitempty"`
	UnitPrice string `json:"unitPrice,omitempty"`
	Amount    string `json:"amount" doc:"Quantity times unit price, rounded half to even; of a group, the sum of its leaves."`
	Lines     []Line `json:"lines,omitempty" nullable:"false"`
}

func viewLines(lines []billing.Line, c billing.Currency) []Line {
	out := make([]Line, 0, len(lines))
	for _, l := range lines {
		v := Line{Label: l.Label, Amount: c.Format(l.Amount)}
		if l.Leaf() {
			v.Quantity, v.UnitPrice = l.Quantity.String(), l.UnitPrice.String()
		} else {
			v.Lines = viewLines(l.Lines, c)
		}
		out = append(out, v)
	}
	return out
}

// reading collects what is wrong with a body beyond its schema: values that its texts do not stand for.
type reading struct {
	violations []billing.Violation
}

func (r *reading) add(path, code, message string) {
	r.violations = append(r.violations, billing.Violation{Path: path, Code: code, Message: message})
}

func (r *reading) err() error {
	if len(r.violations) == 0 {
		return nil
	}
	return &billing.InvalidError{Violations: r.violations}
}

func (r *reading) lines(path string, in []LineInput) []billing.Line {
	out := make([]billing.Line, 0, len(in))
	for i, l := range in {
		at := path + "[" + strconv.Itoa(i) + "]"
		line := billing.Line{Label: l.Label, Lines: r.lines(at+".lines", l.Lines)}
		if line.Leaf() {
			line.Quantity = r.decimal(at+".quantity", l.Quantity)
			line.UnitPrice = r.decimal(at+".unitPrice", l.UnitPrice)
		} else if l.Quantity != nil || l.UnitPrice != nil {
			r.add(at, billing.CodeConflict, "a line with sub-lines has neither quantity nor unit price")
		}
		out = append(out, line)
	}
	return out
}

func (r *reading) decimal(path string, text *string) billing.Decimal6 {
	if text == nil {
		r.add(path, billing.CodeRequired, "is missing")
		return 0
	}
	d, err := billing.ParseDecimal6(*text)
	if err != nil {
		r.add(path, billing.CodeFormat, err.Error())
	}
	return d
}

func (r *reading) day(path, text string) billing.Day {
	d, err := billing.ParseDay(text)
	if err != nil {
		r.add(path, billing.CodeFormat, err.Error())
	}
	return d
}

// span is the half-open interval of two days on the wire, the last one included; nil is no end.
func (r *reading) span(fromPath, from, lastPath string, last *string) billing.Interval {
	i := billing.Interval{From: r.day(fromPath, from), To: billing.Forever}
	if last != nil {
		i = billing.Until(i.From, r.day(lastPath, *last))
	}
	return i
}
