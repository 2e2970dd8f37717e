package schemas

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// place is where in a schema an error arose, with the requirement that holds there.
type place struct {
	schema      *jsonschema.Schema
	keyword     string
	rest        []string          // what follows the keyword
	requirement string            // the innermost x-requirement on the way
	ofName      bool              // the schema is for the member's name, not for its value
	missing     map[string]string // x-required of all schemas that apply to the same value, innermost first
}

// walk follows a keyword location through the compiled schema, collecting annotations.
func (e *explainer) walk(location string) place {
	p := place{schema: e.schema, requirement: e.requirement, missing: map[string]string{}}
	p.annotate()
	tokens := pointer(location)
	for len(tokens) > 0 {
		next, used, sameValue := step(p.schema, tokens)
		if next == nil {
			p.keyword, p.rest = tokens[0], tokens[1:]
			return p
		}
		if !sameValue {
			p.missing = map[string]string{}
		}
		p.ofName = tokens[0] == "propertyNames" || p.ofName && sameValue
		p.schema = next
		p.annotate()
		tokens = tokens[used:]
	}
	return p
}

func (p *place) annotate() {
	a, ok := p.schema.Extensions[annotationName].(annotation)
	if !ok {
		return
	}
	if a.requirement != "" {
		p.requirement = a.requirement
	}
	for name, requirement := range a.required {
		p.missing[name] = requirement
	}
}

// step gives the subschema that the first tokens lead to, how many tokens that took, and whether it applies to the same
// value; nil where the first token is the keyword that failed.
func step(s *jsonschema.Schema, tokens []string) (next *jsonschema.Schema, used int, sameValue bool) {
	if len(tokens) == 1 {
		switch tokens[0] {
		case "anyOf", "oneOf", "allOf", "not", "contains":
			return nil, 0, false
		}
	}
	switch tokens[0] {
	case "$ref":
		return s.Ref, 1, true
	case "$dynamicRef":
		return s.DynamicRef, 1, true
	case "not":
		return s.Not, 1, true
	case "if":
		return s.If, 1, true
	case "then":
		return s.Then, 1, true
	case "else":
		return s.Else, 1, true
	case "items":
		return s.Items2020, 1, false
	case "contains":
		return s.Contains, 1, false
	case "propertyNames":
		return s.PropertyNames, 1, false
	case "unevaluatedProperties":
		return s.UnevaluatedProperties, 1, false
	case "unevaluatedItems":
		return s.UnevaluatedItems, 1, false
	case "additionalProperties":
		sub, _ := s.AdditionalProperties.(*jsonschema.Schema)
		return sub, 1, false
	}
	if len(tokens) < 2 {
		return nil, 0, false
	}
	switch tokens[0] {
	case "properties":
		return s.Properties[tokens[1]], 2, false
	case "dependentSchemas":
		return s.DependentSchemas[tokens[1]], 2, true
	case "patternProperties":
		for pattern, sub := range s.PatternProperties {
			if pattern.String() == tokens[1] {
				return sub, 2, false
			}
		}
	case "prefixItems":
		return numbered(s.PrefixItems, tokens[1]), 2, false
	case "allOf":
		return numbered(s.AllOf, tokens[1]), 2, true
	case "anyOf":
		return numbered(s.AnyOf, tokens[1]), 2, true
	case "oneOf":
		return numbered(s.OneOf, tokens[1]), 2, true
	}
	return nil, 0, false
}

func numbered(list []*jsonschema.Schema, token string) *jsonschema.Schema {
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

// expectation says what a keyword asks for.
func expectation(p place) string {
	s := p.schema
	switch p.keyword {
	case "type":
		return typeNames(s.Types)
	case "enum":
		return "one of " + values(s.Enum)
	case "const":
		if len(s.Constant) == 1 {
			return jsonText(s.Constant[0])
		}
	case "format":
		return formatName(s.Format)
	case "pattern":
		return "a text that matches " + s.Pattern.String()
	case "minLength":
		return "a text of at least " + count(s.MinLength, "character")
	case "maxLength":
		return "a text of at most " + count(s.MaxLength, "character")
	case "minItems":
		return "at least " + count(s.MinItems, "element")
	case "maxItems":
		return "at most " + count(s.MaxItems, "element")
	case "uniqueItems":
		return "elements that all differ"
	case "minimum":
		return "a number of at least " + decimal(s.Minimum)
	case "maximum":
		return "a number of at most " + decimal(s.Maximum)
	case "exclusiveMinimum":
		return "a number above " + decimal(s.ExclusiveMinimum)
	case "exclusiveMaximum":
		return "a number below " + decimal(s.ExclusiveMaximum)
	case "multipleOf":
		return "a multiple of " + decimal(s.MultipleOf)
	case "minProperties":
		return "at least " + count(s.MinProperties, "member")
	case "maxProperties":
		return "at most " + count(s.MaxProperties, "member")
	case "additionalProperties":
		return "no other members"
	case "contains", "minContains", "maxContains":
		return "an element that is " + titled(s.Contains)
	case "not":
		return "anything but " + titled(s.Not)
	case "oneOf":
		return "just one of the alternatives"
	case "":
		return "nothing here"
	}
	return "a value that satisfies " + p.keyword
}

func titled(s *jsonschema.Schema) string {
	if s == nil || s.Title == "" {
		return "as the schema says"
	}
	return s.Title
}

func typeNames(types []string) string {
	names := make([]string, len(types))
	for i, t := range types {
		switch t {
		case "null":
			names[i] = "null"
		default:
			names[i] = "a JSON " + t
		}
	}
	return strings.Join(names, " or ")
}

func formatName(format string) string {
	switch format {
	case "date-time":
		return "an RFC 3339 time with an offset"
	case "email":
		return "an e-mail address"
	}
	return "a valid " + format
}

func values(list []any) string {
	texts := make([]string, len(list))
	for i, v := range list {
		if text, ok := v.(string); ok {
			texts[i] = text
			continue
		}
		texts[i] = jsonText(v)
	}
	return strings.Join(texts, ", ")
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func decimal(r *big.Rat) string {
	if r == nil {
		return "?"
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}
