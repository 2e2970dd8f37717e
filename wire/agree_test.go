package wire_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/wire"
)

// The structs and the contract pack are two statements of one contract, written apart; these tests hold them together.

func TestSchemasAcceptWhatTheStructsWrite(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	written := samples()
	for name, schema := range map[string]string{
		"order.json":            "order.answer",
		"update-request.json":   "update.request",
		"event-operations.json": "event.operations",
		"token.json":            "token.answer",
		"token-error.json":      "token.error",
		"error.json":            "gateway.error",
		"licence.json":          "licence",
	} {
		body, err := json.Marshal(written[name])
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range pack.Judge(schema, "application/json", body) {
			t.Errorf("%s: %s: expected %s, seen %s", name, v.Path, v.Expected, v.Seen)
		}
	}
}

// What Orange sends must survive a struct, each member that the contract knows. (What other partners may answer is wider
// than what this one does.)
func TestStructsKeepWhatTheExamplesHold(t *testing.T) {
	t.Parallel()
	examples := os.DirFS("../schemas/mba-2.2/examples")
	for schema, target := range map[string]any{
		"order.request":  wire.ProductOrder{},
		"update.request": wire.UpdateRequest{},
		"token.answer":   wire.Token{},
		"token.error":    wire.TokenError{},
		"gateway.error":  wire.Error{},
	} {
		files, err := fs.Glob(examples, path.Join(schema, "valid-*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: examples %q, %v", schema, files, err)
		}
		for _, file := range files {
			body, err := fs.ReadFile(examples, file)
			if err != nil {
				t.Fatal(err)
			}
			v := reflect.New(reflect.TypeOf(target))
			if err := json.Unmarshal(body, v.Interface()); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			again, err := json.Marshal(v.Interface())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, body), tree(t, again)); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
		}
	}
}

// tree is a body without the members that are unknown on purpose.
func tree(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return known(v)
}

func known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if strings.HasPrefix(name, "x-") {
				delete(v, name)
				continue
			}
			v[name] = known(member)
		}
	case []any:
		for i := range v {
			v[i] = known(v[i])
		}
	}
	return v
}
