package api

import (
	"context"
	"html/template"
	"net/http"

	"github.com/clementine-ope/clementine/internal/apidocs"
)

const docsCommands = `curl -u ID:SECRET -d grant_type=client_credentials http://127.0.0.1:8090` + TokenPath + `
curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:8090` + BasePath + `/subscriptions`

func docsNotes() []template.HTML {
	return []template.HTML{
		"Lists are JSON-LD (<code>member</code>, <code>totalItems</code>, <code>view</code>) or, with <code>Accept: application/json</code>, " +
			"plain arrays with a <code>Link</code> header.",
		"An unknown parameter is refused with 400, an unknown field with 422: nothing is ignored.",
		"What a client may not see answers exactly as what does not exist.",
		"Every answer carries <code>X-Request-Id</code>, which log and audit know it by.",
	}
}

// docs renders the document as a page.
func (a *API) docs(context.Context, *request) (answer, error) {
	raw, err := a.Document()
	if err != nil {
		return answer{}, err
	}
	o := apidocs.Options{
		Document: raw, DocumentAt: BasePath + openAPIPath, Commands: docsCommands, Notes: docsNotes(),
		Problems: apidocs.Problems{Intro: "Every refusal is <code>application/problem+json</code>; its <code>type</code> points here."},
	}
	// The document's map of paths has lost the order of the table of routes.
	for i := range a.routes {
		o.Order = append(o.Order, a.routes[i].id)
	}
	for _, k := range kinds() {
		o.Problems.Kinds = append(o.Problems.Kinds, apidocs.Problem{Slug: k.slug, Title: k.title, Explain: k.explain, Status: k.status, Code: k.code})
	}
	page, err := apidocs.Render(o)
	if err != nil {
		return answer{}, err
	}
	out := answer{status: http.StatusOK, media: "text/html; charset=utf-8", body: page.HTML}
	return out.with("Content-Security-Policy", page.Policy).with("X-Content-Type-Options", "nosniff"), nil
}
