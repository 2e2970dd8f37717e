package schemas

import (
	"encoding/json"
	"fmt"
	slashpath "path"
	"slices"
	"strings"
)

const (
	examplesFolder = "examples"
	wantSuffix     = ".want.json"
)

// wanted is one violation that an invalid example must give. Expected is compared where it is given.
type wanted struct {
	Requirement string `json:"requirement"`
	Path        string `json:"path"`
	Expected    string `json:"expected,omitempty"`
}

// proven checks the examples: each schema has some, a valid one gives no violation, an invalid one just those that
// its .want.json lists, in that order.
func proven(p *Pack, files map[string][]byte) []Problem {
	var problems []Problem
	valid, invalid := map[string]int{}, map[string]int{}
	for _, file := range sortedKeys(files) {
		parts := strings.Split(file, "/")
		if len(parts) != 3 || parts[0] != examplesFolder || strings.HasSuffix(file, wantSuffix) {
			continue
		}
		schema, base := parts[1], parts[2]
		var problem string
		switch {
		case p.contract.schemas[schema].file == "":
			problem = fmt.Sprintf("no schema is named %s%s", schema, didYouMean(schema, sortedKeys(p.contract.schemas)))
		case strings.HasPrefix(base, "valid-"):
			valid[schema]++
			problem = compare(nil, p.judgeExample(schema, files[file]))
		case strings.HasPrefix(base, "invalid-"):
			invalid[schema]++
			problem = p.invalidExample(schema, file, files)
		default:
			problem = "an example is named valid-… or invalid-…"
		}
		if problem != "" {
			problems = append(problems, Problem{file, 1, problem})
		}
	}
	for _, schema := range requiredSchemas() {
		if ref, ok := p.contract.schemas[schema]; ok && (valid[schema] == 0 || invalid[schema] == 0) {
			problems = append(problems, Problem{contractFile, ref.line,
				fmt.Sprintf("schema %s needs a valid and an invalid example in %s", schema, slashpath.Join(examplesFolder, schema))})
		}
	}
	return problems
}

func (p *Pack) invalidExample(schema, file string, files map[string][]byte) string {
	wantFile := strings.TrimSuffix(file, slashpath.Ext(file)) + wantSuffix
	data, ok := files[wantFile]
	if !ok {
		return "there is no " + slashpath.Base(wantFile) + " that says what it must give"
	}
	var want []wanted
	if err := json.Unmarshal(data, &want); err != nil {
		return slashpath.Base(wantFile) + " is not a list of requirement, path and expected: " + err.Error()
	}
	if len(want) == 0 {
		return slashpath.Base(wantFile) + " lists no violation"
	}
	return compare(want, p.judgeExample(schema, files[file]))
}

// judgeExample judges as the schema is used: what Clementine sends by the schema alone, what it receives by everything.
func (p *Pack) judgeExample(schema string, body []byte) []Violation {
	if p.contract.schemas[schema].requirement == "" {
		return p.Validate(schema, body)
	}
	return p.Judge(schema, "application/json", body)
}

// compare says how two lists differ, "" if they don't.
func compare(want []wanted, got []Violation) string {
	same := slices.EqualFunc(want, got, func(w wanted, v Violation) bool {
		return w.Requirement == v.Requirement && w.Path == v.Path && (w.Expected == "" || w.Expected == v.Expected)
	})
	if same {
		return ""
	}
	list := func(texts []string) string {
		if len(texts) == 0 {
			return "none"
		}
		return strings.Join(texts, "; ")
	}
	var wants, gots []string
	for _, w := range want {
		wants = append(wants, strings.TrimSpace(w.Requirement+" "+w.Path+" "+w.Expected))
	}
	for _, v := range got {
		gots = append(gots, strings.TrimSpace(v.Requirement+" "+v.Path+" "+v.Expected))
	}
	return "must give " + list(wants) + ", gives " + list(gots)
}
