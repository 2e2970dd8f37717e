package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/schemas"
)

const orderAnswer = `{"id":"ord-1","externalReference":{"type":"orange","id":"ref-1"},"state":"completed",
"category":"production","customer":{"id":"cus-1","externalReference":{"type":"orange","id":"ref-2"}},
"orderItem":[{"id":"itm-1","action":"add","state":"completed","productRef":{"id":"flt-1","userServiceQuantity":2},
"productOffering":{"name":"Notes Standard","externalReference":{"type":"orange","id":"NOTES-S"}}}]}`

const licence = `{"id":"lic-%d","relatedProductRefId":"flt-1","state":"active","productOffering":{"name":"Notes Standard",
"externalReference":{"type":"orange","id":"NOTES-S"}},"right":[{"loginKeyValue":{"key":"login","value":"user%d"},
"email":"user%d@example.com"}]}`

// measureJudge times the whole judgement of a body: wire form, empties, schema.
func measureJudge(f figures) error {
	pack, err := schemas.Builtin()
	if err != nil {
		return fmt.Errorf("loading the contract pack: %w", err)
	}
	fleet := make([]string, 100)
	for i := range fleet {
		fleet[i] = fmt.Sprintf(licence, i, i, i)
	}
	for _, body := range []struct{ name, schema, text string }{
		{"order answer", "order.answer", orderAnswer},
		{"fleet of 100 licences", "licences", "[" + strings.Join(fleet, ",") + "]"},
	} {
		data := []byte(body.text)
		if v := pack.Judge(body.schema, "application/json", data); len(v) > 0 {
			return fmt.Errorf("the bench's own %s breaks its schema: %+v", body.name, v)
		}
		result := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				pack.Judge(body.schema, "application/json", data)
			}
		})
		f.add("judging one "+body.name, "%d ns, %d bytes", result.NsPerOp(), len(data))
	}
	return nil
}
