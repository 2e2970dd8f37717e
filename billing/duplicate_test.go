package billing_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

func TestNormalText(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"  Ref  1 ": "ref 1", "REF\u00a01": "ref 1", "ref\u200b 1": "ref 1", "Ｒｅｆ １": "ref 1", "STRASSE": "strasse", "Straße": "strasse",
		"e\u0301te\u0301": "été", "ÉTÉ": "été", "ﬁbre": "fibre", "\u2003": "", "": "", "Σίσυφος": "σίσυφοσ",
	} {
		if got := billing.NormalText(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := billing.NormalText("a" + string(r) + "b")
		if twice := billing.NormalText(once); twice != once {
			t.Errorf("%q becomes %q, and that %q", r, once, twice)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := billing.NormalText(rapid.String().Draw(t, "text"))
		if twice := billing.NormalText(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		ascii := rapid.StringOf(rapid.RuneFrom(nil, &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 127, Stride: 1}}})).Draw(t, "ascii")
		if got, want := billing.NormalText(ascii), strings.TrimSuffix(billing.NormalText(ascii+" é"), "é"); got != strings.TrimSpace(want) {
			t.Fatalf("%q becomes %q alone, and %q with others", ascii, got, want)
		}
	})
}

// invoiceninja#2883, #9997, #12013: one thing recorded twice. lago-api#879, #1074, #1988: nothing here is generated, so
// nothing can be generated twice.
func TestDuplicateOf(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	tests := map[string]struct {
		change func(o *billing.Subscription)
		want   bool
	}{
		"the same":           {func(*billing.Subscription) {}, true},
		"another spelling":   {func(o *billing.Subscription) { o.Reference = " r-1" }, true},
		"another label":      {func(o *billing.Subscription) { o.Label = "x" }, true},
		"the last day":       {func(o *billing.Subscription) { o.Term.From = s.Term.To - 1; o.Term.To = billing.Forever }, true},
		"back to back":       {func(o *billing.Subscription) { o.Term.From = s.Term.To; o.Term.To = billing.Forever }, false},
		"another reference":  {func(o *billing.Subscription) { o.Reference = "R-2" }, false},
		"another offer":      {func(o *billing.Subscription) { o.Offer = "x" }, false},
		"another envelope":   {func(o *billing.Subscription) { o.Envelope = "x" }, false},
		"back to back first": {func(o *billing.Subscription) { o.Term.To = s.Term.From; o.Term.From-- }, false},
	}
	for name, tt := range tests {
		o := s.Clone()
		tt.change(&o)
		if s.DuplicateOf(&o) != tt.want || o.DuplicateOf(&s) != tt.want {
			t.Errorf("%s: not %t", name, tt.want)
		}
	}
}

func TestSuspicious(t *testing.T) {
	t.Parallel()
	s := subscribed(t)
	s.Label = "Phone line, Paris office"
	tests := map[string]struct {
		change func(o *billing.Subscription)
		want   bool
	}{
		"the same, other reference": {func(o *billing.Subscription) { o.Reference = "R-2" }, true},
		"a similar label":           {func(o *billing.Subscription) { o.Label = "phone line Paris office" }, true},
		"31 days later":             {func(o *billing.Subscription) { o.Term.From += 31 }, true},
		"31 days earlier":           {func(o *billing.Subscription) { o.Term.From -= 31 }, true},
		"32 days later":             {func(o *billing.Subscription) { o.Term.From += 32 }, false},
		"32 days earlier":           {func(o *billing.Subscription) { o.Term.From -= 32 }, false},
		"another label":             {func(o *billing.Subscription) { o.Label = "Server in Lyon" }, false},
		"another price":             {func(o *billing.Subscription) { o.Revisions[0].Amount++ }, false},
		"another periodicity":       {func(o *billing.Subscription) { o.Periodicity = billing.Daily }, false},
		"another offer":             {func(o *billing.Subscription) { o.Offer = "x" }, false},
		"another envelope":          {func(o *billing.Subscription) { o.Envelope = "x" }, false},
	}
	for name, tt := range tests {
		o := s.Clone()
		tt.change(&o)
		there, suspicious := s.Suspicious(&o)
		back, _ := o.Suspicious(&s)
		if suspicious != tt.want || there != back {
			t.Errorf("%s: %t, %d there and %d back", name, suspicious, there, back)
		}
	}
}

func TestSimilarity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 100}, {"A", "a", 100}, {"a", "b", 0}, {"a", "", 0}, {"night", "nacht", 25}, {"aaaa", "aa", 50}, {"été", "étés", 80}} {
		if got := billing.Similarity(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		there, back := billing.Similarity(a, b), billing.Similarity(b, a)
		if there != back || there < 0 || there > 100 || billing.Similarity(a, a) != 100 {
			t.Fatalf("%q and %q: %d there and %d back", a, b, there, back)
		}
	})
}
