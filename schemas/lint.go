package schemas

import (
	"fmt"
	slashpath "path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// holds says what stands under a keyword, so that the lint finds the schemas inside a schema.
type holds uint8

const (
	holdsValue     holds = iota // anything but a schema
	holdsSchema                 // a schema
	holdsSchemas                // an array of schemas
	holdsByName                 // an object of schemas
	holdsReference              // a $ref
	holdsFormat
	holdsRequirement
	holdsRequirements // an object of requirement ids
)

// keywords lists what draft 2020-12 knows, and ours. The validator skips what it does not know, so that a misspelt
// keyword would check nothing, silently.
func keywords() map[string]holds {
	return map[string]holds{
		"$schema": holdsValue, "$id": holdsValue, "$ref": holdsReference, "$defs": holdsByName, "$anchor": holdsValue,
		"$dynamicRef": holdsValue, "$dynamicAnchor": holdsValue, "$comment": holdsValue, "$vocabulary": holdsValue,
		"title": holdsValue, "description": holdsValue, "default": holdsValue, "examples": holdsValue,
		"deprecated": holdsValue, "readOnly": holdsValue, "writeOnly": holdsValue,
		"type": holdsValue, "enum": holdsValue, "const": holdsValue, "format": holdsFormat,
		"minLength": holdsValue, "maxLength": holdsValue, "pattern": holdsValue,
		"contentEncoding": holdsValue, "contentMediaType": holdsValue, "contentSchema": holdsSchema,
		"minimum": holdsValue, "maximum": holdsValue, "exclusiveMinimum": holdsValue, "exclusiveMaximum": holdsValue,
		"multipleOf": holdsValue, "minItems": holdsValue, "maxItems": holdsValue, "uniqueItems": holdsValue,
		"minContains": holdsValue, "maxContains": holdsValue, "minProperties": holdsValue, "maxProperties": holdsValue,
		"required": holdsValue, "dependentRequired": holdsValue,
		"allOf": holdsSchemas, "anyOf": holdsSchemas, "oneOf": holdsSchemas, "prefixItems": holdsSchemas,
		"not": holdsSchema, "if": holdsSchema, "then": holdsSchema, "else": holdsSchema,
		"items": holdsSchema, "contains": holdsSchema, "unevaluatedItems": holdsSchema,
		"properties": holdsByName, "patternProperties": holdsByName, "dependentSchemas": holdsByName,
		"additionalProperties": holdsSchema, "unevaluatedProperties": holdsSchema, "propertyNames": holdsSchema,
		"x-requirement": holdsRequirement, "x-required": holdsRequirements,
	}
}

const draft = "https://json-schema.org/draft/2020-12/schema"

// linter looks for what a schema compiles with and yet does not mean.
type linter struct {
	pack     *Pack
	files    map[string][]byte
	trees    map[string]*node
	keywords map[string]holds
	file     string
	problems []Problem
}

func (l *linter) report(offset int, format string, args ...any) {
	l.problems = append(l.problems, Problem{l.file, lineAt(l.files[l.file], offset), fmt.Sprintf(format, args...)})
}

// lintSchemas checks every schema file of the pack that is JSON.
func lintSchemas(p *Pack) []Problem {
	l := &linter{pack: p, files: p.schemas.files, trees: map[string]*node{}, keywords: keywords()}
	files := p.schemas.schemaFiles()
	for _, file := range files {
		if root, err := parseTree(l.files[file]); err == nil {
			l.trees[file] = root
		}
	}
	for _, file := range files {
		root := l.trees[file]
		if root == nil {
			continue
		}
		l.file = file
		declared := root.member("$schema")
		switch {
		case declared == nil:
			l.report(root.offset, `"$schema" is missing: without it formats are read by another draft`)
		case declared.text != draft:
			l.report(declared.offset, `"$schema" must be %q`, draft)
		}
		l.schema(root)
	}
	return l.problems
}

func (l *linter) schema(n *node) {
	if n.kind != kindObject { // true and false are schemas; the compiler refuses the rest
		return
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		what, known := l.keywords[m.name]
		switch {
		case seen[m.name]:
			l.report(m.offset, "keyword %q is given twice", m.name)
		case !known:
			l.report(m.offset, "unknown keyword %q%s", m.name, didYouMean(m.name, sortedKeys(l.keywords)))
		}
		seen[m.name] = true
		l.keyword(m, what)
	}
}

func (l *linter) keyword(m member, what holds) {
	switch what {
	case holdsSchema:
		closed := m.name == "additionalProperties" || m.name == "unevaluatedProperties"
		if closed && m.value.kind == kindBool && m.value.text == "false" {
			l.report(m.offset, "%s: false would refuse fields that Orange or a partner may add", m.name)
		}
		l.schema(m.value)
	case holdsSchemas:
		for _, item := range m.value.items {
			l.schema(item)
		}
	case holdsByName:
		for _, sub := range m.value.members {
			l.schema(sub.value)
		}
	case holdsReference:
		l.reference(m.value)
	case holdsFormat:
		if _, ok := jsonschema.Formats[m.value.text]; !ok && m.value.kind == kindString {
			l.report(m.value.offset, "unknown format %q%s", m.value.text, didYouMean(m.value.text, sortedKeys(jsonschema.Formats)))
		}
	case holdsRequirement:
		l.requirement(m.value)
	case holdsRequirements:
		if m.value.kind != kindObject {
			l.report(m.value.offset, "x-required must be an object of requirement ids")
		}
		for _, sub := range m.value.members {
			l.requirement(sub.value)
		}
	}
}

func (l *linter) requirement(n *node) {
	if n.kind != kindString {
		l.report(n.offset, "a requirement id must be a string")
		return
	}
	if _, ok := l.pack.requirements[n.text]; !ok {
		l.report(n.offset, "%q is no requirement%s", n.text, didYouMean(n.text, sortedKeys(l.pack.requirements)))
	}
}

// reference checks that a $ref leads to a value of a file in the pack.
func (l *linter) reference(n *node) {
	if n.kind != kindString {
		return
	}
	file, fragment, _ := strings.Cut(n.text, "#")
	target := l.file
	if file != "" {
		if strings.Contains(file, "://") {
			l.report(n.offset, "$ref %q leads out of the pack", n.text)
			return
		}
		target = slashpath.Join(slashpath.Dir(l.file), file)
	}
	root, ok := l.trees[target]
	if !ok {
		if _, there := l.files[target]; !there {
			l.report(n.offset, "$ref %q: there is no file %s", n.text, target)
		}
		return
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		return // an anchor: the compiler knows
	}
	if root.at(pointer(fragment)) == nil {
		l.report(n.offset, "$ref %q leads nowhere", n.text)
	}
}

// sampled renders each payload template with its samples and validates what comes out.
func sampled(p *Pack, files map[string][]byte) []Problem {
	var problems []Problem
	for _, name := range sortedKeys(p.contract.payloads) {
		ref := p.contract.payloads[name]
		if len(ref.samples) == 0 {
			problems = append(problems, Problem{contractFile, ref.line, fmt.Sprintf("payload %s has no samples to prove it with", name)})
		}
		for _, sample := range ref.samples {
			data, ok := files[sample]
			if !ok {
				problems = append(problems, Problem{contractFile, ref.line, fmt.Sprintf("payload %s: there is no file %s", name, sample)})
				continue
			}
			root, err := parseTree(data)
			if err != nil || root.kind != kindObject {
				problems = append(problems, Problem{sample, lineOf(data, err), "samples must be a JSON object of variables"})
				continue
			}
			vars, _ := root.any().(map[string]any)
			body, err := p.Payload(name, vars)
			if err != nil {
				problems = append(problems, Problem{ref.file, 1, fmt.Sprintf("with %s: %v", sample, err)})
				continue
			}
			for _, v := range slices.Concat(p.Validate(ref.schema, body), p.emptiesIn(body)) {
				problems = append(problems, Problem{ref.file, 1, fmt.Sprintf("with %s: %s: expected %s, seen %s", sample, v.Path, v.Expected, v.Seen)})
			}
		}
	}
	return problems
}

// emptiesIn finds members without value in what a template gave.
func (p *Pack) emptiesIn(body []byte) []Violation {
	c := &collector{}
	if root := c.wire(body); root != nil {
		c.empties(root, nil)
	}
	return c.violations()
}
