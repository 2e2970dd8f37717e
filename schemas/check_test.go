package schemas_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clementine-ope/clementine/schemas"
)

// builtinFiles copies the pack's folder into memory, so that a test can break it.
func builtinFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	dir := os.DirFS("mba-2.2")
	err := fs.WalkDir(dir, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dir, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCheckFindsNothingInTheBuiltinPack(t *testing.T) {
	t.Parallel()
	for _, problem := range schemas.Check(os.DirFS("mba-2.2")) {
		t.Error(problem)
	}
}

// Each row breaks one thing. The problem must name the file, the line on which at (or else the new text) first stands,
// and hold want.
func TestCheckFindsSeededFaults(t *testing.T) {
	t.Parallel()
	const contract, answer = "contract.yaml", "schemas/order.answer.schema.json"
	tests := []struct {
		name, file, old, new, at, want string
		otherFile                      string // where the problem is reported, if not in file
		notLoadable                    bool
	}{
		{name: "unknown key", file: contract, old: "  order: {serves: partner,", new: "  order: {srves: partner,", want: "unknown key srves, did you mean serves?", notLoadable: true},
		{name: "unknown section", file: contract, old: "\nvalues:", new: "\nvalue:", at: "value:\n", want: "unknown key value, did you mean values?", notLoadable: true},
		{name: "not YAML", file: contract, old: "  licence.id: id", new: "  licence.id: [id", at: "  licence.fleet", want: "not readable as YAML", notLoadable: true},
		{name: "alias", file: contract, old: "version: \"2.2.0\"", new: "version: &v \"2.2.0\"", want: "no anchor", notLoadable: true},
		{name: "missing path", file: contract, old: "  order.fleet: orderItem.0.productRef.id\n", at: "paths:", want: "path order.fleet is missing", notLoadable: true},
		{name: "misspelt path", file: contract, old: "  order.fleet:", new: "  order.flete:", at: "paths:", want: "path order.flete is not one that Clementine knows, did you mean order.fleet?", notLoadable: true},
		{name: "missing value", file: contract, old: "  action.swap: swap\n", at: "values:", want: "value action.swap is missing", notLoadable: true},
		{name: "missing endpoint", file: contract, old: "  ping: {serves: partner, method: GET, path: \"/ping\"}\n", at: "endpoints:", want: "endpoint ping is missing", notLoadable: true},
		{name: "missing query", file: contract, old: "ids: id}", new: "others: id}", at: "queries:", want: "licences needs the query parameter ids", notLoadable: true},
		{name: "empty path", file: contract, old: "  order.fleet: orderItem.0.productRef.id\n", new: "  order.fleet: \"\"\n", want: "order.fleet must be a text", notLoadable: true},
		{name: "unknown method", file: contract, old: "method: GET, path: \"/ping\"", new: "method: FETCH, path: \"/ping\"", want: "method must be one of GET", notLoadable: true},
		{name: "unknown level", file: contract, old: "id: GEN-01\n    level: mandatory", new: "id: GEN-01\n    level: must", at: "level: must", want: "level must be one of mandatory, optional, advice", notLoadable: true},
		{name: "unknown need", file: contract, old: "needs: [PO-UC3-02, AUTH-01, AUTH-02, GEN-10]", new: "needs: [PO-UC3-99]", at: "id: PO-UC2-05", want: "PO-UC3-99, which is no requirement, did you mean PO-UC2-09?", notLoadable: true},
		{name: "circle of needs", file: contract, old: "id: US-UC1-05\n", new: "id: US-UC1-05\n    needs: [US-UC1-05]\n", at: "id: US-UC1-05", want: "needs form a circle: US-UC1-05 -> US-UC1-05", notLoadable: true},
		{name: "id given twice", file: contract, old: "id: GEN-04\n", new: "id: GEN-03\n", at: "- id: GEN-03\n    level: advice", want: "GEN-03 is given twice", notLoadable: true},
		{name: "schema file missing", file: contract, old: "schemas/licence.schema.json", new: "schemas/license.schema.json", want: "there is no file schemas/license.schema.json", notLoadable: true},
		{name: "schema's default requirement", file: contract, old: "licence: {file: schemas/licence.schema.json, requirement: US-UC1-03", new: "licence: {file: schemas/licence.schema.json, requirement: US-UC1-33", want: "US-UC1-33, which is no requirement", notLoadable: true},
		{name: "payload for no schema", file: contract, old: "schema: update.request", new: "schema: update.rekwest", at: "  update:\n    file", want: "no schema is named update.rekwest", notLoadable: true},
		{name: "schema not JSON", file: answer, old: `"required": [`, new: `"required": [[`, want: "not JSON", at: `"x-required"`, notLoadable: true},
		{name: "schema does not compile", file: answer, old: `"type": "string"`, new: `"type": "text"`, want: "not a JSON Schema at /properties/state/type", notLoadable: true},
		{name: "shared schema with a type that is none", file: "schemas/common.schema.json", old: `"type": "object"`, new: `"type": "objekt"`, want: "not a JSON Schema at /$defs/", notLoadable: true},
		{name: "misspelt keyword", file: answer, old: `"required": [`, new: `"requried": [`, want: `unknown keyword "requried", did you mean required?`},
		{name: "keyword twice", file: answer, old: `"x-required": {`, new: `"required": ["id"], "x-required": {`, want: `keyword "required" is given twice`},
		{name: "unknown format", file: "schemas/order.request.schema.json", old: `"format": "email"`, new: `"format": "mail"`, want: `unknown format "mail"`},
		{name: "no $schema", file: answer, old: `"$schema": "https://json-schema.org/draft/2020-12/schema",`, at: "{", want: `"$schema" is missing`},
		{name: "other draft", file: answer, old: `draft/2020-12/schema"`, new: `draft/2019-09/schema"`, want: `"$schema" must be`},
		{name: "closed object", file: answer, old: `"required": [`, new: `"additionalProperties": false, "required": [`, want: "additionalProperties: false would refuse"},
		{name: "closed object, deep", file: "schemas/common.schema.json", old: `"realizingResource": {`, new: `"realizingResource": {"unevaluatedProperties": false,`, want: "unevaluatedProperties: false would refuse"},
		{name: "$ref to nothing", file: answer, old: "$defs/order\"", new: "$defs/ordre\"", want: "leads nowhere", notLoadable: true},
		{name: "$ref to no file", file: answer, old: "common.schema.json#", new: "comon.schema.json#", want: "there is no file schemas/comon.schema.json", notLoadable: true},
		{name: "$ref outside", file: answer, old: "\"common.schema.json#", new: "\"https://example.com/common.schema.json#", want: "leads out of the pack", notLoadable: true},
		{name: "unknown x-requirement", file: "schemas/licences.schema.json", old: `"US-UC1-01"`, new: `"US-UC1-11"`, want: `"US-UC1-11" is no requirement`},
		{name: "unknown x-required", file: answer, old: `"GEN-05"`, new: `"GEN-55"`, want: `"GEN-55" is no requirement`},
		{name: "x-requirement is no text", file: "schemas/licences.schema.json", old: `"x-requirement": "US-UC1-01"`, new: `"x-requirement": 7`, want: "a requirement id must be a string", notLoadable: true},
		{name: "template not JSON", file: "payloads/order.json", old: `"category": `, new: `"category" `, want: `expected ":"`, notLoadable: true},
		{name: "unknown directive", file: "payloads/order.json", old: `"$each": "contacts"`, new: `"$echo": "contacts"`, want: `unknown directive "$echo"`, notLoadable: true},
		{name: "$each in no array", file: "payloads/order.json", old: `"type": "orange",`, new: `"$each": "x", "type": "orange",`, want: `"$each" stands in an object inside an array`, notLoadable: true},
		{name: "bad placeholder", file: "payloads/order.json", old: `"$order.category"`, new: `"$order..category"`, want: `placeholder "$order..category" is not a path`, notLoadable: true},
		{name: "template breaks its schema", file: "payloads/order.json", old: `"tradingName"`, new: `"name"`, at: "{", want: "$.customer.tradingName: expected member"},
		{name: "sample not JSON", file: "payloads/update.sample.json", old: `"update": `, new: `"update" `, want: "samples must be a JSON object"},
		{name: "sample missing", file: contract, old: "[payloads/update.sample.json]", new: "[payloads/none.json]", at: "  update:\n    file", want: "there is no file payloads/none.json"},
		{name: "no samples", file: contract, old: "    samples: [payloads/update.sample.json]\n", at: "  update:\n    file", want: "has no samples"},
		{name: "valid example is not", file: "examples/licences/valid-fleet.json", old: `"active"`, new: `"on"`, at: "[", want: "must give none, gives GEN-12 $[0].state"},
		{name: "invalid example is valid", file: "examples/token.answer/invalid-expiry-text.json", old: `"3600"`, new: `3600`, at: "{", want: "must give $.expires_in a JSON integer, gives none"},
		{name: "want differs", file: "examples/order.answer/invalid-no-id.want.json", old: "GEN-05", new: "GEN-06", want: "must give GEN-06 $.id", otherFile: "examples/order.answer/invalid-no-id.json"},
		{name: "want is not JSON", file: "examples/order.answer/invalid-no-id.want.json", old: "[", new: "[[", want: "is not a list of requirement", otherFile: "examples/order.answer/invalid-no-id.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := builtinFiles(t)
			before := string(files[tt.file].Data)
			if !strings.Contains(before, tt.old) {
				t.Fatalf("%s does not hold %q", tt.file, tt.old)
			}
			after := strings.Replace(before, tt.old, tt.new, 1)
			files[tt.file].Data = []byte(after)
			file, line := tt.file, 1
			if tt.otherFile != "" {
				file = tt.otherFile
			} else {
				at := tt.at
				if at == "" {
					at = tt.new
				}
				line = 1 + strings.Count(after[:strings.Index(after, at)], "\n")
			}
			problems := schemas.Check(files)
			if !found(problems, file, line, tt.want) {
				t.Errorf("no problem at %s:%d holds %q; there are:\n%s", file, line, tt.want, listed(problems))
			}
			if _, err := schemas.Load(files); (err != nil) != tt.notLoadable {
				t.Errorf("Load gives %v, want an error: %v", err, tt.notLoadable)
			}
		})
	}
}

