package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const about = "Subscriptions, what they cost, and who may see it. Each client sees the offers of its list and nothing else. Money is a " +
	"decimal string with the digits of its currency; dates are civil days, and an end is the last day included."

// describe makes the OpenAPI document from the table of routes.
func (a *API) describe() (*huma.OpenAPI, error) {
	d := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "Clementine billing", Version: "v1", Description: about},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas: a.schemas.registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{"client": {
				Type: "oauth2", Description: "Client credentials of a billing client.",
				Flows: &huma.OAuthFlows{ClientCredentials: &huma.OAuthFlow{TokenURL: TokenPath, Scopes: map[string]string{}}},
			}},
		},
		Security: []map[string][]string{{"client": {}}},
	}
	if a.options.Version != "" {
		d.Info.Extensions = map[string]any{"x-program-version": a.options.Version}
	}
	ids := map[string]bool{}
	for i := range a.routes {
		rt := &a.routes[i]
		if ids[rt.id] {
			return nil, fmt.Errorf("operation %s stands twice in the table of routes", rt.id)
		}
		ids[rt.id] = true
		if !slices.ContainsFunc(d.Tags, func(t *huma.Tag) bool { return t.Name == rt.tag }) {
			d.Tags = append(d.Tags, &huma.Tag{Name: rt.tag})
		}
		d.AddOperation(a.operation(rt))
	}
	d.AddOperation(tokenOperation())
	d.Tags = append([]*huma.Tag{{Name: "Token"}}, d.Tags...)
	return d, nil
}

func (a *API) schema(model any) *huma.Schema {
	t := reflect.TypeOf(model)
	return a.schemas.registry.Schema(t, true, t.Name())
}

func (a *API) operation(rt *route) *huma.Operation {
	op := &huma.Operation{
		OperationID: rt.id, Method: rt.method, Path: BasePath + rt.path, Summary: rt.summary, Description: rt.notes,
		Tags: []string{rt.tag}, Responses: map[string]*huma.Response{},
	}
	if rt.right == public {
		op.Security = []map[string][]string{}
	}
	for _, name := range rt.pathNames() {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	for i := range rt.params {
		op.Parameters = append(op.Parameters, rt.params[i].document()...)
	}
	op.Parameters = append(op.Parameters, rt.headers()...)
	if rt.body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for _, media := range rt.bodyMedia() {
			op.RequestBody.Content[media] = &huma.MediaType{Schema: a.schema(rt.body)}
		}
	}
	for answer := &rt.answer; answer != nil; answer = answer.made {
		op.Responses[strconv.Itoa(answer.status)] = a.success(rt, answer)
	}
	for _, k := range rt.allRefusals() {
		a.addRefusal(op, k)
	}
	return op
}

// headers are those that the operation looks at, besides Authorization and Accept.
func (rt *route) headers() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	var out []*huma.Param
	if rt.ifMatch != unused {
		out = append(out, &huma.Param{
			Name: "If-Match", In: "header", Required: rt.ifMatch == required, Schema: text,
			Description: "The ETag that was read: the operation is refused if the resource has changed since.",
		})
	}
	if rt.once {
		out = append(out, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: text,
			Description: "Names this write: sent again with the same request, it is not done again, and answered as it was the first time.",
		})
	}
	if rt.writes() {
		out = append(out, &huma.Param{
			Name: "X-Reason", In: "header", Schema: text, Description: "Why; goes to the audit.",
		})
	}
	return out
}

