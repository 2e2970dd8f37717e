package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const about = "The developer portal of the simulated Orange: accounts, applications and their credentials, subscriptions to Orange's APIs, " +
	"and the checklist of the integration phase. Everything here can be done on the pages at /portal, too."

// describe makes the OpenAPI document from the table of routes.
func (a *API) describe() *huma.OpenAPI {
	bearer := func(says string) *huma.SecurityScheme {
		return &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: says}
	}
	d := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Clementine developer portal", Version: "v1", Description: about},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas: a.registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"session":  bearer("The token of a session, for a developer."),
				"operator": bearer("The operator's token, for Orange's side. From this machine it is not asked for where the server listens on the loopback interface."),
			},
		},
		Security: []map[string][]string{{"session": {}}},
	}
	if a.options.Version != "" {
		d.Info.Extensions = map[string]any{"x-program-version": a.options.Version}
	}
	for i := range a.routes {
		rt := &a.routes[i]
		if !slices.ContainsFunc(d.Tags, func(t *huma.Tag) bool { return t.Name == rt.tag }) {
			d.Tags = append(d.Tags, &huma.Tag{Name: rt.tag})
		}
		d.AddOperation(a.operation(rt))
	}
	return d
}

func (a *API) schema(model any) *huma.Schema {
	t := reflect.TypeOf(model)
	if t == reflect.TypeFor[ResultsFile]() {
		return &huma.Schema{Type: huma.TypeObject, Description: "A results.json, as clementine run writes it."}
	}
	return a.registry.Schema(t, true, t.Name())
}

func (a *API) operation(rt *route) *huma.Operation {
	op := &huma.Operation{
		OperationID: rt.id, Method: rt.method, Path: BasePath + rt.path, Summary: rt.summary, Description: rt.notes, Tags: []string{rt.tag},
		Responses: map[string]*huma.Response{},
	}
	if op.Description == "" {
		op.Description = rt.summary + "."
	}
	switch rt.right {
	case public:
		op.Security = []map[string][]string{}
	case orange:
		op.Security = []map[string][]string{{"operator": {}}}
	case developer:
	}
	text := &huma.Schema{Type: huma.TypeString}
	for _, name := range inPath.FindAllStringSubmatch(rt.path, -1) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name[1], In: "path", Required: true, Schema: text})
	}
	for _, name := range rt.query {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: text})
	}
	if rt.body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: a.schema(rt.body)}}}
	}
	op.Responses[strconv.Itoa(rt.status)] = a.success(rt)
	for _, k := range rt.allRefusals() {
		a.addRefusal(op, k)
	}
	return op
}

func (a *API) success(rt *route) *huma.Response {
	out := &huma.Response{Description: http.StatusText(rt.status)}
	if rt.status == http.StatusNoContent {
		return out
	}
	if rt.media != "" {
		out.Content = map[string]*huma.MediaType{rt.media: {Schema: &huma.Schema{Type: huma.TypeString}}}
		return out
	}
	media := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject}}
	switch {
	case rt.answer != nil && rt.many:
		media.Schema = &huma.Schema{Type: huma.TypeArray, Items: a.schema(rt.answer)}
	case rt.answer != nil:
		media.Schema = a.schema(rt.answer)
	}
	out.Content = map[string]*huma.MediaType{"application/json": media}
	return out
}

// allRefusals are the kinds that the route names, and those that any route of its sort may answer.
func (rt *route) allRefusals() []kind {
	out := []kind{kindInternal()}
	if rt.attempt {
		out = append(out, kindTooOften())
	}
	if rt.right != public {
		out = append(out, kindNoCredentials(), kindBadCredentials())
	}
	if rt.right == orange {
		out = append(out, kindForbidden())
	}
	if rt.body != nil {
		out = append(out, kindBody(), kindMedia(), kindTooLarge())
	}
	return append(out, rt.refusals...)
}

func (a *API) addRefusal(op *huma.Operation, k kind) {
	status, text := strconv.Itoa(k.status), k.title+": "+k.explain
	if r := op.Responses[status]; r != nil {
		r.Description += " " + text
		return
	}
	op.Responses[status] = &huma.Response{
		Description: text, Content: map[string]*huma.MediaType{problemMedia: {Schema: a.schema(Problem{})}},
	}
}