func found(problems []schemas.Problem, file string, line int, want string) bool {
	for _, p := range problems {
		if p.File == file && p.Line == line && strings.Contains(p.Msg, want) {
			return true
		}
	}
	return false
}

func listed(problems []schemas.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

func TestCheckFindsMissingFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, remove, file, want string }{
		{"contract", "contract.yaml", "contract.yaml", "a contract pack is a folder with a contract.yaml"},
		{"template", "payloads/order.json", "contract.yaml", "there is no file payloads/order.json"},
		{"want", "examples/licence/invalid-two.want.json", "examples/licence/invalid-two.json", "there is no invalid-two.want.json"},
		{"valid example", "examples/token.error/valid-invalid-client.json", "contract.yaml", "schema token.error needs a valid and an invalid example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := builtinFiles(t)
			delete(files, tt.remove)
			for _, p := range schemas.Check(files) {
				if p.File == tt.file && strings.Contains(p.Msg, tt.want) {
					return
				}
			}
			t.Errorf("no problem in %s holds %q; there are:\n%s", tt.file, tt.want, listed(schemas.Check(files)))
		})
	}
}

// A stray example is a check that nobody makes.
func TestCheckRefusesStrayExamples(t *testing.T) {
	t.Parallel()
	files := builtinFiles(t)
	files["examples/licens/valid-x.json"] = &fstest.MapFile{Data: []byte("[]")}
	files["examples/licences/good.json"] = &fstest.MapFile{Data: []byte("[]")}
	problems := schemas.Check(files)
	if !found(problems, "examples/licens/valid-x.json", 1, "no schema is named licens, did you mean licence?") ||
		!found(problems, "examples/licences/good.json", 1, "valid-… or invalid-…") {
		t.Errorf("there are:\n%s", listed(problems))
	}
}
