package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// schemaNode is as much of a JSON Schema as the profile's uses, its properties in the order of the file.
type schemaNode struct {
	description string
	types       []string
	ref         string
	enum        []string
	fallback    string // default, as JSON
	minimum     string
	maximum     string
	required    []string
	properties  []schemaMember
	items       *schemaNode
	anyOf       []*schemaNode
	allOf       []*schemaNode
	defs        map[string]*schemaNode
}

type schemaMember struct {
	name   string
	schema *schemaNode
}

func readSchema(data []byte) (*schemaNode, error) {
	s := &schemaNode{}
	if err := s.read(data); err != nil {
		return nil, fmt.Errorf("reading the profile's schema: %w", err)
	}
	return s, nil
}

func (s *schemaNode) read(data []byte) error {
	return members(data, func(name string, value json.RawMessage) error {
		switch name {
		case "description":
			return json.Unmarshal(value, &s.description)
		case "type":
			if value[0] == '"' {
				s.types = []string{strings.Trim(string(value), `"`)}
				return nil
			}
			return json.Unmarshal(value, &s.types)
		case "$ref":
			return json.Unmarshal(value, &s.ref)
		case "enum":
			return json.Unmarshal(value, &s.enum)
		case "default":
			s.fallback = string(value)
		case "minimum":
			s.minimum = string(value)
		case "maximum":
			s.maximum = string(value)
		case "required":
			return json.Unmarshal(value, &s.required)
		case "items":
			s.items = &schemaNode{}
			return s.items.read(value)
		case "anyOf":
			return s.list(&s.anyOf, value)
		case "allOf":
			return s.list(&s.allOf, value)
		case "properties":
			return members(value, func(name string, value json.RawMessage) error {
				m := schemaMember{name, &schemaNode{}}
				s.properties = append(s.properties, m)
				return m.schema.read(value)
			})
		case "$defs":
			s.defs = map[string]*schemaNode{}
			return members(value, func(name string, value json.RawMessage) error {
				s.defs[name] = &schemaNode{}
				return s.defs[name].read(value)
			})
		}
		return nil
	})
}

func (s *schemaNode) list(to *[]*schemaNode, data []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for _, one := range all {
		n := &schemaNode{}
		if err := n.read(one); err != nil {
			return err
		}
		*to = append(*to, n)
	}
	return nil
}

// members calls each for the members of a JSON object, in their order.
func members(data []byte, each func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		text, ok := name.(string)
		if !ok {
			return fmt.Errorf("%v is no object", string(data))
		}
		if err := each(text, value); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// below gives a row for each setting of an object, or of the objects of a list, and of what they hold in turn.
func (s *schemaNode) below(prefix string) []string {
	if s.items != nil && len(s.items.properties) > 0 {
		s = s.items
	}
	var out []string
	for _, m := range s.properties {
		if m.schema.ref == "#/$defs/trigger" {
			out = append(out, row(code(prefix+m.name), "a trigger", "none", m.schema.description))
			continue
		}
		out = append(out, m.row(prefix+m.name, slices.Contains(s.required, m.name)))
		within := prefix + m.name + "."
		if m.schema.items != nil {
			within = prefix + m.name + "[]."
		}
		out = append(out, m.schema.below(within)...)
	}
	return out
}

// row is the line of one setting.
func (m schemaMember) row(shown string, must bool) string {
	fallback := "none"
	switch {
	case must:
		fallback = "required"
	case len(m.schema.properties) > 0:
		fallback = "those below"
	case m.schema.fallback != "" && m.schema.fallback != `""`:
		fallback = code(strings.Trim(m.schema.fallback, `"`))
	}
	return row(code(shown), m.schema.value(), fallback, m.schema.description)
}

// value says in words what may stand there. That any text may hold a variable is said once, above the tables.
func (s *schemaNode) value() string {
	switch {
	case len(s.properties) > 0:
		return "settings below"
	case s.ref == "#/$defs/boolean":
		return "`true` or `false`"
	case s.ref == "#/$defs/baseURL":
		return "http or https URL"
	case strings.HasSuffix(strings.ToLower(s.ref), "duration"):
		return "duration"
	case s.ref != "":
		return "text"
	case len(s.enum) > 0:
		return codes(s.enum)
	case len(s.anyOf) > 0:
		return fullest(s.anyOf)
	case s.items != nil && len(s.items.properties) > 0:
		return "list"
	case s.items != nil:
		return "list of texts"
	case len(s.allOf) > 0 || slices.Contains(s.types, "string"):
		return "text"
	case slices.Contains(s.types, "integer"):
		return s.minimum + " to " + s.maximum
	default:
		return "names with a text each"
	}
}

// fullest is the value of the alternative that says most: a URL or a choice may also be empty, or a variable.
func fullest(alternatives []*schemaNode) string {
	for _, a := range alternatives {
		if value := a.value(); value != "text" && a.ref != "#/$defs/variable" {
			return value
		}
	}
	return "text"
}
