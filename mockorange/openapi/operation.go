package openapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clementine-ope/clementine/internal/apidocs"
)

// operation is one row of an API: what may be asked, and the answers that it has.
type operation struct {
	method, path, id, tag, summary, about string
	query                                 []string
	body, answer                          any // a value of the Go type; nil for none
	form                                  []string
	media                                 string // of the answer; empty is application/json
	status                                int
	refusals                              []int
	basic, open                           bool // Basic credentials, or none, instead of the token
}

var inPath = regexp.MustCompile(`\{([A-Za-z]+)\}`)

// api collects operations into one document.
type api struct {
	doc      *huma.OpenAPI
	registry huma.Registry
	refusal  any // the body of every refusal
	order    []string
}

func newAPI(title, about, token string, refusal any) *api {
	registry := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		if t.Name() == "" {
			return hint
		}
		return t.Name()
	})
	return &api{registry: registry, refusal: refusal, doc: &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: title, Version: "v1", Description: about, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			Contact: &huma.Contact{Name: "Clementine", URL: "https://github.com/clementine-ope/clementine"}},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", Description: token},
			"basic": {Type: "http", Scheme: "basic", Description: "Client id and client secret."},
		}},
		Security: []map[string][]string{{"token": {}}},
	}}
}

func (a *api) schema(v any) *huma.Schema {
	t := reflect.TypeOf(v)
	return a.registry.Schema(t, true, t.Name())
}

func (a *api) add(list []operation) error {
	seen := map[string]bool{}
	for _, o := range list {
		if slices.Contains(a.order, o.id) {
			return fmt.Errorf("%s %s: operation id %s is taken", o.method, o.path, o.id)
		}
		if !seen[o.tag] {
			seen[o.tag] = true
			a.doc.Tags = append(a.doc.Tags, &huma.Tag{Name: o.tag, Description: o.tag + "."})
		}
		a.order = append(a.order, o.id)
		a.doc.AddOperation(a.describe(o))
	}
	return nil
}

func (a *api) describe(o operation) *huma.Operation {
	text := &huma.Schema{Type: huma.TypeString}
	op := &huma.Operation{OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Description: o.about, Tags: []string{o.tag},
		Responses: map[string]*huma.Response{}}
	switch {
	case o.open:
		op.Security = []map[string][]string{}
	case o.basic:
		op.Security = []map[string][]string{{"basic": {}}}
	}
	for _, name := range inPath.FindAllStringSubmatch(o.path, -1) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name[1], In: "path", Required: true, Schema: text})
	}
	for _, name := range o.query {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: text})
	}
	switch {
	case o.body != nil:
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: a.schema(o.body)}}}
	case o.form != nil:
		fields := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, Required: o.form[:1]}
		for _, name := range o.form {
			fields.Properties[name] = text
		}
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-www-form-urlencoded": {Schema: fields}}}
	}
	op.Responses[strconv.Itoa(o.status)] = a.answer(o)
	for _, status := range o.refusals {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{"application/json": {Schema: a.schema(a.refusal)}}}
	}
	return op
}

func (a *api) answer(o operation) *huma.Response {
	out := &huma.Response{Description: http.StatusText(o.status)}
	switch {
	case o.media != "":
		out.Content = map[string]*huma.MediaType{o.media: {Schema: &huma.Schema{Type: huma.TypeString}}}
	case o.answer != nil:
		out.Content = map[string]*huma.MediaType{"application/json": {Schema: a.schema(o.answer)}}
	}
	return out
}

// Served is a document and its page, as handlers serve them. Each is written when it is first asked for.
type Served struct {
	Document func() ([]byte, error) // OpenAPI 3.1, JSON
	Page     func() (apidocs.Page, error)
}

func (a *api) served(at, commands string) Served {
	document := sync.OnceValues(func() ([]byte, error) {
		raw, err := json.Marshal(a.doc)
		if err != nil {
			return nil, fmt.Errorf("write the OpenAPI document: %w", err)
		}
		return raw, nil
	})
	return Served{Document: document, Page: sync.OnceValues(func() (apidocs.Page, error) {
		raw, err := document()
		if err != nil {
			return apidocs.Page{}, err
		}
		return apidocs.Render(apidocs.Options{Document: raw, DocumentAt: at, Order: a.order, Commands: commands})
	})}
}

// Handler answers path with the page, and documentAt with the document.
func (s Served) Handler(path, documentAt string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+documentAt, func(w http.ResponseWriter, _ *http.Request) {
		document, err := s.Document()
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// The writer's error is a client that has gone.
		_, _ = w.Write(document)
	})
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		page, err := s.Page()
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", page.Policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(page.HTML)
	})
	return mux
}
