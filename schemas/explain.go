package schemas

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// validate judges a value by a schema.
func (s *schemaSet) validate(name string, root *node) []located {
	entry, ok := s.entries[name]
	if !ok {
		return []located{{Violation: Violation{Keyword: "schema", Expected: "a schema named " + name, Seen: "none in the pack"}}}
	}
	schema, err := s.compile(entry)
	if err != nil {
		p := s.locate(entry.file, err)
		return []located{{Violation: Violation{Keyword: "schema", Expected: "a usable schema " + name, Seen: p.String()}}}
	}
	err = schema.Validate(root.any())
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []located{{Violation: Violation{Keyword: "schema", Expected: "a schema that ends", Seen: err.Error()}}}
	}
	e := explainer{root: root, schema: schema, requirement: entry.requirement}
	return oneCause(e.explain(invalid), entry.requirement)
}

// oneCause keeps, where a value is of the wrong type, that violation alone: enums and formats say nothing more of it.
// Of two that differ in their requirement, the schema's own annotation goes before the default.
func oneCause(found []located, byDefault string) []located {
	wrongType := map[string]located{}
	for _, v := range found {
		if v.Keyword != "type" {
			continue
		}
		kept, ok := wrongType[v.at.String()]
		if !ok || v.Requirement != byDefault && (kept.Requirement == byDefault || v.Requirement < kept.Requirement) {
			wrongType[v.at.String()] = v
		}
	}
	if len(wrongType) == 0 {
		return found
	}
	var kept []located
	for _, v := range found {
		if first, ok := wrongType[v.at.String()]; ok && first.Violation != v.Violation {
			continue
		}
		kept = append(kept, v)
	}
	return kept
}

// explainer turns the validator's errors into sentences and requirements.
type explainer struct {
	root        *node
	schema      *jsonschema.Schema
	requirement string
}

// explain flattens an error to its leaves, with alternatives replaced by their nearest branch.
func (e *explainer) explain(err *jsonschema.ValidationError) []located {
	place := e.walk(err.KeywordLocation)
	switch {
	case err.Message != "" && (place.keyword == "anyOf" || place.keyword == "oneOf") && len(err.Causes) > 0:
		return e.nearest(err, place)
	case err.Message != "" && slices.Contains([]string{"contains", "minContains", "maxContains"}, place.keyword):
		return e.leaf(err, place)
	case len(err.Causes) == 0:
		return e.leaf(err, place)
	}
	var all []located
	for _, cause := range err.Causes {
		all = append(all, e.explain(cause)...)
	}
	return all
}

// nearest explains the branch that the value comes nearest to: of those whose type it has, the one with the fewest
// violations, of these the one with the deepest.
func (e *explainer) nearest(err *jsonschema.ValidationError, place place) []located {
	type branch struct {
		leaves    []located
		title     string
		wrongType int
		depth     int
	}
	at := pathTo(e.root, pointer(err.InstanceLocation))
	var branches []branch
	titles := []string{}
	for i, cause := range err.Causes {
		b := branch{leaves: e.explain(cause), title: e.title(place, i)}
		for _, leaf := range b.leaves {
			b.depth = max(b.depth, len(leaf.at))
			if leaf.Keyword == "type" && leaf.at.compare(at) == 0 {
				b.wrongType = 1
			}
		}
		branches = append(branches, b)
		if b.title != "" {
			titles = append(titles, b.title)
		}
	}
	best := slices.MinFunc(branches, func(a, b branch) int {
		return cmp.Or(a.wrongType-b.wrongType, len(a.leaves)-len(b.leaves), b.depth-a.depth)
	})
	if best.wrongType == 1 && len(titles) == len(branches) {
		return []located{e.violation(at, place.requirement, "type", strings.Join(titles, " or "), describe(e.root.at(pointer(err.InstanceLocation))))}
	}
	if best.title != "" {
		for i := range best.leaves {
			best.leaves[i].Expected += " (" + best.title + ")"
		}
	}
	return best.leaves
}

