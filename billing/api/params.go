package api

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxValuesOfParam bounds how often one parameter may be repeated.
const maxValuesOfParam = 200

// param is one parameter of a query.
type param struct {
	name     string
	many     bool // also name[]=a&name[]=b: any of them
	says     string
	kind     string // of the schema: string, integer, boolean
	format   string
	enum     []string
	example  string
	required bool
}

// indexed is how PHP writes a list: offer[0]=a&offer[1]=b.
var indexed = regexp.MustCompile(`^(.+)\[[0-9]*\]$`)

// readQuery takes the parameters of the route and refuses all others: a filter that is dropped in silence shows money
// that nobody asked for.
func (r *request) readQuery(raw string) error {
	given, err := url.ParseQuery(raw)
	if err != nil {
		return refuse(kindParameter, "the query cannot be read: "+err.Error())
	}
	r.query = url.Values{}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := given[name]
		base := name
		p := r.route.param(name)
		if p == nil {
			if m := indexed.FindStringSubmatch(name); m != nil {
				base = m[1]
				p = r.route.param(base)
			}
			if p == nil || !p.many {
				return refuseParameter(name, "is not known here")
			}
		} else if len(values) > 1 {
			return refuseParameter(name, "is given more than once")
		}
		for _, v := range values {
			if err := p.check(name, v); err != nil {
				return err
			}
			r.query.Add(base, v)
		}
		if len(r.query[base]) > maxValuesOfParam {
			return refuseParameter(name, "is given more than "+strconv.Itoa(maxValuesOfParam)+" times")
		}
	}
	for _, p := range r.route.params {
		if p.required && !r.query.Has(p.name) {
			return refuseParameter(p.name, "is missing")
		}
	}
	return nil
}

func (p *param) check(name, value string) error {
	switch {
	case value == "":
		return refuseParameter(name, "is empty")
	case len(p.enum) > 0 && !slices.Contains(p.enum, value):
		return refuseParameter(name, "must be one of "+strings.Join(p.enum, ", "))
	case p.kind == "boolean" && value != "true" && value != "false":
		return refuseParameter(name, "must be true or false")
	case !storable(value):
		return refuseParameter(name, "must be UTF-8, without NUL")
	case len(value) > 500:
		return refuseParameter(name, "is longer than 500 bytes")
	}
	return nil
}

// storable says whether every database takes a text: PostgreSQL knows neither NUL nor what is no UTF-8.
func storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

func (rt *route) param(name string) *param {
	for i := range rt.params {
		if rt.params[i].name == name {
			return &rt.params[i]
		}
	}
	return nil
}

// whole reads a number of at least least.
func (r *request) whole(name string, least, fallback int) (int, error) {
	text := r.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, refuseParameter(name, "must be a whole number, at least "+strconv.Itoa(least))
	}
	return n, nil
}

// document returns the parameter as OpenAPI has it; a list stands there twice, under both of its names.
func (p *param) document() []*huma.Param {
	schema := &huma.Schema{Type: p.kind, Format: p.format}
	if p.kind == "" {
		schema.Type = huma.TypeString
	}
	for _, value := range p.enum {
		schema.Enum = append(schema.Enum, value)
	}
	one := &huma.Param{
		Name: p.name, In: "query", Description: p.says, Required: p.required, Schema: schema,
	}
	if p.example != "" {
		one.Example = p.example
	}
	if !p.many {
		return []*huma.Param{one}
	}
	explode := true
	return []*huma.Param{one, {
		Name: p.name + "[]", In: "query", Description: "Any of several: " + p.name + "[]=a&" + p.name + "[]=b.",
		Schema: &huma.Schema{Type: huma.TypeArray, Items: schema}, Style: "form", Explode: &explode,
	}}
}
