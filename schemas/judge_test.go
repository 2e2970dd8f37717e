package schemas_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
)

func updateGoldens() bool { return flag.Lookup("update").Value.(flag.Getter).Get().(bool) }

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden files anew")
	flag.Parse()
	os.Exit(m.Run())
}

const aJSON = "application/json"

// brief writes violations one a line, for tables.
func brief(violations []schemas.Violation) string {
	var b strings.Builder
	for _, v := range violations {
		fmt.Fprintf(&b, "%s %s: %s | %s\n", v.Requirement, v.Path, v.Expected, v.Seen)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

const goodAnswer = `{"id":"1","externalReference":{"type":"orange","id":"O1"},"state":"completed"}`

func TestJudgeContentType(t *testing.T) {
	t.Parallel()
	tests := []struct{ contentType, want string }{
		{"application/json", ""},
		{"Application/JSON", ""},
		{"application/json; charset=utf-8", ""},
		{"application/json;charset=UTF-8; profile=x", ""},
		{`application/json; charset="us-ascii"`, ""},
		{"application/json; charset", ""},
		{"application/hal+json", ""},
		{"", "GEN-12 $: Content-Type application/json | no Content-Type"},
		{"text/html", "GEN-12 $: Content-Type application/json | Content-Type text/html"},
		{"text/json", "GEN-12 $: Content-Type application/json | Content-Type text/json"},
		{"application/jsonp", "GEN-12 $: Content-Type application/json | Content-Type application/jsonp"},
		{"json", "GEN-12 $: Content-Type application/json | Content-Type json"},
		{"application/json; charset=iso-8859-1", "GEN-12 $: Content-Type application/json in UTF-8 | Content-Type application/json; charset=iso-8859-1"},
	}
	for _, tt := range tests {
		t.Run(tt.contentType, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, brief(builtinPack(t).Judge("order.answer", tt.contentType, []byte(goodAnswer)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJudgeWireForm(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 300) + strings.Repeat("]", 300)
	tests := []struct{ name, body, want string }{
		{"empty", "", "GEN-12 $: a JSON body | an empty body"},
		{"blank", " \n\t", "GEN-12 $: a JSON body | an empty body"},
		{"BOM", "\ufeff" + goodAnswer, "GEN-12 $: JSON without a byte order mark | a byte order mark before the JSON"},
		{"BOM alone", "\ufeff", "GEN-12 $: JSON without a byte order mark | a byte order mark before the JSON\nGEN-12 $: a JSON body | an empty body"},
		{"UTF-16", "\xff\xfe{\x00", "GEN-12 $: JSON in UTF-8 | not JSON: no JSON value starts with byte 0xff at byte 0"},
		{"latin-1", "{\"id\":\"caf\xe9\"}", "GEN-12 $: JSON in UTF-8 | not JSON: a byte that is not UTF-8 at byte 10"},
		{"HTML", "<html>", `GEN-12 $: JSON in UTF-8 | not JSON: no JSON value starts with "<" at byte 0`},
		{"cut", `{"id":"1"`, `GEN-12 $: JSON in UTF-8 | not JSON: expected "," or "}" at byte 9`},
		{"cut in a text", `{"id":"1`, `GEN-12 $: JSON in UTF-8 | not JSON: the text ends inside a string at byte 8`},
		{"cut after a name", `{"id"`, `GEN-12 $: JSON in UTF-8 | not JSON: expected ":" at byte 5`},
		{"cut before a value", `{"id":`, `GEN-12 $: JSON in UTF-8 | not JSON: the text ends at byte 6`},
		{"trailing comma", `{"id":"1",}`, `GEN-12 $: JSON in UTF-8 | not JSON: expected a member name in double quotes at byte 10`},
		{"trailing comma in an array", `[1,]`, `GEN-12 $: JSON in UTF-8 | not JSON: no JSON value starts with "]" at byte 3`},
		{"single quotes", `{'id':1}`, `GEN-12 $: JSON in UTF-8 | not JSON: expected a member name in double quotes at byte 1`},
		{"NaN", `{"id":NaN}`, `GEN-12 $: JSON in UTF-8 | not JSON: no JSON value starts with "N" at byte 6`},
		{"leading zero", `[01]`, `GEN-12 $: JSON in UTF-8 | not JSON: expected "," or "]" at byte 2`},
		{"bare minus", `[-]`, `GEN-12 $: JSON in UTF-8 | not JSON: expected a digit at byte 2`},
		{"bare point", `[1.]`, `GEN-12 $: JSON in UTF-8 | not JSON: expected a digit at byte 3`},
		{"tru", `[tru]`, `GEN-12 $: JSON in UTF-8 | not JSON: expected true at byte 1`},
		{"line feed in a text", "[\"a\nb\"]", `GEN-12 $: JSON in UTF-8 | not JSON: a control character in a string at byte 3`},
		{"broken escape", `["\x"]`, `GEN-12 $: JSON in UTF-8 | not JSON: a string with a broken escape at byte 1`},
		{"too deep", deep, "GEN-12 $: JSON nested at most 200 levels | deeper nesting"},
		{"trailing data", goodAnswer + "{}", "GEN-12 $: one JSON value | data after the JSON value at byte 78"},
		{"duplicate", `{"id":"1","id":"2","externalReference":{"id":"O1","id":"O1"},"state":"completed"}`,
			`GEN-12 $.externalReference.id: each member once | member "id" twice` + "\n" + `GEN-12 $.id: each member once | member "id" twice`},
		{"huge number", strings.Replace(goodAnswer, `"1"`, `1e999999999`, 1), "GEN-12 $.id: a number that a double can hold | number 1e999999999"},
		{"tiny number", strings.Replace(goodAnswer, `"1"`, `1e-999999999`, 1), "GEN-12 $.id: a number that a double can hold | number 1e-999999999"},
		{"endless number", strings.Replace(goodAnswer, `"1"`, strings.Repeat("9", 2000), 1),
			"GEN-12 $.id: a number that a double can hold | number " + strings.Repeat("9", 80) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, brief(builtinPack(t).Judge("order.answer", aJSON, []byte(tt.body)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJudgeEmptiesAndSchema(t *testing.T) {
	t.Parallel()
	const none = "a value, or nothing at all"
	tests := []struct{ name, schema, body, want string }{
		{"an empty fleet is an answer", "licences", `[]`, ""},
		{"null for an empty fleet", "licences", `null`, "GEN-02 $: " + none + " | null"},
		{"empty root", "order.answer", `{}`, "GEN-02 $: " + none + " | an empty object"},
		{"what is empty is not reported as wrong or missing too", "order.answer",
			`{"id":null,"externalReference":{},"state":"","orderItem":[]}`,
			"GEN-02 $.externalReference: " + none + " | an empty object\nGEN-02 $.id: " + none + " | null\n" +
				"GEN-02 $.orderItem: " + none + " | an empty array\nGEN-02 $.state: " + none + " | an empty string"},
		{"empties in what nobody knows", "order.answer", strings.Replace(goodAnswer, "{", `{"x":[[null],{"y":""}],`, 1),
			"GEN-02 $.x[0][0]: " + none + " | null\nGEN-02 $.x[1].y: " + none + " | an empty string"},
		{"one cause for a wrong type", "event.update", `{"type":"t","resource":{"state":7}}`, "US-UC6-02 $.resource.state: a JSON string | number 7"},
		{"same fault in many contacts", "order.answer", strings.Replace(goodAnswer, "{", `{"relatedContact":[{"id":1},{"id":"2"},{"id":3},{"id":true}],`, 1),
			"GEN-12 $.relatedContact[0].id: a JSON string | number 1, and 2 more like it"},
		{"indexes sort as numbers", "update.answer",
			`{"state":"failed","userServices":[` + strings.Repeat(`{"id":"1","state":"active"},`, 2) + `{"id":"3"},` +
				strings.Repeat(`{"id":"1","state":"active"},`, 8) + `{"state":"active"}]}`,
			`US-UC2-06 $.userServices[2].state: member "state" | member id` + "\n" + `US-UC2-06 $.userServices[11].id: member "id" | member state`},
		{"odd names", "order.answer", strings.Replace(goodAnswer, "{", `{"a b":"","é":null,"":null,"1a":{},`, 1),
			`GEN-02 $[""]: ` + none + " | null\n" + `GEN-02 $["1a"]: ` + none + " | an empty object\n" +
				`GEN-02 $["a b"]: ` + none + " | an empty string\n" + `GEN-02 $["é"]: ` + none + " | null"},
		{"types in words", "order.answer",
			strings.Replace(goodAnswer, "{", `{"customer":[1],"relatedContact":{"a":1,"b":2},"orderItem":[true,"x"],`, 1),
			"GEN-12 $.customer: a JSON object | an array of 1 element\nGEN-12 $.orderItem[0]: a JSON object | boolean true, and 1 more like it\n" +
				"GEN-12 $.relatedContact: a JSON array | an object with members a, b"},
		{"an integer may be written 2.0", "order.answer", strings.Replace(goodAnswer, "{", `{"orderItem":[{"productRef":{"userServiceQuantity":2.0}}],`, 1), ""},
		{"a fraction may not", "order.answer", strings.Replace(goodAnswer, "{", `{"orderItem":[{"productRef":{"userServiceQuantity":2.5}}],`, 1),
			"GEN-12 $.orderItem[0].productRef.userServiceQuantity: a JSON integer | number 2.5"},
		{"nearest branch", "licence", `{"id":"1"}`,
			`PO-UC2-03 $.productOffering: member "productOffering" (one licence) | member id` + "\n" +
				`PO-UC2-03 $.relatedProductRefId: member "relatedProductRefId" (one licence) | member id` + "\n" +
				`PO-UC2-03 $.state: member "state" (one licence) | member id`},
		{"no branch", "licence", `true`, "US-UC1-03 $: one licence or an array of one licence | boolean true"},
		{"no such schema", "order.anser", `{"a":1}`, " $: a schema named order.anser | none in the pack"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, brief(builtinPack(t).Judge(tt.schema, aJSON, []byte(tt.body)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValidateIsTheSchemaAlone(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	if got := p.Validate("order.answer", []byte(strings.Replace(goodAnswer, "{", `{"note":null,"x":{},`, 1))); got != nil {
		t.Errorf("violations: %+v", got)
	}
	if got := brief(p.Validate("token.answer", []byte(`{`))); !strings.HasPrefix(got, "GEN-12 $: JSON in UTF-8 | not JSON") {
		t.Errorf("got %s", got)
	}
}

func TestJudgeIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, `"m%d":null,`, i)
	}
	long := strings.Repeat("é", 500)
	body := strings.Replace(goodAnswer, "{", "{"+b.String()+`"`+long+`":null,`, 1)
	got := builtinPack(t).Judge("order.answer", aJSON, []byte(body))
	if len(got) != 20 {
		t.Errorf("%d violations, want 20", len(got))
	}
	got = builtinPack(t).Judge("order.answer", aJSON, []byte(strings.Replace(goodAnswer, "completed", long, 1)))
	if len(got) != 1 || len([]rune(got[0].Seen)) != 83 {
		t.Errorf("violations: %+v", got)
	}
}

// hundred is a fleet of 100 licences, about 40 KB.
func hundred(without string) []byte {
	var items []string
	for i := range 100 {
		licence := map[string]any{
			"id": fmt.Sprintf("lic-%03d", i), "relatedProductRefId": "flt-1", "state": "active",
			"productOffering":   map[string]any{"name": "Notes Standard", "externalReference": map[string]any{"type": "orange", "id": "NOTES-S"}},
			"endUser":           map[string]any{"id": "usr", "givenName": "Ada", "familyName": "Exemple", "email": "ada@example.com"},
			"realizingResource": []any{map[string]any{"type": "URL", "characteristic": []any{map[string]any{"name": "url", "value": "https://notes.example.com"}}}},
			"right":             []any{map[string]any{"loginKeyValue": map[string]any{"key": "login", "value": "ada@example.com"}, "email": "ada@example.com"}},
		}
		delete(licence, without)
		text, err := json.Marshal(licence)
		if err != nil {
			panic(err)
		}
		items = append(items, string(text))
	}
	return []byte("[" + strings.Join(items, ",") + "]")
}

func TestJudgeFoldsAHundred(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	if got := p.Judge("licences", aJSON, hundred("")); got != nil {
		t.Errorf("violations: %+v", got)
	}
	want := `PO-UC2-03 $[0].state: member "state" | members endUser, id, productOffering, realizingResource, relatedProductRefId, right, and 99 more like it`
	if diff := cmp.Diff(want, brief(p.Judge("licences", aJSON, hundred("state")))); diff != "" {
		t.Error(diff)
	}
}

// The validator visits members in the order of a Go map: what comes out must not show it.
func TestJudgeIsStable(t *testing.T) {
	t.Parallel()
	p := builtinPack(t)
	body, err := os.ReadFile("testdata/judge/order.answer.json")
	if err != nil {
		t.Fatal(err)
	}
	first := p.Judge("order.answer", "text/plain", body)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				if diff := cmp.Diff(first, p.Judge("order.answer", "text/plain", body)); diff != "" {
					t.Error(diff)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestJudgeGoldens(t *testing.T) {
	t.Parallel()
	bodies, err := filepath.Glob("testdata/judge/*.json")
	if err != nil || len(bodies) == 0 {
		t.Fatalf("no bodies: %v", err)
	}
	for _, file := range bodies {
		schema := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(builtinPack(t).Judge(schema, "text/plain", body), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if updateGoldens() {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Error(diff)
			}
		})
	}
}
