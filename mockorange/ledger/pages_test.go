package ledger_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

// program finds what only some tests need. REQUIRE_ALL=1 makes its lack a failure, for CI.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("REQUIRE_ALL") != "" {
		t.Fatalf("%s is required and not installed", name)
	}
	t.Skipf("%s is not installed: left out", name)
	return ""
}

// text is what a reader sees on the pages of a PDF, its blanks folded.
func text(t *testing.T, pdf string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program(t, "pdftotext"), "-layout", "-", "-")
	command.Stdin = strings.NewReader(pdf)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, &problems)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(out.String(), "\u00a0", " ")), " ")
}

func TestInvoiceInFrench(t *testing.T) {
	t.Parallel()
	program(t, "pdftotext")
	b, again := inFile(t), inFile(t)
	b.partnersYear()
	again.partnersYear()
	_, _, files := b.files(customerspace.TypeInvoices)
	_, _, others := again.files(customerspace.TypeInvoices)
	for period, pdf := range files {
		if !strings.HasPrefix(pdf, "%PDF-") || pdf != others[period] {
			t.Errorf("the invoice of %s has other bytes when it is made again", period)
		}
	}
	seen := text(t, files["202604"])
	for _, want := range []string{
		"Facture", "Bac à sable : une répétition, pas un document fiscal", "Société d’Études L’Œuvre", "OCB0000001-202604", "01/05/2026",
		"avril 2026 (01/04/2026 – 30/04/2026)", "Notes Standard, parc F-1", "01/04/2026 – 19/04/2026 15 4,50 € 19/30 42,75 €",
		"20/04/2026 – 30/04/2026 12 4,50 € 11/30 19,80 €", "Notes Standard, suspendues 20/04/2026 – 30/04/2026 3 0,00 €",
		"Total hors taxes 62,55 €", "TVA 20 % 12,51 €", "Total toutes taxes comprises 75,06 €", "Page 1 sur 1",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not on the page:\n%s", want, seen)
		}
	}
}

func TestInvoiceInEnglish(t *testing.T) {
	t.Parallel()
	program(t, "pdftotext")
	b := inFile(t)
	for i := range 40 {
		name := strconv.Itoa(i)
		o := order("O-"+name, "fleet-"+name, notes("12345.678"), 1000)
		o.Customer = control.OrderCustomer{Reference: "C-1", Name: "Łódź Œuvre – " + strings.Repeat("long ", 30), Country: "IE"}
		b.take(o)
	}
	weekly := order("O-W", "fleet-w", &control.Offering{Code: "WEEK", Name: "Weekly", Price: "1.25", Periodicity: "weekly"}, 3)
	b.take(weekly)
	b.moveTo("2026-02-01")
	_, _, files := b.files(customerspace.TypeInvoices)
	seen := text(t, files["202601"])
	for _, want := range []string{
		"Invoice", "Lódz Œuvre – long", "1 Feb 2026", "January 2026 (1 Jan 2026 – 31 Jan 2026)", "Notes Standard, fleet fleet-7",
		"1 Jan 2026 – 31 Jan 2026 1,000 €12,345.678 31/31 €12,345,678.00", "Weekly, per week 1 Jan 2026 – 31 Jan 2026 3 €1.25 5 €18.75",
		"Total excluding tax €493,827,138.75", "VAT 20% €98,765,427.75", "Total including tax €592,592,566.50", "Page 1 of 3", "Page 3 of 3",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not on the page:\n%s", want, seen)
		}
	}
}

// spreadsheet is a table as LibreOffice read it.
type spreadsheet struct {
	Rows []struct {
		Cells []struct {
			Type     string   `xml:"value-type,attr"`
			Value    string   `xml:"value,attr"`
			Formula  string   `xml:"formula,attr"`
			Repeated int      `xml:"number-columns-repeated,attr"`
			Text     []string `xml:"p"`
		} `xml:"table-cell"`
	} `xml:"body>spreadsheet>table>table-row"`
}

// cells are those of a row, those that are alike one by one: their kind and their value.
func (s spreadsheet) cells(row int) []string {
	var all []string
	for _, c := range s.Rows[row].Cells {
		cell := c.Type + " " + c.Value
		switch {
		case c.Formula != "":
			cell = "formula " + c.Formula
		case c.Value == "" && len(c.Text) > 0:
			cell = "text " + c.Text[0]
		}
		for range min(max(1, c.Repeated), 100) {
			all = append(all, cell)
		}
	}
	return all
}

// French LibreOffice reads the amounts of each table as numbers with their decimals, and no text as a formula.
func TestLibreOfficeReadsTheTables(t *testing.T) {
	t.Parallel()
	office := program(t, "soffice")
	b := inFile(t)
	o := order("O-1", "=1+1", notes("1234.567"), 3)
	o.Customer.Name = "=cmd|' /C calc'!A0 é"
	b.take(o)
	b.moveTo("2026-02-01")
	folder := t.TempDir()
	args := []string{
		"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(folder, "profile"),
		"--infilter=CSV:59,34,76,1,,1036", "--convert-to", "fods", "--outdir", folder,
	}
	// The column of the amount, and of the name.
	columns := map[customerspace.DocumentType][2]int{
		customerspace.TypeBills: {13, 1}, customerspace.TypeConsumption: {16, 4},
		customerspace.TypePartialBills: {13, 1}, customerspace.TypePartialConsumption: {16, 4},
	}
	amounts := map[customerspace.DocumentType]int64{}
	for kind := range columns {
		_, documents, files := b.files(kind)
		amounts[kind] = documents["202601"].Amount
		path := filepath.Join(folder, string(kind)+".csv")
		if err := os.WriteFile(path, []byte(files["202601"]), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), office, args...).CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	for kind, column := range columns {
		data, err := os.ReadFile(filepath.Join(folder, string(kind)+".fods"))
		if err != nil {
			t.Fatal(err)
		}
		var s spreadsheet
		if err := xml.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
		row := s.cells(1)
		value, err := strconv.ParseFloat(billing.Currency("EUR").Format(billing.Minor(amounts[kind])), 64)
		if err != nil {
			t.Fatal(err)
		}
		if want := "float " + strconv.FormatFloat(value, 'f', -1, 64); row[column[0]] != want || amounts[kind] == 0 {
			t.Errorf("%s: the amount is %q, want %q", kind, row[column[0]], want)
		}
		if want := "text '=cmd|' /C calc'!A0 é"; row[column[1]] != want {
			t.Errorf("%s: the customer is %q, want %q", kind, row[column[1]], want)
		}
		for _, cell := range row {
			if strings.HasPrefix(cell, "formula") {
				t.Errorf("%s: %q", kind, cell)
			}
		}
	}
}
