package billing

import "fmt"

// PriceLines is a copy of lines with the amount of every leaf, and of every group, filled in, and their sum. Groups have
// neither quantity nor unit price. The error is an *InvalidError with paths such as lines[0].lines[2].unitPrice.
func PriceLines(lines []Line, c Currency) ([]Line, Minor, error) {
	digits, ok := c.Digits()
	if !ok {
		return nil, 0, Invalid("currency", CodeUnknown, "%q is not a currency of ISO 4217", string(c))
	}
	p := pricing{digits: digits}
	priced, total := p.lines("lines", lines, 1)
	switch {
	case len(lines) == 0:
		p.add("lines", CodeRequired, "must hold at least one line")
	case p.count > MaxLines:
		p.add("lines", CodeTooMany, "must hold at most %d lines, sub-lines included", MaxLines)
	case total > MaxAmount || total < -MaxAmount:
		p.add("lines", CodeOutOfRange, "must not sum up to more than %s", c.Format(MaxAmount))
	}
	if err := p.err(); err != nil {
		return nil, 0, err
	}
	return priced, total, nil
}

// pricing is one walk over a tree of lines.
type pricing struct {
	violations
	digits int
	count  int
}

func (p *pricing) lines(path string, lines []Line, depth int) ([]Line, Minor) {
	if len(lines) == 0 {
		return nil, 0
	}
	if depth > MaxDepth {
		p.add(path, CodeTooDeep, "must not be nested deeper than %d levels", MaxDepth)
		return nil, 0
	}
	priced := make([]Line, 0, len(lines))
	var total Minor
	for i, l := range lines {
		if p.count++; p.count > MaxLines {
			break
		}
		l = p.line(fmt.Sprintf("%s[%d]", path, i), l, depth)
		total += l.Amount
		priced = append(priced, l)
	}
	return priced, total
}

func (p *pricing) line(path string, l Line, depth int) Line {
	p.text(path+".label", l.Label, longestLabel, true)
	if l.Leaf() {
		return p.leaf(path, l)
	}
	if l.Quantity != 0 || l.UnitPrice != 0 {
		p.add(path, CodeConflict, "a line with sub-lines has neither quantity nor unit price")
	}
	l.Lines, l.Amount = p.lines(path+".lines", l.Lines, depth+1)
	return l
}

func (p *pricing) leaf(path string, l Line) Line {
	l.Lines, l.Amount = nil, 0
	inRange := p.decimal(path+".quantity", l.Quantity)
	if inRange = p.decimal(path+".unitPrice", l.UnitPrice) && inRange; !inRange {
		return l
	}
	amount, err := product(l.Quantity, l.UnitPrice, p.digits)
	if err != nil || amount > MaxAmount || amount < -MaxAmount {
		p.add(path, CodeOutOfRange, "quantity times unit price is out of range")
		return l
	}
	l.Amount = amount
	return l
}

func (p *pricing) decimal(path string, d Decimal6) bool {
	if d > MaxDecimal6 || d < -MaxDecimal6 {
		p.add(path, CodeOutOfRange, "must be between -%s and %s", MaxDecimal6, MaxDecimal6)
		return false
	}
	return true
}
