package customerspace

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/clementine-ope/clementine/internal/apidocs"
	"github.com/clementine-ope/clementine/internal/apierror"
)

//go:embed openapi.yaml
var openAPI []byte

const docsCommands = `curl -u ID:SECRET -d grant_type=client_credentials http://127.0.0.1:8090/oauth/v3/token
curl -H "Authorization: Bearer TOKEN" -H "X-API-Key: KEY" http://127.0.0.1:8090` + BasePath + `/contracts
curl -H "Authorization: Bearer TOKEN" -H "X-API-Key: KEY" -H "X-ECCS-Contract-Id: OCB0001234" http://127.0.0.1:8090` + BasePath + `/documents`

func docsNotes() []template.HTML {
	return []template.HTML{
		"Each call needs both: the token of a partner application, and the key of an account.",
		"What is out of the account's reach answers exactly as what does not exist.",
		"Every answer carries <code>X-OAPI-Request-Id</code>.",
		"A type of documents that does not exist answers 200 and <code>{\"documents\": null}</code>; one of the types is spelt " +
			"<code>comsumptionRatedReports</code>. Both were recorded of Orange.",
	}
}

// codes are those that the space answers with, and the status of each.
func codes() map[apierror.Code]int {
	return map[apierror.Code]int{
		apierror.MissingBody: 400, apierror.InvalidBody: 400, apierror.MissingField: 400, apierror.InvalidField: 400,
		apierror.MissingHeader: 400, apierror.InvalidHeader: 400, apierror.InvalidQuery: 400,
		apierror.MissingCredentials: 401, apierror.InvalidCredentials: 401, apierror.ExpiredCredentials: 401,
		apierror.AccessDenied: 403, apierror.ForbiddenUser: 403, apierror.NotFound: 404, apierror.MethodNotAllowed: 405,
		apierror.TooLarge: 413, apierror.TooManyRequests: 429, apierror.Internal: 500,
	}
}

func readDocument() ([]byte, error) {
	document, err := yaml.YAMLToJSON(openAPI)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return document, nil
}

func (a *API) renderDocs() (apidocs.Page, error) {
	document, err := a.document()
	if err != nil {
		return apidocs.Page{}, err
	}
	o := apidocs.Options{
		Document: document, DocumentAt: BasePath + openAPIPath, Commands: docsCommands, Notes: docsNotes(),
		Order: []string{
			"listContracts", "getContract", "createContract", "createContractSlash", "createContractSingular",
			"createContractCurl", "listDocuments", "getFile", "addUser", "addUserSingular", "openapi", "docs",
		},
		Problems: apidocs.Problems{Intro: "Every refusal is <code>{code, message, description}</code>, as elsewhere at Orange."},
	}
	for code, status := range codes() {
		message, description := code.Texts()
		o.Problems.Kinds = append(o.Problems.Kinds, apidocs.Problem{
			Slug: fmt.Sprint("code-", int(code)), Title: message, Explain: description, Status: status, Code: int(code),
		})
	}
	slices.SortFunc(o.Problems.Kinds, func(a, b apidocs.Problem) int { return a.Code - b.Code })
	return apidocs.Render(o)
}

func (a *API) getOpenAPI(context.Context, *call) (answer, error) {
	document, err := a.document()
	return answer{status: http.StatusOK, body: document}, err
}

func (a *API) getDocs(context.Context, *call) (answer, error) {
	page, err := a.page()
	return answer{
		status: http.StatusOK, media: "text/html; charset=utf-8", body: page.HTML,
		header: map[string]string{"Content-Security-Policy": page.Policy},
	}, err
}
