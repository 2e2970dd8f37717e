package api

import (
	"html/template"
	"net/http"

	"github.com/clementine-ope/clementine/internal/apidocs"
)

// docsPath is below BasePath.
const docsPath = "/docs"

// kinds returns all kinds of problems, in the order of the page.
func kinds() []kind {
	return []kind{
		kindBody(), kindNoCredentials(), kindBadCredentials(), kindForbidden(), kindNotActivated(), kindInvitation(), kindNotFound(), kindLink(),
		kindMethod(), kindState(), kindLimit(), kindTooLarge(), kindMedia(), kindInvalid(), kindTooOften(), kindInternal(),
	}
}

const docsCommands = `PORTAL=http://127.0.0.1:8090/portal/api/v1
TOKEN=$(curl -sS -H 'Content-Type: application/json' -d '{"email": "dev@acme.example", "password": "…"}' $PORTAL/sessions | jq -r .token)
curl -H "Authorization: Bearer $TOKEN" $PORTAL/applications`

// renderDocs makes the page of the document; it needs no script and nothing from elsewhere.
func (a *API) renderDocs() (apidocs.Page, error) {
	raw, err := a.Document()
	if err != nil {
		return apidocs.Page{}, err
	}
	o := apidocs.Options{
		Document: raw, DocumentAt: BasePath + "/openapi.json", Commands: docsCommands,
		Notes: []template.HTML{
			"A developer asks with the token of a session. Orange's side takes the operator's token, or none from this machine where the server listens on the loopback interface.",
			"No mail is sent: links of activation and invitation are in <code>GET /mailbox</code>, on Orange's side.",
			"An unknown field of a body is refused: nothing is ignored.",
		},
		Problems: apidocs.Problems{Intro: "Every refusal is <code>application/problem+json</code>; its <code>type</code> points here."},
	}
	for i := range a.routes {
		o.Order = append(o.Order, a.routes[i].id)
	}
	for _, k := range kinds() {
		o.Problems.Kinds = append(o.Problems.Kinds, apidocs.Problem{Slug: k.slug, Title: k.title, Explain: k.explain, Status: k.status, Code: k.code})
	}
	return apidocs.Render(o)
}

// docs writes the page.
func (a *API) docs(c *call) (any, error) {
	page, err := a.page()
	if err != nil {
		return nil, err
	}
	c.Header("Content-Security-Policy", page.Policy)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, htmlMedia, page.HTML)
	return nil, nil
}