func (a *API) success(rt *route, answer *reply) *huma.Response {
	response := &huma.Response{Description: answer.says}
	if answer.status == http.StatusNoContent {
		return response
	}
	response.Content = map[string]*huma.MediaType{}
	for _, f := range rt.outFormats() {
		media := &huma.MediaType{}
		switch {
		case answer.model == nil || f == formatCSV || f == formatHTML:
			media.Schema = &huma.Schema{}
			if f == formatCSV || f == formatHTML {
				media.Schema.Type = huma.TypeString
			}
		case answer.many && f == formatJSONLD:
			media.Schema = a.collectionSchema(answer.model)
		case answer.many && f == formatJSON:
			media.Schema = &huma.Schema{Type: huma.TypeArray, Items: a.schema(answer.model)}
		default:
			media.Schema = a.schema(answer.model)
		}
		response.Content[f.mediaType()] = media
	}
	for _, name := range answer.headers {
		if response.Headers == nil {
			response.Headers = map[string]*huma.Header{}
		}
		response.Headers[name] = &huma.Header{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return response
}

// collectionSchema is Collection of one model: a generic type cannot be named from a value.
func (a *API) collectionSchema(model any) *huma.Schema {
	text, number := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger}
	return &huma.Schema{
		Type: huma.TypeObject,
		Properties: map[string]*huma.Schema{
			"@context": text, "@id": text, "@type": text, "totalItems": number,
			"member": {Type: huma.TypeArray, Items: a.schema(model)},
			"view":   a.schema(View{}),
		},
		Required: []string{"@context", "@id", "@type", "member"},
	}
}

// allRefusals are the kinds that the route names, and those that any route of its sort may answer.
func (rt *route) allRefusals() []kind {
	out := []kind{kindParameter, kindNotAcceptable, kindInternal}
	if rt.right != public {
		out = append(out, kindNoCredentials, kindBadCredentials, kindOldCredentials, kindForbidden)
	}
	if len(rt.bodyMedia()) > 0 {
		out = append(out, kindBody, kindMedia, kindTooLarge)
	}
	return append(out, rt.refusals...)
}

func (a *API) addRefusal(op *huma.Operation, k kind) {
	status := strconv.Itoa(k.status)
	text := k.title + ": " + k.explain
	if r := op.Responses[status]; r != nil {
		r.Description += " " + text
		return
	}
	op.Responses[status] = &huma.Response{
		Description: text, Content: map[string]*huma.MediaType{problemMedia: {Schema: a.schema(Problem{})}},
	}
}

// tokenOperation describes the token endpoint, whose rules are internal/oauth's.
func tokenOperation() *huma.Operation {
	text := func(says string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: says} }
	return &huma.Operation{
		OperationID: "token", Method: http.MethodPost, Path: TokenPath, Tags: []string{"Token"}, Security: []map[string][]string{},
		Summary:     "Exchange a client's id and secret for a token of one hour",
		Description: "Credentials go into Basic authorization, or into the body as client_id and client_secret.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/x-www-form-urlencoded": {Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"grant_type"},
				Properties: map[string]*huma.Schema{
					"grant_type":    {Type: huma.TypeString, Enum: []any{"client_credentials"}},
					"client_id":     text("Unless it stands in Authorization."),
					"client_secret": text("Unless it stands in Authorization."),
				},
			}},
		}},
		Responses: map[string]*huma.Response{
			"200": {Description: "The token.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"token_type", "access_token", "expires_in"},
				Properties: map[string]*huma.Schema{
					"token_type": text("Bearer"), "access_token": text("Opaque."), "expires_in": {Type: huma.TypeInteger, Description: "Seconds."},
				},
			}}}},
			"400": {Description: "The request is not one of RFC 6749."},
			"401": {Description: "Id and secret are not those of a client that is let in."},
		},
	}
}

// Document is the OpenAPI 3.1 document, as JSON.
func (a *API) Document() ([]byte, error) { return encode(a.document) }

func (a *API) openAPI(context.Context, *request) (answer, error) {
	return respond(http.StatusOK, "application/json", a.document)
}

// contextKinds are the kinds of resources, as @type names them.
func contextKinds() []string {
	return []string{"AuditEntry", "Client", "Envelope", "MonthlyCost", "Offer", "Reconciliation", "Subscription", "Suspect", "YearlyCost"}
}

// context is the JSON-LD context of a kind: its names are explained in the documentation, under the kind's own.
func (a *API) context(_ context.Context, r *request) (answer, error) {
	kind := r.path["kind"]
	if !slices.Contains(contextKinds(), kind) {
		return answer{}, refuse(kindNotFound, "there is no such kind of resource")
	}
	return respond(http.StatusOK, formatJSONLD.mediaType(), map[string]any{
		"@context": map[string]any{"@vocab": BasePath + docsPath + "#" + kind + "-"},
	})
}
