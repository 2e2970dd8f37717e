package backoffice

import (
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// A tree of lines is written as text, one line each, so that it can be edited without scripts and read aloud:
//
//	Licences
//	  Notes Standard | 10 | 4.50
//	  Storage | 1 | 2
//	Discount | 1 | -3
//
// Two spaces more make a line part of the one above; a line without figures is a group. A bar in a label is written \|.

const (
	indent     = "  "
	escapedBar = `\|`
	// heldBar stands for an escaped bar while cells are cut: no label holds a control character.
	heldBar = "\x00"
)

// lineError is a line of text that cannot be read; key is the message that says why.
type lineError struct {
	number int
	key    string
	text   string
}

// Error names the line.
func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s %q", e.number, e.key, e.text) }

// writeLines is the text of lines, with the decimal mark of the language.
func writeLines(lang web.Lang, lines []billing.Line) string {
	figure := func(d billing.Decimal6) string { return d.String() }
	if lang == web.French {
		figure = func(d billing.Decimal6) string { return strings.ReplaceAll(d.String(), ".", ",") }
	}
	var b strings.Builder
	var walk func(lines []billing.Line, depth int)
	walk = func(lines []billing.Line, depth int) {
		for _, l := range lines {
			b.WriteString(strings.Repeat(indent, depth))
			b.WriteString(strings.ReplaceAll(l.Label, "|", escapedBar))
			if l.Leaf() {
				fmt.Fprintf(&b, " | %s | %s", figure(l.Quantity), figure(l.UnitPrice))
			}
			b.WriteByte('\n')
			walk(l.Lines, depth+1)
		}
	}
	walk(lines, 0)
	return b.String()
}

// readLines is the tree that a text describes. Figures may have a decimal comma. The error is a *lineError.
func readLines(text string) ([]billing.Line, error) {
	root := &billing.Line{}
	// open holds the chain of lines that the next one may be part of, by depth.
	open := []*node{{line: root}}
	for i, raw := range strings.Split(strings.ReplaceAll(text, "\t", indent), "\n") {
		raw = strings.TrimRight(raw, " \r")
		if strings.TrimSpace(raw) == "" {
			continue
		}
		label := strings.TrimLeft(raw, " ")
		depth := (len(raw)-len(label))/len(indent) + 1
		if depth > len(open) {
			return nil, &lineError{i + 1, "lines.depth", label}
		}
		open = open[:depth]
		parent := open[depth-1]
		if parent.leaf {
			return nil, &lineError{i + 1, "lines.leaf", label}
		}
		n, err := readLine(i+1, label)
		if err != nil {
			return nil, err
		}
		parent.children = append(parent.children, n)
		open = append(open, n)
	}
	return open[0].build().Lines, nil
}

// node is a line whose parts are not complete yet.
type node struct {
	line     *billing.Line
	leaf     bool
	children []*node
}

func (n *node) build() billing.Line {
	for _, child := range n.children {
		n.line.Lines = append(n.line.Lines, child.build())
	}
	return *n.line
}

func readLine(number int, text string) (*node, error) {
	cells := strings.Split(strings.ReplaceAll(text, escapedBar, heldBar), "|")
	n := &node{line: &billing.Line{Label: strings.ReplaceAll(strings.TrimSpace(cells[0]), heldBar, "|")}}
	if len(cells) == 1 {
		return n, nil
	}
	if len(cells) != 3 {
		return nil, &lineError{number, "lines.cells", text}
	}
	n.leaf = true
	for i, to := range []*billing.Decimal6{&n.line.Quantity, &n.line.UnitPrice} {
		d, err := billing.ParseDecimal6(withPoint(strings.TrimSpace(cells[i+1])))
		if err != nil {
			return nil, &lineError{number, "lines.figure", strings.TrimSpace(cells[i+1])}
		}
		*to = d
	}
	return n, nil
}
