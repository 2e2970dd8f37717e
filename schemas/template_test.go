package schemas_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
)

// withTemplate gives the built-in pack with another order template.
func withTemplate(t *testing.T, template string) *schemas.Pack {
	t.Helper()
	files := builtinFiles(t)
	files["payloads/order.json"] = &fstest.MapFile{Data: []byte(template)}
	p, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPayloadRules(t *testing.T) {
	t.Parallel()
	type vars = map[string]any
	tests := []struct {
		name, template string
		vars           vars
		want           string
	}{
		{"type kept", `{"i":"$v.i","f":"$v.f","s":"$v.s","b":"$v.b","a":"$v.a"}`,
			vars{"v": vars{"i": 3, "f": 1.5, "s": "x", "b": false, "a": []int{1}}}, `{"i":3,"f":1.5,"s":"x","b":false,"a":[1]}`},
		{"zero is a value", `{"i":"$i"}`, vars{"i": 0}, `{"i":0}`},
		{"member order kept", `{"z":"$v","a":1,"m":"$v"}`, vars{"v": "x"}, `{"z":"x","a":1,"m":"x"}`},
		{"missing member removed", `{"a":"$none","b":1}`, nil, `{"b":1}`},
		{"nil removed", `{"a":"$a"}`, vars{"a": nil}, `{}`},
		{"typed nil removed", `{"a":"$a"}`, vars{"a": []string(nil)}, `{}`},
		{"empty text, list and map removed", `{"a":"$a","b":"$b","c":"$c"}`, vars{"a": "", "b": []any{}, "c": vars{}}, `{}`},
		{"path through a text", `{"a":"$a.b"}`, vars{"a": "x"}, `{}`},
		{"texts by name", `{"a":"$a.b","c":"$a.c"}`, vars{"a": map[string]string{"b": "x"}}, `{"a":"x"}`},
		{"constants don't keep an object", `{"r":{"type":"orange","id":"$id"}}`, nil, `{}`},
		{"one value keeps it", `{"r":{"type":"orange","id":"$id","x":"$x"}}`, vars{"id": "1"}, `{"r":{"type":"orange","id":"1"}}`},
		{"constants alone stay", `{"r":{"type":"orange"},"e":{},"l":[1]}`, nil, `{"r":{"type":"orange"},"e":{},"l":[1]}`},
		{"pruned from the depth", `{"a":{"k":1,"b":{"k":1,"c":{"k":1,"v":"$none"}}}}`, nil, `{}`},
		{"kept from the depth", `{"a":{"k":1,"b":{"c":"$v"},"d":{"e":"$none"}}}`, vars{"v": 1}, `{"a":{"k":1,"b":{"c":1}}}`},
		{"array left empty", `{"a":["$x",{"b":"$x"}]}`, nil, `{}`},
		{"array of what is left", `{"a":["$x","$y"]}`, vars{"y": 2}, `{"a":[2]}`},
		{"empty array keeps no parent", `{"o":{"k":1,"a":[{"b":"$x"}]}}`, nil, `{}`},
		{"each", `{"a":[{"$each":"l","n":"$item.n","k":"$k"}]}`,
			vars{"l": []vars{{"n": 1}, {"n": 2}}, "k": "c"}, `{"a":[{"n":1,"k":"c"},{"n":2,"k":"c"}]}`},
		{"each over any", `{"a":[{"$each":"l","n":"$item.n"}]}`, vars{"l": []any{vars{"n": 1}}}, `{"a":[{"n":1}]}`},
		{"each over one map", `{"a":[{"$each":"item","n":"$item.n"}]}`, vars{"item": vars{"n": 1}}, `{"a":[{"n":1}]}`},
		{"each over an empty map", `{"a":[{"$each":"item","n":"$item.n","x":"$x"}]}`, vars{"item": vars{}, "x": 1}, `{}`},
		{"each without items", `{"a":[{"$each":"l","k":1}],"b":2}`, nil, `{"b":2}`},
		{"each keeps out what has no value", `{"a":[{"$each":"l","k":1,"n":"$item.n"}]}`, vars{"l": []vars{{}, {"n": 2}}}, `{"a":[{"k":1,"n":2}]}`},
		{"each without an array's object", `{"o":{"k":1,"a":[{"$each":"l","n":"$item.n"}]}}`, nil, `{}`},
		{"each in each", `{"a":[{"$each":"l","b":[{"$each":"item.m","n":"$item.n"}]}]}`,
			vars{"l": []vars{{"m": []vars{{"n": 1}}}, {"m": []vars{{"n": 2}, {"n": 3}}}}}, `{"a":[{"b":[{"n":1}]},{"b":[{"n":2},{"n":3}]}]}`},
		{"item outside each is a variable", `{"a":"$item.n"}`, vars{"item": vars{"n": 1}}, `{"a":1}`},
		{"escaped dollar", `{"a":"$$order.id","b":"$$$","c":"a$"}`, nil, `{"a":"$order.id","b":"$$","c":"a$"}`},
		{"dollar inside a text", `{"a":"costs $order.id"}`, nil, `{"a":"costs $order.id"}`},
		{"no HTML escapes", `{"a":"$a","b":"<&>"}`, vars{"a": "<é&>"}, `{"a":"<é&>","b":"<&>"}`},
		{"literals", `{"a":null,"b":true,"c":-1.50e3,"d":[],"e":""}`, nil, `{"a":null,"b":true,"c":-1.50e3,"d":[],"e":""}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := withTemplate(t, tt.template).Payload("order", tt.vars)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPayloadErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, payload string
		vars          map[string]any
		want          string
	}{
		{"unknown template", "ordre", nil, "render payload ordre: the pack has no such template"},
		{"not a list", "order", map[string]any{"contacts": "x"}, "variable contacts is a string, not a list of maps"},
		{"list of texts", "order", map[string]any{"contacts": []any{"x"}}, "variable contacts: element 0 is a string, not a map"},
		{"not JSON", "order", map[string]any{"order": map[string]any{"category": func() {}}}, "category: variable order.category: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := builtinPack(t).Payload(tt.payload, tt.vars)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestPayloadsOfThePack(t *testing.T) {
	t.Parallel()
	type vars = map[string]any
	p := builtinPack(t)
	tests := []struct {
		name, payload, schema string
		vars                  vars
		want                  string
	}{
		{"licences", "order", "order.request", vars{
			"order":    vars{"externalReference": "O1", "category": "production"},
			"customer": vars{"id": "c1", "externalReference": "C1", "tradingName": "Boulangerie Imaginaire"},
			"item":     vars{"action": "add", "quantity": 3, "offering": "S"},
		}, `{"externalReference":{"type":"orange","id":"O1"},"category":"production","customer":{"id":"c1","externalReference":{"type":"orange","id":"C1"},"tradingName":"Boulangerie Imaginaire"},"orderItem":[{"action":"add","productRef":{"userServiceQuantity":3},"productOffering":{"externalReference":{"type":"orange","id":"S"}}}]}`},
		{"unknown fields stay out without an item", "order", "", vars{"extra": vars{"x": 1}}, `{"customer":{"x-unknownToYou":{"x":1}},"x-unknownToYou":{"x":1}}`},
		{"unknown fields in root and item", "order", "", vars{"extra": vars{"x": 1}, "item": vars{"action": "add"}},
			`{"customer":{"x-unknownToYou":{"x":1}},"orderItem":[{"action":"add","productRef":{"x-unknownToYou":{"x":1}},"x-unknownToYou":{"x":1}}],"x-unknownToYou":{"x":1}}`},
		{"nothing", "order", "", nil, `{}`},
		{"suspend and swap", "update", "update.request", vars{
			"update": vars{"externalReference": "U1"}, "licences": []vars{{"id": "1", "externalState": "suspended"}, {"id": "2", "swap": "L"}},
		}, `{"externalReference":{"type":"orange","id":"U1"},"userServices":[{"id":"1","externalState":"suspended"},{"id":"2","productOfferingOperation":{"action":"swap","productOffering":{"externalReference":{"type":"orange","id":"L"}}}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := p.Payload(tt.payload, tt.vars)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if !json.Valid(got) {
				t.Error("not JSON")
			}
			if tt.schema != "" {
				if v := p.Validate(tt.schema, got); v != nil {
					t.Errorf("violations: %+v", v)
				}
			}
		})
	}
}
