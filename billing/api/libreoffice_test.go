package api_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing/api"
)

// spreadsheet is a table as LibreOffice read it.
type spreadsheet struct {
	Rows []struct {
		Repeated int `xml:"number-rows-repeated,attr"`
		Cells    []struct {
			Type     string   `xml:"value-type,attr"`
			Value    string   `xml:"value,attr"`
			Date     string   `xml:"date-value,attr"`
			Formula  string   `xml:"formula,attr"`
			Repeated int      `xml:"number-columns-repeated,attr"`
			Text     []string `xml:"p"`
		} `xml:"table-cell"`
	} `xml:"body>spreadsheet>table>table-row"`
}

// opened is what LibreOffice makes of CSV files that it is told the separator and the language of, as its dialog asks for them.
func opened(t *testing.T, program string, files map[string][]byte, filter string) map[string]spreadsheet {
	t.Helper()
	folder := t.TempDir()
	args := []string{"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(folder, "profile"), "--infilter=" + filter,
		"--convert-to", "fods", "--outdir", folder}
	for name, content := range files {
		path := filepath.Join(folder, name+".csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	read := map[string]spreadsheet{}
	for name := range files {
		data, err := os.ReadFile(filepath.Join(folder, name+".fods"))
		if err != nil {
			t.Fatal(err)
		}
		var sheet spreadsheet
		if err := xml.Unmarshal(data, &sheet); err != nil {
			t.Fatal(err)
		}
		read[name] = sheet
	}
	return read
}

// cell is a cell of a row, columns that are alike counted one by one; "number 2.50" or "text A".
func (s spreadsheet) cell(row, column int) string {
	for _, c := range s.Rows[row].Cells {
		if column -= max(1, c.Repeated); column >= 0 {
			continue
		}
		switch {
		case c.Formula != "":
			return "formula " + c.Formula
		case c.Type == "float":
			return "number " + c.Value
		case c.Type == "date":
			return "date " + c.Date
		case len(c.Text) > 0:
			return "text " + c.Text[0]
		}
		return ""
	}
	return ""
}

// Amounts are numbers with their decimals, whatever the country; texts stay texts, also those that begin like a formula.
func TestLibreOfficeReadsTheAmounts(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal("LibreOffice is not installed")
		}
		t.Skip("LibreOffice is not installed: left out")
	}
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	amounts := []string{"0.01", "1234.56", "-5.20", "1000000.00", "12.30", "0.00", "999.99"}
	for i, amount := range amounts {
		reference := []string{"R;1", "=1+1", "01234", `a "quoted" é`, "-3", "@x", "R,7"}[i]
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/subscriptions", fmt.Sprintf(`{"offer":"A","envelope":"E","reference":%q,
			"label":"été %d","periodicity":"monthly","startDate":"2026-01-01","lines":[{"label":"x","quantity":"1","unitPrice":%q}]}`, reference, i, amount))
	}
	var list []api.Subscription
	w.want(http.StatusOK, &list, w.admin, http.MethodGet, "/billing/v1/subscriptions?order[startDate]=asc", "", "Accept", "application/json")
	// The tokens of LibreOffice's filter: separator, quotes, UTF-8, first line, formats of columns, language (English of the US, French).
	for dialect, filter := range map[string]string{"intl": "CSV:44,34,76,1,,1033", "fr": "CSV:59,34,76,1,,1036"} {
		files := map[string][]byte{}
		for _, bom := range []string{"false", "true"} {
			target := "/billing/v1/subscriptions?order[startDate]=asc&format=csv&csv=" + dialect + "&bom=" + bom
			files["bom-"+bom] = w.want(http.StatusOK, nil, w.admin, http.MethodGet, target, "").body
		}
		for name, sheet := range opened(t, program, files, filter) {
			if len(list) != len(amounts) || len(sheet.Rows) <= len(list) {
				t.Fatalf("%s, %s: %d rows for %d subscriptions", dialect, name, len(sheet.Rows), len(list))
			}
			column := map[string]int{}
			for i := range 18 {
				column[sheet.cell(0, i)] = i
			}
			for i, s := range list {
				got := []string{sheet.cell(i+1, column["text id"]), sheet.cell(i+1, column["text label"]), sheet.cell(i+1, column["text amount"])}
				want := []string{"text " + s.ID, "text " + s.Label, "number " + number(t, s.Amount)}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %s, %s: (-API +LibreOffice)\n%s", dialect, name, s.Reference, diff)
				}
				if reference := sheet.cell(i+1, column["text reference"]); len(reference) > 7 && reference[:7] == "formula" {
					t.Errorf("%s, %s: %s became a %s", dialect, name, s.Reference, reference)
				}
			}
		}
	}
}

// number is an amount as the file has it: the shortest decimal.
func number(t *testing.T, amount string) string {
	t.Helper()
	value, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}
