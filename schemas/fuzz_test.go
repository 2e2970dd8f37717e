package schemas_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/schemas"
)

// FuzzJudge holds the strict reader to encoding/json: what Judge calls not JSON, that must refuse too, and the other
// way round, but for what Judge refuses on purpose (bytes that are not UTF-8, depth).
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		goodAnswer, `{}`, `[]`, `null`, `{"a":[1,2,{"b":"\u00e9\n"}]}`, `[1.5e-3,-0]`, "\ufeff{}", `{"a":1,"a":2}`, `{"id":1e999}`, `"\ud800"`,
		`{"a":`, "[[[[", "{\"x\":\"\xff\"}", string(hundred("state"))[:600],
	} {
		f.Add("order.answer", seed)
		f.Add("licences", seed)
	}
	p := builtinPack(f)
	f.Fuzz(func(t *testing.T, schema, body string) {
		got := p.Judge(schema, aJSON, []byte(body))
		if again := p.Judge(schema, aJSON, []byte(body)); !cmp.Equal(got, again) {
			t.Errorf("two judgements differ:\n%+v\n%+v", got, again)
		}
		notJSON := false
		for _, v := range got {
			if v.Path == "" || v.Expected == "" || v.Seen == "" || !utf8.ValidString(v.Path+v.Seen) {
				t.Errorf("violation is not whole: %+v", v)
			}
			notJSON = notJSON || v.Keyword == "json" && v.Path == "$" && v.Requirement == "GEN-12" && !strings.HasPrefix(v.Expected, "a number")
		}
		if len(got) > 20 {
			t.Errorf("%d violations", len(got))
		}
		if !utf8.ValidString(body) || strings.Count(body, "[")+strings.Count(body, "{") > 200 {
			return
		}
		if valid := json.Valid([]byte(body)); valid == notJSON {
			t.Errorf("encoding/json says %v, Judge says %+v", valid, got)
		}
	})
}

// FuzzLoad: a contract.yaml from anywhere gives a pack or problems with a line, never a panic.
func FuzzLoad(f *testing.F) {
	contract, err := os.ReadFile("mba-2.2/contract.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(contract))
	for _, seed := range []string{
		"", "a", "- a", "name: x\nname: y", "name: [", "requirements:\n  - id: A\n    needs: [A]", "a: &x [*x]", "? a\n: b", "{", "\t", "name: |\n  x",
		"endpoints: {ping: {serves: partner}}", "name: !!binary x", "<<: {a: b}", "---\n---\n", "name: 'x", "paths: {: }",
	} {
		f.Add(seed)
	}
	files := builtinFiles(f)
	f.Fuzz(func(t *testing.T, text string) {
		broken := map[string]bool{}
		pack := make(map[string][]byte, len(files))
		for name, file := range files {
			pack[name] = file.Data
		}
		pack["contract.yaml"] = []byte(text)
		_, err := schemas.Load(inMemory(pack))
		if err == nil && !strings.Contains(text, "requirements") {
			t.Error("a contract without requirements is loaded")
		}
		for _, p := range schemas.Check(inMemory(pack)) {
			if p.File == "" || p.Line < 1 || p.Msg == "" || broken[p.String()] {
				t.Errorf("problem is not whole, or given twice: %+v", p)
			}
			broken[p.String()] = true
		}
	})
}

// FuzzPath: whatever a contract says that a path is, following it through whatever a partner sends neither panics nor
// hangs. That a contract gives its paths unchanged is FuzzLoad's and TestCheck's.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"orderItem.0.productRef.id", "a", "a.#.b", "a.#(b==1)#.c", "@this", `@pretty:{"a":1}`, "a|@reverse", `a\.b`, "..", "{a,b}",
		"[a,@keys]", `!"x"`, "*", "#", "a.?", "@flatten.@join", "@fromstr", "@tostr", "@dig:id",
	} {
		f.Add(seed, goodAnswer)
		f.Add(seed, `[{"a":[{"b":1,"c":"x"},null]},"\ud800"]`)
		f.Add(seed, `{"a":`)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		found := gjson.Get(body, path)
		_ = found.String()
		found.ForEach(func(_, v gjson.Result) bool { return v.Exists() })
	})
}

func FuzzPayload(f *testing.F) {
	sample, err := os.ReadFile("mba-2.2/payloads/order.licences.sample.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add(`{"item":[{"quantity":-1}],"contacts":[{}],"extra":{"a":null}}`)
	p := builtinPack(f)
	f.Fuzz(func(t *testing.T, text string) {
		var vars map[string]any
		if json.Unmarshal([]byte(text), &vars) != nil {
			return
		}
		if body, err := p.Payload("order", vars); err == nil && !json.Valid(body) {
			t.Errorf("not JSON: %s", body)
		}
	})
}
