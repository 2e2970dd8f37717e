package backoffice_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/backoffice"
	"github.com/clementine-ope/clementine/web"
)

// What the form shows of a tree is read back as the same tree.
func TestLinesReadBack(t *testing.T) {
	t.Parallel()
	label := rapid.StringMatching(`[A-Za-zé|\\][A-Za-zé0-9 |\\.]{0,12}[a-zé|0-9]`)
	figure := rapid.Int64Range(-1e12, 1e12)
	var lines func(depth int) *rapid.Generator[[]billing.Line]
	lines = func(depth int) *rapid.Generator[[]billing.Line] {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) billing.Line {
			l := billing.Line{Label: label.Draw(t, "label")}
			if depth > 0 && rapid.Bool().Draw(t, "group") {
				l.Lines = lines(depth-1).Draw(t, "lines")
				return l
			}
			l.Quantity, l.UnitPrice = billing.Decimal6(figure.Draw(t, "quantity")), billing.Decimal6(figure.Draw(t, "price"))
			return l
		}), 1, 4)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := lines(3).Draw(t, "tree")
		lang := rapid.SampledFrom([]web.Lang{web.English, web.French}).Draw(t, "language")
		text := backoffice.WriteLines(lang, want)
		if mark := map[web.Lang]string{web.English: ",", web.French: "."}[lang]; strings.ContainsAny(figures(text), mark) {
			t.Fatalf("in %q a decimal mark is %q:\n%s", lang, mark, text)
		}
		got, err := backoffice.ReadLines(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("read back (-want +got):\n%s\nof\n%s", diff, text)
		}
	})
}

// figures is what follows the first bar of each line.
func figures(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, `\|`, "")) {
		_, after, _ := strings.Cut(line, "|")
		b.WriteString(after)
	}
	return b.String()
}
