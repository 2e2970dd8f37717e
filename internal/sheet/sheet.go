// Package sheet writes tables that people open in a spreadsheet: CSV with the separators of a country, and text that
// no spreadsheet takes for a formula. It owns separators, line ends and quoting. It does not own what the columns are.
package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// MediaType is the content type of what is written.
const MediaType = "text/csv; charset=utf-8"

// Dialect says how a table is written. The zero value is the international one.
type Dialect struct {
	French bool // `;` between cells and a decimal comma, instead of `,` and a decimal point
	BOM    bool // a byte order mark first, without which some spreadsheets misread accents
}

// Cell is one cell of a row.
type Cell struct {
	text   string
	number bool
}

// Text is a cell of words, dates or codes. What a spreadsheet would take for a formula gets an apostrophe before it.
func Text(s string) Cell { return Cell{text: s} }

// Number is a cell that holds a decimal number as `-1234.56`, without grouping.
func Number(s string) Cell { return Cell{text: s, number: true} }

// Writer writes rows, each ended by CR LF. It buffers: Flush at the end.
type Writer struct {
	dialect Dialect
	to      io.Writer
	csv     *csv.Writer
	row     []string
	started bool
}

// NewWriter returns a writer of tables to w.
func NewWriter(w io.Writer, d Dialect) *Writer {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if d.French {
		c.Comma = ';'
	}
	return &Writer{dialect: d, to: w, csv: c}
}

// Row writes one row.
func (w *Writer) Row(cells ...Cell) error {
	if err := w.start(); err != nil {
		return err
	}
	w.row = w.row[:0]
	for _, c := range cells {
		w.row = append(w.row, w.dialect.render(c))
	}
	if err := w.csv.Write(w.row); err != nil {
		return fmt.Errorf("write a row of the table: %w", err)
	}
	return nil
}

// Head writes the row of the columns' names.
func (w *Writer) Head(names ...string) error {
	cells := make([]Cell, len(names))
	for i, name := range names {
		cells[i] = Text(name)
	}
	return w.Row(cells...)
}

// Flush writes what is still buffered.
func (w *Writer) Flush() error {
	if err := w.start(); err != nil {
		return err
	}
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func (w *Writer) start() error {
	if w.started {
		return nil
	}
	w.started = true
	if !w.dialect.BOM {
		return nil
	}
	if _, err := io.WriteString(w.to, "\ufeff"); err != nil {
		return fmt.Errorf("write the byte order mark: %w", err)
	}
	return nil
}

// formulaStarts begin a formula in one spreadsheet or another.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

func (d Dialect) render(c Cell) string {
	switch {
	case c.number && d.French:
		return strings.Replace(c.text, ".", ",", 1)
	case c.number || c.text == "":
		return c.text
	case strings.ContainsAny(string([]rune(c.text)[:1]), formulaStarts):
		return "'" + c.text
	}
	return c.text
}
