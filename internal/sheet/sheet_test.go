package sheet_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/sheet"
)

func TestDialects(t *testing.T) {
	t.Parallel()
	rows := [][]sheet.Cell{
		{sheet.Text(`Acme "S, A; R"`), sheet.Number("-1234.56"), sheet.Text("2026-03-01")},
		{sheet.Text("=1+1"), sheet.Number("0.00"), sheet.Text("")},
		{sheet.Text("-5"), sheet.Number("-5"), sheet.Text("a\nb")},
		{sheet.Text("@x"), sheet.Number(""), sheet.Text("\tx")},
		{sheet.Text("＝x"), sheet.Number("1"), sheet.Text("é = è")},
	}
	for _, tc := range []struct {
		name    string
		dialect sheet.Dialect
		want    string
	}{
		{
			"international", sheet.Dialect{},
			"a,b,c\r\n\"Acme \"\"S, A; R\"\"\",-1234.56,2026-03-01\r\n'=1+1,0.00,\r\n'-5,-5,\"a\r\nb\"\r\n'@x,,'\tx\r\n'＝x,1,é = è\r\n",
		},
		{
			"French", sheet.Dialect{French: true, BOM: true},
			"\ufeffa;b;c\r\n\"Acme \"\"S, A; R\"\"\";-1234,56;2026-03-01\r\n'=1+1;0,00;\r\n'-5;-5;\"a\r\nb\"\r\n'@x;;'\tx\r\n'＝x;1;é = è\r\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			w := sheet.NewWriter(&b, tc.dialect)
			if err := w.Head("a", "b", "c"); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				if err := w.Row(row...); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, b.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// Whatever the words are, the reader of a standard CSV finds as many cells, and none that starts a formula.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "=1", "a,b", "a\"b", "\r", "\ufeff=1", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		var b strings.Builder
		w := sheet.NewWriter(&b, sheet.Dialect{})
		if err := errors.Join(w.Row(sheet.Text(words), sheet.Text("end")), w.Flush()); err != nil {
			t.Fatal(err)
		}
		row, err := csv.NewReader(strings.NewReader(b.String())).Read()
		if err != nil || len(row) != 2 || row[1] != "end" {
			t.Fatalf("%q is read back as %q, %v", b.String(), row, err)
		}
		if row[0] != "" && strings.ContainsAny(row[0][:1], "=+-@\t\r\n") {
			t.Errorf("%q starts a formula", row[0])
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestBrokenWriter(t *testing.T) {
	t.Parallel()
	for _, d := range []sheet.Dialect{{}, {BOM: true}} {
		w := sheet.NewWriter(broken{}, d)
		if err := errors.Join(w.Row(sheet.Text("a")), w.Flush()); err == nil {
			t.Errorf("%+v: no error", d)
		}
	}
}
