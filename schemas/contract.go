package schemas

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// schemaRef is a schema's file and the requirement that a violation cites unless the schema says another. The
// requirement is empty for the messages that Clementine sends itself.
type schemaRef struct {
	file, requirement string
	line              int
}

// payloadRef is a template's file, the schema it must satisfy and the files of sample variables to prove it with.
type payloadRef struct {
	file, schema string
	samples      []string
	line         int
}

// contract is contract.yaml as read, with the lines that problems name.
type contract struct {
	name, version   string
	endpoints       map[string]Endpoint
	paths, values   map[string]string
	schemas         map[string]schemaRef
	payloads        map[string]payloadRef
	requirements    []Requirement
	interpretations []Interpretation
	lines           map[string]int // of requirements and interpretations, by id
	sections        map[string]int // lines of the sections, by name
}

// reader decodes contract.yaml and collects every problem instead of stopping at the first.
type reader struct {
	problems []Problem
}

func (r *reader) report(line int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: contractFile, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// fields calls the function of each field of a mapping and reports the fields that nobody knows.
func (r *reader) fields(n *yamlNode, where string, known map[string]func(yamlField)) {
	if n.isText || n.isList {
		r.report(n.line, "%s must be a mapping, is %s", where, n.describe())
		return
	}
	for _, f := range n.fields {
		read, ok := known[f.name]
		if !ok {
			r.report(f.line, "%s: unknown key %s%s", where, f.name, didYouMean(f.name, sortedKeys(known)))
			continue
		}
		read(f)
	}
}

// text reads a scalar into target; empty is a problem.
func (r *reader) text(target *string) func(yamlField) {
	return func(f yamlField) {
		if !f.value.isText || strings.TrimSpace(f.value.text) == "" {
			r.report(f.line, "%s must be a text, is %s", f.name, f.value.describe())
			return
		}
		*target = strings.TrimSpace(f.value.text)
	}
}

func (r *reader) oneOf(target *string, allowed ...string) func(yamlField) {
	return func(f yamlField) {
		r.text(target)(f)
		if *target != "" && !slices.Contains(allowed, *target) {
			r.report(f.line, "%s must be one of %s, is %q", f.name, strings.Join(allowed, ", "), *target)
		}
	}
}

func (r *reader) flag(target *bool) func(yamlField) {
	return func(f yamlField) {
		if text := f.value.text; !f.value.isText || text != "true" && text != "false" {
			r.report(f.line, "%s must be true or false, is %s", f.name, f.value.describe())
		}
		*target = f.value.text == "true"
	}
}

func (r *reader) texts(target *[]string) func(yamlField) {
	return func(f yamlField) {
		if !f.value.isList {
			r.report(f.line, "%s must be a list, is %s", f.name, f.value.describe())
			return
		}
		for _, item := range f.value.items {
			if !item.isText || item.text == "" {
				r.report(item.line, "%s must be a list of texts", f.name)
				continue
			}
			*target = append(*target, item.text)
		}
	}
}

// named reads a mapping whose keys are names of the pack's choice.
func (r *reader) named(read func(yamlField)) func(yamlField) {
	return func(f yamlField) {
		if f.value.isText || f.value.isList {
			r.report(f.line, "%s must be a mapping, is %s", f.name, f.value.describe())
			return
		}
		for _, item := range f.value.fields {
			read(item)
		}
	}
}

func (r *reader) list(read func(*yamlNode)) func(yamlField) {
	return func(f yamlField) {
		if !f.value.isList {
			r.report(f.line, "%s must be a list, is %s", f.name, f.value.describe())
			return
		}
		for _, item := range f.value.items {
			read(item)
		}
	}
}

func readContract(data []byte) (*contract, []Problem) {
	r := &reader{}
	root, err := parseYAML(data)
	if err != nil {
		line, msg := 1, err.Error()
		var e *lineError
		if errors.As(err, &e) {
			line, msg = e.line, e.msg
		}
		r.report(line, "%s", msg)
		return nil, r.problems
	}
	c := &contract{
		endpoints: map[string]Endpoint{}, paths: map[string]string{}, values: map[string]string{},
		schemas: map[string]schemaRef{}, payloads: map[string]payloadRef{}, lines: map[string]int{}, sections: map[string]int{},
	}
	queries := map[string]yamlField{}
	into := func(target map[string]string) func(yamlField) {
		return func(f yamlField) {
			var text string
			r.text(&text)(f)
			target[f.name] = text
		}
	}
	for _, f := range root.fields {
		c.sections[f.name] = f.line
	}
	r.fields(root, "the contract", map[string]func(yamlField){
		"name":            r.text(&c.name),
		"version":         r.text(&c.version),
		"sources":         r.named(into(map[string]string{})),
		"endpoints":       r.named(func(f yamlField) { c.endpoints[f.name] = r.endpoint(f) }),
		"queries":         r.named(func(f yamlField) { queries[f.name] = f }),
		"paths":           r.named(into(c.paths)),
		"values":          r.named(into(c.values)),
		"schemas":         r.named(func(f yamlField) { c.schemas[f.name] = r.schema(f) }),
		"payloads":        r.named(func(f yamlField) { c.payloads[f.name] = r.payload(f) }),
		"requirements":    r.list(func(n *yamlNode) { r.requirement(n, c) }),
		"interpretations": r.list(func(n *yamlNode) { r.interpretation(n, c) }),
	})
	for _, name := range sortedKeys(queries) {
		r.query(c, queries[name])
	}
	r.require(c)
	r.relations(c)
	return c, r.problems
}

func (r *reader) endpoint(f yamlField) Endpoint {
	e := Endpoint{Role: f.name}
	r.fields(f.value, "endpoint "+f.name, map[string]func(yamlField){
		"serves": r.oneOf(&e.Serves, "partner", "orange"),
		"method": r.oneOf(&e.Method, "GET", "POST", "PUT", "PATCH", "DELETE"),
		"path":   r.text(&e.Path),
	})
	if e.Path != "" && !strings.HasPrefix(e.Path, "/") {
		r.report(f.line, `endpoint %s: path must start with "/", is %q`, f.name, e.Path)
	}
	if e.Serves == "" || e.Method == "" || e.Path == "" {
		r.report(f.line, "endpoint %s needs serves, method and path", f.name)
	}
	return e
}

func (r *reader) query(c *contract, f yamlField) {
	e, ok := c.endpoints[f.name]
	if !ok {
		r.report(f.line, "queries: no endpoint is named %s%s", f.name, didYouMean(f.name, sortedKeys(c.endpoints)))
		return
	}
	e.Query = map[string]string{}
	r.named(func(item yamlField) {
		var name string
		r.text(&name)(item)
		e.Query[item.name] = name
	})(f)
	c.endpoints[f.name] = e
}

func (r *reader) schema(f yamlField) schemaRef {
	ref := schemaRef{line: f.line}
	r.fields(f.value, "schema "+f.name, map[string]func(yamlField){
		"file":        r.text(&ref.file),
		"requirement": r.text(&ref.requirement),
	})
	if ref.file == "" {
		r.report(f.line, "schema %s needs a file", f.name)
	}
	return ref
}

func (r *reader) payload(f yamlField) payloadRef {
	ref := payloadRef{line: f.line}
	r.fields(f.value, "payload "+f.name, map[string]func(yamlField){
		"file":    r.text(&ref.file),
		"schema":  r.text(&ref.schema),
		"samples": r.texts(&ref.samples),
	})
	if ref.file == "" || ref.schema == "" {
		r.report(f.line, "payload %s needs a file and a schema", f.name)
	}
	return ref
}

func (r *reader) requirement(n *yamlNode, c *contract) {
	q := Requirement{}
	r.fields(n, "requirement", map[string]func(yamlField){
		"id":      r.text(&q.ID),
		"level":   r.oneOf(&q.Level, "mandatory", "optional", "advice"),
		"when":    r.oneOf(&q.When, "both", "sync", "async"),
		"feature": r.text(&q.Feature),
		"src":     r.text(&q.Source),
		"text":    r.text(&q.Text),
		"textFr":  r.text(&q.TextFR),
		"needs":   r.texts(&q.Needs),
		"open":    r.flag(&q.Open),
	})
	if q.ID == "" || q.Level == "" || q.When == "" || q.Source == "" || q.Text == "" {
		r.report(n.line, "requirement %s needs id, level, when, src and text", q.ID)
	}
	r.unique(c, q.ID, n.line)
	c.requirements = append(c.requirements, q)
}

func (r *reader) interpretation(n *yamlNode, c *contract) {
	i := Interpretation{}
	r.fields(n, "interpretation", map[string]func(yamlField){
		"id":            r.text(&i.ID),
		"contradiction": r.text(&i.Contradiction),
		"choice":        r.text(&i.Choice),
		"clauses":       r.texts(&i.Clauses),
		"requirements":  r.texts(&i.Requirements),
		"origin":        r.text(&i.Origin),
	})
	if i.ID == "" || i.Contradiction == "" || i.Choice == "" {
		r.report(n.line, "interpretation %s needs id, contradiction and choice", i.ID)
	}
	r.unique(c, i.ID, n.line)
	c.interpretations = append(c.interpretations, i)
}

func (r *reader) unique(c *contract, id string, line int) {
	if first, ok := c.lines[id]; ok && id != "" {
		r.report(line, "%s is given twice, first at line %d", id, first)
		return
	}
	c.lines[id] = line
}