func (e *explainer) title(at place, i int) string {
	branches := at.schema.AnyOf
	if at.keyword == "oneOf" {
		branches = at.schema.OneOf
	}
	if i >= len(branches) {
		return ""
	}
	return branches[i].Title
}

func (e *explainer) violation(at path, requirement, keyword, expected, seen string) located {
	return located{Violation: Violation{Requirement: requirement, Expected: expected, Seen: seen, Keyword: keyword}, at: at}
}

func (e *explainer) leaf(err *jsonschema.ValidationError, place place) []located {
	tokens := pointer(err.InstanceLocation)
	at, value := pathTo(e.root, tokens), e.root.at(tokens)
	if value == nil { // a property name, or a place that only the validator knows
		return []located{e.violation(at, place.requirement, place.keyword, expectation(place), "something else")}
	}
	if place.ofName && len(tokens) > 0 {
		name := "member name " + strconv.Quote(clip(tokens[len(tokens)-1]))
		return []located{e.violation(at, place.requirement, place.keyword, expectation(place), name)}
	}
	switch place.keyword {
	case "required":
		return e.missing(at, value, place)
	case "type":
		v := e.violation(at, place.requirement, "type", expectation(place), describe(value))
		v.Remedy = retyped(place.schema, value)
		return []located{v}
	case "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains":
		return []located{e.violation(at, place.requirement, place.keyword, expectation(place), count(len(value.items), "element"))}
	case "minProperties", "maxProperties", "additionalProperties":
		return []located{e.violation(at, place.requirement, place.keyword, expectation(place), members(value))}
	case "dependentRequired":
		name := place.rest[len(place.rest)-1]
		for trigger, names := range place.schema.DependentRequired {
			if i, err := strconv.Atoi(name); err == nil && len(place.rest) > 1 && trigger == place.rest[0] && i < len(names) {
				name = names[i]
				break
			}
		}
		return []located{e.violation(append(at, segment{name: name}), place.requirement, place.keyword,
			"member "+strconv.Quote(name), members(value))}
	}
	v := e.violation(at, place.requirement, place.keyword, expectation(place), literal(value))
	if place.keyword == "enum" || place.keyword == "const" {
		v.Remedy = chosen(place.schema, value)
	}
	return []located{v}
}

// missing reports each missing member by itself, as each may be another requirement's.
func (e *explainer) missing(at path, value *node, place place) []located {
	var all []located
	for _, name := range place.schema.Required {
		if value.member(name) != nil {
			continue
		}
		requirement := place.requirement
		if own, ok := place.missing[name]; ok {
			requirement = own
		}
		all = append(all, e.violation(append(slices.Clone(at), segment{name: name}), requirement, "required",
			"member "+strconv.Quote(name), members(value)))
	}
	return all
}

// members lists an object's members for a sentence.
func members(n *node) string {
	const most = 12
	if n.kind != kindObject {
		return describe(n)
	}
	if len(n.members) == 0 {
		return "an empty object"
	}
	var names []string
	for i, m := range n.members {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(n.members)-most))
			break
		}
		name := m.name
		if !plainName(name) {
			name = strconv.Quote(clip(name))
		}
		names = append(names, name)
	}
	if len(names) == 1 {
		return "member " + names[0]
	}
	return "members " + strings.Join(names, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// describe names a value with its type, literal without.
func describe(n *node) string {
	switch n.kind {
	case kindNumber:
		return "number " + clip(n.text)
	case kindString:
		return "string " + literal(n)
	case kindBool:
		return "boolean " + n.text
	case kindArray:
		return "an array of " + count(len(n.items), "element")
	case kindObject:
		if len(n.members) == 0 {
			return "an empty object"
		}
		return "an object with " + members(n)
	}
	return "null"
}

func literal(n *node) string {
	switch n.kind {
	case kindString:
		return strconv.Quote(clip(n.text))
	case kindArray, kindObject:
		return describe(n)
	}
	return clip(n.text)
}
