package schemas_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
)

// A partner's own pack may use any keyword: each violation is a sentence, in the requirement that the schema names.
func TestEveryKeywordInWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, schema, body, want string }{
		{"types", `"properties":{"a":{"type":["string","null"]}}`, `{"a":1}`, " $.a: a JSON string or null | number 1"},
		{"const", `"properties":{"a":{"const":{"b":1}}}`, `{"a":[1]}`, ` $.a: {"b":1} | an array of 1 element`},
		{"enum of mixed values", `"properties":{"a":{"enum":["x",1,null]}}`, `{"a":false}`, " $.a: one of x, 1, null | false"},
		{"email", `"properties":{"a":{"format":"email"}}`, `{"a":"b"}`, ` $.a: an e-mail address | "b"`},
		{"uuid", `"properties":{"a":{"format":"uuid"}}`, `{"a":"b"}`, ` $.a: a valid uuid | "b"`},
		{"pattern", `"properties":{"a":{"pattern":"^[0-9]$"}}`, `{"a":"b"}`, ` $.a: a text that matches ^[0-9]$ | "b"`},
		{"minLength", `"properties":{"a":{"minLength":2}}`, `{"a":"b"}`, ` $.a: a text of at least 2 characters | "b"`},
		{"maxLength", `"properties":{"a":{"maxLength":1}}`, `{"a":"bc"}`, ` $.a: a text of at most 1 character | "bc"`},
		{"minimum", `"properties":{"a":{"minimum":0.5}}`, `{"a":0.25}`, " $.a: a number of at least 0.5 | 0.25"},
		{"maximum", `"properties":{"a":{"maximum":10}}`, `{"a":11}`, " $.a: a number of at most 10 | 11"},
		{"exclusiveMinimum", `"properties":{"a":{"exclusiveMinimum":0}}`, `{"a":0}`, " $.a: a number above 0 | 0"},
		{"exclusiveMaximum", `"properties":{"a":{"exclusiveMaximum":0}}`, `{"a":0}`, " $.a: a number below 0 | 0"},
		{"multipleOf", `"properties":{"a":{"multipleOf":2}}`, `{"a":3}`, " $.a: a multiple of 2 | 3"},
		{"minItems", `"properties":{"a":{"minItems":2}}`, `{"a":[1]}`, " $.a: at least 2 elements | 1 element"},
		{"uniqueItems", `"properties":{"a":{"uniqueItems":true}}`, `{"a":[1,1]}`, " $.a: elements that all differ | 2 elements"},
		{"contains", `"properties":{"a":{"contains":{"title":"the letter x","const":"x"}}}`, `{"a":["y","z"]}`, " $.a: an element that is the letter x | 2 elements"},
		{"contains, untitled", `"properties":{"a":{"contains":{"const":"x"}}}`, `{"a":["y"]}`, " $.a: an element that is as the schema says | 1 element"},
		{"minContains", `"properties":{"a":{"minContains":2,"contains":{"title":"an x","const":"x"}}}`, `{"a":["x"]}`, " $.a: an element that is an x | 1 element"},
		{"minProperties", `"minProperties":2`, `{"a":1}`, " $: at least 2 members | member a"},
		{"maxProperties", `"maxProperties":1`, `{"a":1,"b c":2}`, ` $: at most 1 member | members a, "b c"`},
		{"dependentRequired", `"dependentRequired":{"a":["c","b"]}`, `{"a":1,"c":2}`, ` $.b: member "b" | members a, c`},
		{"dependentSchemas", `"dependentSchemas":{"a":{"required":["b"],"x-required":{"b":"GEN-05"}}}`, `{"a":1}`, `GEN-05 $.b: member "b" | member a`},
		{"not", `"properties":{"a":{"not":{"title":"an x","const":"x"}}}`, `{"a":"x"}`, ` $.a: anything but an x | "x"`},
		{"false", `"properties":{"a":false}`, `{"a":1}`, " $.a: nothing here | 1"},
		{"two of oneOf", `"oneOf":[{"required":["a"]},{"required":["b"]}]`, `{"a":1,"b":2}`, " $: just one of the alternatives | an object with members a, b"},
		{"untitled branches", `"properties":{"a":{"anyOf":[{"type":"string"},{"type":"array","minItems":2}]}}`, `{"a":[1]}`, " $.a: at least 2 elements | 1 element"},
		{"fewest violations", `"anyOf":[{"title":"one","required":["x","y"]},{"title":"two","required":["x"]}]`, `{"a":1}`, ` $.x: member "x" (two) | member a`},
		{"the deepest of equals", `"anyOf":[{"title":"one","required":["x"]},{"title":"two","properties":{"a":{"required":["x"]}}}]`, `{"a":{"b":1}}`, ` $.a.x: member "x" (two) | member b`},
		{"then", `"if":{"required":["a"]},"then":{"required":["b"]}`, `{"a":1}`, ` $.b: member "b" | member a`},
		{"else", `"if":{"required":["a"]},"else":{"required":["b"]}`, `{"c":1}`, ` $.b: member "b" | member c`},
		{"prefixItems", `"properties":{"a":{"prefixItems":[{"type":"string"},{"type":"string"}]}}`, `{"a":["x",1]}`, " $.a[1]: a JSON string | number 1"},
		{"patternProperties", `"patternProperties":{"^x/":{"type":"string","x-requirement":"GEN-05"}}`, `{"x/~y":1}`, `GEN-05 $["x/~y"]: a JSON string | number 1`},
		{"propertyNames", `"propertyNames":{"maxLength":3,"x-requirement":"GEN-05"}`, `{"long":1}`, `GEN-05 $.long: a text of at most 3 characters | member name "long"`},
		{"additionalProperties", `"properties":{"b":{}},"additionalProperties":{"type":"string","x-requirement":"GEN-05"}`, `{"a":1}`, "GEN-05 $.a: a JSON string | number 1"},
		{"no other members", `"properties":{"b":{}},"additionalProperties":false`, `{"a":1}`, " $: no other members | member a"},
		{"unevaluatedProperties", `"unevaluatedProperties":{"type":"string","x-requirement":"GEN-05"}`, `{"a":1}`, "GEN-05 $.a: a JSON string | number 1"},
		{"unevaluatedItems", `"properties":{"a":{"unevaluatedItems":{"type":"string","x-requirement":"GEN-05"}}}`, `{"a":[1]}`, "GEN-05 $.a[0]: a JSON string | number 1"},
		{"percent and slash in names", `"properties":{"a%2F/b":{"properties":{"c":{"type":"string","x-requirement":"GEN-05"}}}}`, `{"a%2F/b":{"c":1}}`, `GEN-05 $["a%2F/b"].c: a JSON string | number 1`},
		{"innermost requirement", `"x-requirement":"GEN-06","properties":{"a":{"x-requirement":"GEN-05","type":"string"},"b":{"type":"string"}}`, `{"a":1,"b":1}`,
			"GEN-05 $.a: a JSON string | number 1\nGEN-06 $.b: a JSON string | number 1"},
		{"requirement across $ref", `"properties":{"a":{"$ref":"#/$defs/a","x-requirement":"GEN-05"}},"$defs":{"a":{"required":["b","c"],"x-required":{"c":"GEN-06"}}}`, `{"a":{"d":1}}`,
			`GEN-05 $.a.b: member "b" | member d` + "\n" + `GEN-06 $.a.c: member "c" | member d`},
		{"x-required beside a $ref", `"properties":{"a":{"$ref":"#/$defs/a","x-required":{"b":"GEN-05"}}},"$defs":{"a":{"required":["b"]}}`, `{"a":{"d":1}}`, `GEN-05 $.a.b: member "b" | member d`},
		{"x-required is no matter of a member's members", `"x-required":{"b":"GEN-05"},"properties":{"a":{"required":["b"]}}`, `{"a":{"d":1}}`, ` $.a.b: member "b" | member d`},
		{"requirement of all branches", `"properties":{"a":{"x-requirement":"GEN-05","anyOf":[{"title":"a text","type":"string"},{"title":"a list","type":"array"}]}}`, `{"a":1}`, "GEN-05 $.a: a text or a list | number 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := builtinFiles(t)
			text := `{"$schema":"https://json-schema.org/draft/2020-12/schema",` + tt.schema + `}`
			files["schemas/token.answer.schema.json"] = &fstest.MapFile{Data: []byte(text)}
			p, err := schemas.Load(files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, brief(p.Validate("token.answer", []byte(tt.body)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContractShapes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, want string }{
		{"open is no flag", "    open: true", "    open: maybe", "open must be true or false"},
		{"needs is no list", "needs: [PO-UC3-02, AUTH-01, AUTH-02, GEN-10]", "needs: PO-UC3-02", "needs must be a list"},
		{"needs holds a list", "needs: [PO-UC3-02, AUTH-01, AUTH-02, GEN-10]", "needs: [[PO-UC3-02]]", "needs must be a list of texts"},
		{"section is a list", "\nqueries:\n  licences: {fleet: productRefId, ids: id}", "\nqueries: [a]", "queries must be a mapping, is a list"},
		{"catalogue is a text", "\nrequirements:\n", "\nrequirements: x\nothers:\n", "requirements must be a list"},
		{"query of nobody", "  licences: {fleet:", "  licenses: {fleet:", "no endpoint is named licenses, did you mean licences?"},
		{"relative endpoint", `path: "/ping"`, `path: "ping"`, `path must start with "/"`},
		{"schema without file", "  licences: {file: schemas/licences.schema.json,", "  licences: {", "schema licences needs a file"},
		{"payload without schema", "    schema: update.request\n", "", "payload update needs a file and a schema"},
		{"ledger without choice", "    choice: \"The table holds", "    choise: \"The table holds", "interpretation L-01 needs id, contradiction and choice"},
		{"endpoint is a text", `  ping: {serves: partner, method: GET, path: "/ping"}`, "  ping: x", `endpoint ping must be a mapping, is "x"`},
		{"two documents", "name: mba-2.2", "---\na: b\n---\nname: mba-2.2", "more than one YAML document"},
		{"merge key", "name: mba-2.2", "<<: {a: b}\nname: mba-2.2", "no anchor, alias, tag or merge key"},
		{"key twice", "version: \"2.2.0\"", "version: \"2.2.0\"\nname: other", "name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := builtinFiles(t)
			before := string(files["contract.yaml"].Data)
			after := strings.Replace(before, tt.old, tt.new, 1)
			if after == before {
				t.Fatalf("the contract does not hold %q", tt.old)
			}
			files["contract.yaml"].Data = []byte(after)
			problems := schemas.Check(files)
			if !strings.Contains(listed(problems), tt.want) {
				t.Errorf("no problem holds %q; there are:\n%s", tt.want, listed(problems))
			}
		})
	}
}
