// Package apidocs renders an OpenAPI 3.1 document as a page to read: one file, no script, nothing from elsewhere. It owns
// how such a page looks. It does not own what an API says of itself.
package apidocs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// Options are what a page says beyond the document.
type Options struct {
	Document   []byte   // OpenAPI 3.1, as JSON
	DocumentAt string   // where it is served
	Order      []string // operation ids, as they are to stand within their tags; others follow by path
	Commands   string   // shell lines to begin with
	Notes      []template.HTML
	Problems   Problems
}

// Problems are the errors of an API.
type Problems struct {
	Intro template.HTML
	Kinds []Problem
}

// Problem is one kind of error; the slug is its anchor.
type Problem struct {
	Slug, Title, Explain string
	Status, Code         int // 0 is none
}

// Page is a rendered page, and the Content-Security-Policy that it needs.
type Page struct {
	HTML   []byte
	Policy string
}

// Render makes the page. An error is a document that cannot be read.
func Render(o Options) (Page, error) {
	var d document
	if err := json.Unmarshal(o.Document, &d); err != nil {
		return Page{}, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return Page{}, fmt.Errorf("read the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.view(o)); err != nil {
		return Page{}, fmt.Errorf("write the page: %w", err)
	}
	digest := sha256.Sum256([]byte(pageStyle))
	return Page{HTML: b.Bytes(), Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(digest[:]) + "'"}, nil
}

// The parts of the page.
type (
	view struct {
		Title, About, OpenAPI, Commands string
		Style                           template.CSS
		Notes                           []template.HTML
		Groups                          []group
		Problems                        Problems
		Models                          []modelView
	}
	group struct {
		Name       string
		Operations []operationView
	}
	operationView struct {
		ID, Method, Path, Summary, Notes string
		Parameters                       []field
		Takes, Model                     string
		Answers                          []answer
	}
	answer    struct{ Status, Says, Media, Model string }
	modelView struct {
		Name   string
		Fields []field
	}
	field struct {
		Name, In, Kind, Says, Model string
		Required                    bool
	}
)

func (d *document) view(o Options) view {
	v := view{
		Title: d.Info.Title, About: d.Info.Description, OpenAPI: o.DocumentAt, Commands: o.Commands, Notes: o.Notes, Problems: o.Problems,
		// It is a file of this package.
		Style: template.CSS(pageStyle), // #nosec G203 -- ours, embedded
	}
	all := d.operations(o.Order)
	for _, tag := range d.Tags {
		g := group{Name: tag.Name}
		for _, op := range all {
			if slices.Contains(op.Tags, tag.Name) {
				g.Operations = append(g.Operations, d.viewOperation(op))
			}
		}
		v.Groups = append(v.Groups, g)
	}
	for _, name := range sortedKeys(d.Components.Schemas) {
		v.Models = append(v.Models, modelView{name, viewFields(d.Components.Schemas[name])})
	}
	return v
}

func (d *document) viewOperation(op operation) operationView {
	v := operationView{ID: op.ID, Method: strings.ToUpper(op.method), Path: op.path, Summary: op.Summary, Notes: op.Description}
	for _, p := range op.Parameters {
		p = d.parameter(p)
		kind, model := kindOf(p.Schema)
		v.Parameters = append(v.Parameters, field{Name: p.Name, In: p.In, Kind: kind, Model: model, Says: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		v.Takes, v.Model = viewContent(op.RequestBody.Content)
	}
	for _, status := range sortedKeys(op.Responses) {
		r := d.response(op.Responses[status])
		media, model := viewContent(r.Content)
		v.Answers = append(v.Answers, answer{status, r.Description, media, model})
	}
	return v
}

// viewContent names the media types of a body, and the model of the last of them that has one.
func viewContent(content map[string]media) (names, model string) {
	list := sortedKeys(content)
	for _, name := range list {
		if _, found := kindOf(content[name].Schema); found != "" {
			model = found
		}
	}
	return strings.Join(list, ", "), model
}

func viewFields(s *schema) []field {
	var out []field
	for _, name := range sortedKeys(s.Properties) {
		p := s.Properties[name]
		kind, model := kindOf(p)
		if p.MinItems != nil {
			kind += fmt.Sprint(", at least ", *p.MinItems)
		}
		out = append(out, field{Name: name, Kind: kind, Model: model, Says: p.Description, Required: slices.Contains(s.Required, name)})
	}
	return out
}
