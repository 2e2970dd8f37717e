package api

import (
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// Negotiate is negotiate by names.
func Negotiate(accept string, offered ...string) (string, bool) {
	formats := make([]format, len(offered))
	for i, f := range offered {
		formats[i] = format(f)
	}
	f, ok := negotiate(accept, formats)
	return string(f), ok
}

// Routes are what the router serves.
func (a *API) Routes() gin.RoutesInfo { return a.engine.Routes() }

// Slugs are the kinds of problems.
func Slugs() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.slug)
	}
	return out
}

// ReadQuery is what the list of subscriptions makes of a query.
func (a *API) ReadQuery(raw string) (url.Values, error) {
	for i := range a.routes {
		if a.routes[i].id == "listSubscriptions" {
			r := &request{route: &a.routes[i]}
			err := r.readQuery(raw)
			return r.query, err
		}
	}
	return nil, nil
}

// Decode is the reading of a body.
func Decode(body string, out any) error {
	return schemas{huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)}.decode([]byte(body), out)
}
