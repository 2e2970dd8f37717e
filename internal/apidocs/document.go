package apidocs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// document is what a page shows of OpenAPI 3.1.
type document struct {
	Info       struct{ Title, Description string }
	Tags       []struct{ Name string }
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas    map[string]*schema
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type operation struct {
	ID          string `json:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Parameters  []parameter
	RequestBody *struct{ Content map[string]media }
	Responses   map[string]response

	method, path string
}

type parameter struct {
	Ref         string `json:"$ref"`
	Name, In    string
	Description string
	Required    bool
	Schema      *schema
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct{ Schema *schema }

type schema struct {
	Ref         string `json:"$ref"`
	Type        any    // a name, or a list of names
	Format      string
	Enum        []any
	Items       *schema
	OneOf       []*schema
	Properties  map[string]*schema
	Required    []string
	MinItems    *int
	Description string
}

// operations are all that the document describes: those of order first, the others by path. A path's other fields, such
// as its parameters, are no operations.
func (d *document) operations(order []string) []operation {
	var out []operation
	for _, path := range sortedKeys(d.Paths) {
		for _, method := range sortedKeys(d.Paths[path]) {
			var op operation
			if json.Unmarshal(d.Paths[path][method], &op) != nil || op.ID == "" {
				continue
			}
			op.method, op.path = method, path
			out = append(out, op)
		}
	}
	place := func(op operation) int {
		if i := slices.Index(order, op.ID); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(out, func(a, b operation) int { return place(a) - place(b) })
	return out
}

func (d *document) parameter(p parameter) parameter {
	if p.Ref != "" {
		return d.Components.Parameters[last(p.Ref)]
	}
	return p
}

func (d *document) response(r response) response {
	if r.Ref != "" {
		return d.Components.Responses[last(r.Ref)]
	}
	return r
}

// kindOf says in words what a schema lets through, and which model it refers to.
func kindOf(s *schema) (kind, model string) {
	switch {
	case s == nil:
		return "", ""
	case s.Ref != "":
		return last(s.Ref), last(s.Ref)
	case s.Items != nil:
		_, model := kindOf(s.Items)
		return "list", model
	case s.Properties["member"] != nil: // a collection of JSON-LD
		return kindOf(s.Properties["member"])
	case len(s.OneOf) > 0:
		return kindOf(s.OneOf[0])
	case len(s.Enum) > 0:
		words := make([]string, 0, len(s.Enum))
		for _, e := range s.Enum {
			words = append(words, fmt.Sprint(e))
		}
		return strings.Join(words, " | "), ""
	case s.Format == "date":
		return "YYYY-MM-DD", ""
	case s.Format == "date-time":
		return "RFC 3339", ""
	}
	switch t := s.Type.(type) {
	case string:
		return t, ""
	case []any:
		words := make([]string, 0, len(t))
		for _, name := range t {
			words = append(words, fmt.Sprint(name))
		}
		return strings.Join(words, " or "), ""
	}
	return "", ""
}

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
