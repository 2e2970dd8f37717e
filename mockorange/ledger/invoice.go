package ledger

import (
	"bytes"
	"fmt"

	"github.com/go-pdf/fpdf"

	"github.com/clementine-ope/clementine/billing"
)

// vatPercent is what an invoice adds to amounts, which exclude tax everywhere else.
const vatPercent = 20

// vatOf is the tax on an amount, rounded half away from zero, as tax is.
func vatOf(net billing.Minor) billing.Minor {
	if net < 0 {
		return -vatOf(-net)
	}
	whole, rest := net/100, net%100
	return whole*vatPercent + (rest*vatPercent+50)/100
}

// The page, in millimetres.
const (
	pageMargin = 15.0
	pageWidth  = 210 - 2*pageMargin
	rowHeight  = 5.5
)

// columns are the widths of the table of an invoice.
func columns() [6]float64 { return [6]float64{57, 44, 16, 22, 17, 24} }

// page is an invoice that is being drawn.
type page struct {
	*fpdf.Fpdf
	words
	st *statement
}

// invoice is the invoice as a PDF: the same bytes whenever it is made.
func (st *statement) invoice() ([]byte, error) {
	p := &page{Fpdf: fpdf.New("P", "mm", "A4", ""), words: wordsFor(st.customer.country), st: st}
	at := midnight(st.window.To)
	p.SetCreationDate(at)
	p.SetModificationDate(at)
	p.SetCatalogSort(true)
	p.SetProducer("Clementine", true)
	p.SetTitle(fmt.Sprintf("%s %s", p.words.invoice, st.number()), true)
	p.SetMargins(pageMargin, pageMargin, pageMargin)
	p.SetAutoPageBreak(false, 0)
	p.AliasNbPages("")
	p.SetFooterFunc(p.foot)
	p.AddPage()
	p.head()
	p.lines()
	p.totals()
	var b bytes.Buffer
	if err := p.Output(&b); err != nil {
		return nil, fmt.Errorf("drawing invoice %s: %w", st.number(), err)
	}
	return b.Bytes(), nil
}

// number identifies an invoice.
func (st *statement) number() string {
	number := st.contract + "-" + period6(st.month)
	if st.currency != "EUR" {
		number += "-" + string(st.currency)
	}
	return number
}

func (p *page) text(style string, size float64) { p.SetFont("Helvetica", style, size) }

// fit is a text in the page's encoding, cut to a width.
func (p *page) fit(s string, width float64) string {
	text := latin(s)
	if p.GetStringWidth(text) <= width-2 {
		return text
	}
	for text != "" && p.GetStringWidth(text+"...") > width-2 {
		text = text[:len(text)-1]
	}
	return text + "..."
}

// cell writes texts cut to their width. Numbers are never cut: they stand to the right, and reach over to the left.
func (p *page) cell(width float64, s, border, align string) {
	text := latin(s)
	if align == "L" {
		text = p.fit(s, width)
	}
	p.CellFormat(width, rowHeight, text, border, 0, align, false, 0, "")
}

func (p *page) head() {
	p.SetFillColor(255, 121, 0)
	p.Rect(pageMargin, pageMargin, pageWidth, 2, "F")
	p.SetY(pageMargin + 6)
	p.text("B", 18)
	p.CellFormat(pageWidth/2, 9, p.fit(p.words.invoice, pageWidth/2), "", 0, "L", false, 0, "")
	p.text("B", 11)
	p.CellFormat(pageWidth/2, 9, p.fit(p.seller, pageWidth/2), "", 1, "R", false, 0, "")
	p.text("", 9)
	p.SetTextColor(89, 89, 89)
	p.CellFormat(pageWidth, rowHeight, p.fit(p.sandbox, pageWidth), "", 1, "L", false, 0, "")
	p.SetTextColor(0, 0, 0)
	p.Ln(3)
	year, month := p.st.month.Civil()
	last := p.st.window.To - 1
	for _, row := range [][2]string{
		{p.number, p.st.number()},
		{p.date, p.day(p.st.window.To)},
		{p.period, fmt.Sprintf("%s (%s – %s)", fmt.Sprintf(p.month, p.monthName(month), year), p.day(p.st.window.From), p.day(last))},
		{p.customer, p.st.customer.name},
		{p.account, p.st.customer.reference},
		{p.contract, p.st.contract},
	} {
		p.text("B", 10)
		p.cell(45, row[0], "", "L")
		p.text("", 10)
		p.cell(pageWidth-45, row[1], "", "L")
		p.Ln(rowHeight)
	}
	p.Ln(4)
}

