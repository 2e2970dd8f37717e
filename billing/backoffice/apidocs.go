package backoffice

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// apiDescription is the part of an OpenAPI 3.1 document that the page shows.
type apiDescription struct {
	Info struct {
		Title, Version, Description string
	}
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Parameters map[string]apiParameter
	}
}

type apiOperation struct {
	Method, Verb, Path, Anchor string `json:"-"`

	Tags        []string
	Summary     string
	Description string
	Parameters  []apiParameter
	RequestBody *struct {
		Description string
		Content     map[string]apiMedia
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string
		Content     map[string]apiMedia
	}
}

type apiMedia struct {
	Schema apiSchema
}

type apiParameter struct {
	Ref         string `json:"$ref"`
	Name, In    string
	Description string
	Required    bool
	Schema      apiSchema
}

// apiSchema keeps what a reader needs of a JSON Schema: its name or its type.
type apiSchema struct {
	Ref    string          `json:"$ref"`
	Type   json.RawMessage `json:"type"`
	Format string
	Items  *apiSchema
	Enum   []any
}

// String is a schema in one word or two.
func (s apiSchema) String() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Items != nil:
		return s.Items.String() + "[]"
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, " | ")
	case s.Format != "":
		return s.Format
	}
	return strings.Trim(strings.ReplaceAll(string(s.Type), `"`, ""), "[]")
}

type apiGroup struct {
	Name       string
	Operations []apiOperation
}

type apiPage struct {
	Title, Version, Description string
	Groups                      []apiGroup
	Count                       int
	Docs                        string
}

// api is the documentation of the API, made from its own description. It reveals no data, so it is not audited.
func (b *Backoffice) api(c *gin.Context, _ caller) error {
	if b.options.OpenAPI == nil {
		return billing.ErrNotFound
	}
	raw, err := b.options.OpenAPI()
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	d, err := readAPI(raw)
	if err != nil {
		return err
	}
	d.Docs = b.options.APIDocs
	b.render(c, http.StatusOK, web.Page{Name: "api", Title: b.site.Text(c.Request, "api.title"), Section: "nav.api", Data: d})
	return nil
}

func readAPI(raw []byte) (apiPage, error) {
	var d apiDescription
	if err := json.Unmarshal(raw, &d); err != nil {
		return apiPage{}, fmt.Errorf("read the API's description: %w", err)
	}
	page := apiPage{Title: d.Info.Title, Version: d.Info.Version, Description: d.Info.Description}
	groups := map[string][]apiOperation{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			raw, ok := d.Paths[path][method]
			if !ok {
				continue
			}
			var op apiOperation
			if err := json.Unmarshal(raw, &op); err != nil {
				return apiPage{}, fmt.Errorf("read the API's description of %s %s: %w", method, path, err)
			}
			op.Method, op.Verb, op.Path, op.Anchor = strings.ToUpper(method), method, path, anchor(method+path)
			for i, p := range op.Parameters {
				if p.Ref != "" {
					op.Parameters[i] = d.Components.Parameters[p.Ref[strings.LastIndex(p.Ref, "/")+1:]]
				}
			}
			group := ""
			if len(op.Tags) > 0 {
				group = op.Tags[0]
			}
			groups[group] = append(groups[group], op)
			page.Count++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		page.Groups = append(page.Groups, apiGroup{name, groups[name]})
	}
	return page, nil
}

// anchor is a text as an id of HTML: letters, digits and hyphens.
func anchor(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, text), "-")
}
