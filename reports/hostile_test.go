package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/clementine-ope/clementine/reports"
)

// nasty is what a hostile partner may put into any text.
const nasty = "</script></pre></td>]]><script>alert(1)</script><img src=x onerror='alert(2)'>\" onclick=alert(3) \x1b[2J\x1b]0;title\a\x00\u202e\u2066\u009b31m{{.}}\r\n\t&amp;\ufeff\xff"

// hostile is the sample with nasty in every text that is not an enum or an id.
func hostile() reports.Results {
	r := sample()
	taint(reflect.ValueOf(&r).Elem(), "")
	r.Requirements[7].ID = nasty
	r.Scenarios[7].Requirements = []string{nasty}
	r.Scenarios[7].ID = nasty
	r.Requirements[7].Scenarios = []string{nasty}
	r.Profile = map[string]any{nasty: nasty, "offer": nasty}
	return r
}

func taint(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			taint(v.Elem(), name)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[reports.Results]() || v.Type().PkgPath() != "time" {
			for i := range v.NumField() {
				taint(v.Field(i), v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			taint(v.Index(i), name)
		}
	case reflect.Map:
		if headers, ok := v.Interface().(map[string][]string); ok && headers != nil {
			headers["X-Nasty"], headers[nasty] = []string{nasty}, []string{nasty}
		}
	case reflect.String:
		switch name {
		case "ID", "Verdict", "Level", "Direction", "Kind", "Status", "State", "Mode", "Lang", "Requirement", "Requirements", "Scenarios", "FollowOf", "SHA256", "Base64":
		default:
			v.SetString(v.String() + nasty)
		}
	}
}

func TestHostileTextCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	for _, o := range []reports.TextOptions{{}, {Verbose: true}, {Verbose: true, Lang: "fr"}} {
		got := rendered(t, func(w io.Writer, r reports.Results) error { return reports.Text(w, r, o) }, hostile())
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
				t.Fatalf("%+v: %U reached the terminal", o, r)
			}
		}
		if !strings.Contains(got, `\x1b[2J`) {
			t.Errorf("%+v: the escape is not shown as text", o)
		}
	}
}

func TestHostileTextStaysTextInHTML(t *testing.T) {
	t.Parallel()
	page := rendered(t, reports.HTML, hostile())
	// What is packed is base64, and becomes text by the script's textContent; it must not steer an eye either.
	got := chunk.ReplaceAllString(page, "")
	for _, bad := range []string{"\x1b", "\x00", "\u202e", "\u009b", "\ufeff", "\xff"} {
		if strings.Contains(unpacked(t, page), bad) {
			t.Errorf("%q is packed into the page", bad)
		}
	}
	for _, bad := range []string{"<img", "<script>alert", "</script></pre>", "\x1b", "\x00", "\u202e", "\u009b", "\ufeff", "\xff"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	if n := strings.Count(got, "<script"); n != 1 {
		t.Errorf("%d script elements, want our own one", n)
	}
	if at := regexp.MustCompile(`<[a-z]+[^>]*\son[a-z]+\s*=`).FindString(got); at != "" {
		t.Errorf("an event handler: %s", at)
	}
	clean := chunk.ReplaceAllString(rendered(t, reports.HTML, sample()), "")
	tags := regexp.MustCompile(`<(/?[a-z0-9]+)`)
	count := func(page string) map[string]int {
		out := map[string]int{}
		for _, m := range tags.FindAllStringSubmatch(page, -1) {
			out[m[1]]++
		}
		return out
	}
	known := count(clean)
	for tag := range count(got) {
		if known[tag] == 0 && tag != "br" {
			t.Errorf("element %s is only in the hostile page", tag)
		}
	}
}

func TestHostileTextKeepsXMLAndJSONWhole(t *testing.T) {
	t.Parallel()
	d := xml.NewDecoder(strings.NewReader(rendered(t, reports.JUnit, hostile())))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := tok.(xml.CharData); ok && bytes.ContainsAny(text, "\x00\x1b\ufffd") {
			t.Errorf("text %q", text)
		}
	}
	if raw := rendered(t, reports.CTRF, hostile()); !json.Valid([]byte(raw)) || strings.ContainsAny(raw, "\u202e\ufffd") || strings.Contains(raw, `\u001b`) {
		t.Error("ctrf is not valid or carries control characters")
	}
	if _, err := reports.Read(strings.NewReader(rendered(t, reports.Write, withoutBadUTF8(hostile())))); err != nil {
		t.Errorf("results.json: %v", err)
	}
}

// withoutBadUTF8 makes the ids such as JSON can carry, so that they are found again.
func withoutBadUTF8(r reports.Results) reports.Results {
	id := strings.ToValidUTF8(nasty, "\ufffd")
	r.Requirements[7].ID, r.Scenarios[7].ID = id, id
	r.Scenarios[7].Requirements, r.Requirements[7].Scenarios = []string{id}, []string{id}
	return r
}

// Laid out in lines, 5,000 levels would take 50 MB.
func TestDeepBodyDoesNotSwellThePage(t *testing.T) {
	t.Parallel()
	r := sample()
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for i := range r.Exchanges {
		if r.Exchanges[i].Response.Body != nil {
			r.Exchanges[i].Response.Body.Text = deep
		}
	}
	page := rendered(t, reports.HTML, r)
	if !strings.Contains(unpacked(t, page), deep) {
		t.Error("the deep body is not in the page as it came")
	}
	if len(page) > 2<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