// bottom is where a page ends.
const bottom = 297 - pageMargin - 12

func (p *page) tableHead() {
	p.text("B", 9)
	for i, name := range []string{p.designation, p.days, p.quantity, p.price, p.charged, p.amount} {
		p.cell(columns()[i], name, "B", alignOf(i))
	}
	p.Ln(rowHeight + 1)
}

// alignOf puts numbers to the right.
func alignOf(column int) string {
	if column < 2 {
		return "L"
	}
	return "R"
}

// room begins a new page where the rest of this one is not enough.
func (p *page) room(height float64, table bool) {
	if p.GetY()+height <= bottom {
		return
	}
	p.AddPage()
	if table {
		p.tableHead()
	}
}

func (p *page) lines() {
	p.tableHead()
	if len(p.st.charges) == 0 {
		p.text("", 9)
		p.cell(pageWidth, p.nothing, "", "L")
		p.Ln(rowHeight)
	}
	for i, c := range p.st.charges {
		if i == 0 || c.reference != p.st.charges[i-1].reference || c.offer != p.st.charges[i-1].offer {
			p.room(2*rowHeight, true)
			p.text("B", 9)
			p.cell(pageWidth, fmt.Sprintf("%s, %s", c.name, fmt.Sprintf(p.fleet, c.reference)), "", "L")
			p.Ln(rowHeight)
		}
		p.room(rowHeight, true)
		p.text("", 9)
		for j, s := range p.row(c) {
			p.cell(columns()[j], s, "", alignOf(j))
		}
		p.Ln(rowHeight)
	}
}

func (p *page) row(c charge) [6]string {
	first, _ := c.Last()
	row := [6]string{
		c.name, p.day(c.From) + " – " + p.day(first), p.decimal(c.quantity.String()), p.unitPrice(p.st.currency, c.price),
		c.charged(p.st.month), p.money(p.st.currency, c.amount),
	}
	switch {
	case c.suspended:
		row[0] = fmt.Sprintf("%s, %s", c.name, p.suspended)
		row[3], row[4] = "", ""
	case c.periodicity == billing.Daily:
		row[0] = fmt.Sprintf("%s, %s", c.name, p.daily)
	case c.periodicity == billing.Weekly:
		row[0] = fmt.Sprintf("%s, %s", c.name, p.weekly)
	}
	return row
}

func (p *page) totals() {
	p.room(6*rowHeight, false)
	p.Ln(3)
	p.Line(pageMargin, p.GetY(), pageMargin+pageWidth, p.GetY())
	p.Ln(1)
	net := p.st.total
	vat := vatOf(net)
	for i, row := range [][2]string{
		{p.net, p.money(p.st.currency, net)},
		{fmt.Sprintf(p.vat, vatPercent), p.money(p.st.currency, vat)},
		{p.gross, p.money(p.st.currency, net+vat)},
	} {
		style := ""
		if i == 2 {
			style = "B"
		}
		p.text(style, 10)
		p.cell(pageWidth-40, row[0], "", "R")
		p.cell(40, row[1], "", "R")
		p.Ln(rowHeight)
	}
	p.Ln(3)
	p.text("", 8)
	p.SetTextColor(89, 89, 89)
	p.cell(pageWidth, p.untaxed+" "+p.byDays, "", "L")
	p.SetTextColor(0, 0, 0)
}

func (p *page) foot() {
	p.SetY(-pageMargin)
	p.text("", 8)
	p.SetTextColor(89, 89, 89)
	p.CellFormat(pageWidth/2, rowHeight, p.fit(p.words.invoice+" "+p.st.number(), pageWidth/2), "", 0, "L", false, 0, "")
	p.CellFormat(pageWidth/2, rowHeight, latin(fmt.Sprintf(p.words.page, p.PageNo())), "", 0, "R", false, 0, "")
	p.SetTextColor(0, 0, 0)
}
