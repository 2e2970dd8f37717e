package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle string

// The parts of the documentation page.
type (
	docsView struct {
		Title, About, OpenAPI, Token, Base string
		Style                              template.CSS
		Groups                             []docsGroup
		Problems                           []docsProblem
		Models                             []docsModel
	}
	docsGroup struct {
		Name       string
		Operations []docsOperation
	}
	docsOperation struct {
		ID, Method, Path, Summary, Notes string
		Parameters                       []docsField
		Takes, Model                     string
		Answers                          []docsAnswer
	}
	docsAnswer  struct{ Status, Says, Media, Model string }
	docsProblem struct {
		Slug, Title, Explain string
		Status, Code         int
	}
	docsModel struct {
		Name   string
		Fields []docsField
	}
	docsField struct {
		Name, In, Kind, Says, Model string
		Required                    bool
	}
)

// docs renders the document as a page: one file, no script, nothing from elsewhere.
func (a *API) docs(context.Context, *request) (answer, error) {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return answer{}, fmt.Errorf("read the documentation's template: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, a.docsView()); err != nil {
		return answer{}, fmt.Errorf("write the documentation: %w", err)
	}
	digest := sha256.Sum256([]byte(docsStyle))
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(digest[:]) + "'"
	out := answer{status: http.StatusOK, media: "text/html; charset=utf-8", body: b.Bytes()}
	return out.with("Content-Security-Policy", policy).with("X-Content-Type-Options", "nosniff"), nil
}

func (a *API) docsView() docsView {
	v := docsView{
		Title: a.document.Info.Title, About: a.document.Info.Description, OpenAPI: BasePath + openAPIPath, Token: TokenPath, Base: BasePath,
		// It is a file of this package.
		Style: template.CSS(docsStyle),
	}
	for _, tag := range a.document.Tags {
		g := docsGroup{Name: tag.Name}
		for _, op := range a.operationsOf(tag.Name) {
			g.Operations = append(g.Operations, viewOperation(op))
		}
		v.Groups = append(v.Groups, g)
	}
	for _, k := range kinds() {
		v.Problems = append(v.Problems, docsProblem{k.slug, k.title, k.explain, k.status, k.code})
	}
	models := a.schemas.registry.Map()
	names := make([]string, 0, len(models))
	for name := range models {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v.Models = append(v.Models, docsModel{name, viewFields(models[name])})
	}
	return v
}

// operationsOf follows the table of routes, which the document's map of paths has lost the order of.
func (a *API) operationsOf(tag string) []*huma.Operation {
	var out []*huma.Operation
	if tag == "Token" {
		return []*huma.Operation{a.document.Paths[TokenPath].Post}
	}
	for i := range a.routes {
		rt := &a.routes[i]
		if rt.tag != tag {
			continue
		}
		item := a.document.Paths[BasePath+rt.path]
		out = append(out, map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		}[rt.method])
	}
	return out
}

func viewOperation(op *huma.Operation) docsOperation {
	v := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Notes: op.Description}
	for _, p := range op.Parameters {
		kind, model := kindOf(p.Schema)
		v.Parameters = append(v.Parameters, docsField{
			Name: p.Name, In: p.In, Kind: kind, Model: model, Says: p.Description, Required: p.Required,
		})
	}
	if op.RequestBody != nil {
		v.Takes, v.Model = viewContent(op.RequestBody.Content)
	}
	statuses := make([]string, 0, len(op.Responses))
	for status := range op.Responses {
		statuses = append(statuses, status)
	}
	slices.Sort(statuses)
	for _, status := range statuses {
		r := op.Responses[status]
		media, model := viewContent(r.Content)
		v.Answers = append(v.Answers, docsAnswer{status, r.Description, media, model})
	}
	return v
}

// viewContent names the media types of a body, and the model of the last of them that has one.
func viewContent(content map[string]*huma.MediaType) (media, model string) {
	names := make([]string, 0, len(content))
	for name, m := range content {
		names = append(names, name)
		if _, found := kindOf(m.Schema); found != "" {
			model = found
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", "), model
}

// kindOf says in words what a schema lets through, and which model it refers to.
func kindOf(s *huma.Schema) (kind, model string) {
	switch {
	case s == nil:
		return "", ""
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return name, name
	case s.Type == huma.TypeArray:
		_, model := kindOf(s.Items)
		return "list", model
	case s.Properties["member"] != nil:
		return kindOf(s.Properties["member"])
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
	return s.Type, ""
}

func viewFields(s *huma.Schema) []docsField {
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []docsField
	for _, name := range names {
		p := s.Properties[name]
		kind, model := kindOf(p)
		if p.MinItems != nil {
			kind += ", at least " + strconv.Itoa(*p.MinItems)
		}
		out = append(out, docsField{
			Name: name, Kind: kind, Model: model, Says: p.Description, Required: slices.Contains(s.Required, name),
		})
	}
	return out
}
