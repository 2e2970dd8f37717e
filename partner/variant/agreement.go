package variant

import (
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

func agreements() []Variant {
	const why = "Appendix 2 lets the partner declare it; the reference does what is declared."
	return []Variant{
		{Name: "declares-no-option", Why: why, Profile: noOptions},
		{Name: "declares-production", Why: why, Profile: func(p *profile.Profile) { p.Offer = "mba2" }},
		{Name: "declares-one-call-at-a-time", Why: why, Profile: func(p *profile.Profile) { p.Concurrency = 1 }},
		{Name: "declares-one-offering", Why: why, Profile: func(p *profile.Profile) { p.Offerings = p.Offerings[:1] }},
		{Name: "declares-orders-of-seven", Why: why, Profile: func(p *profile.Profile) { p.Limits.Quantity = 7 }},
		{Name: "declares-organization-code", Why: why, Profile: func(p *profile.Profile) { p.Login.Key = "organizationCode" }},
		{
			Name: "declares-resource-per-licence", Why: why,
			Profile: func(p *profile.Profile) { resource(p, "licence", "order") },
		},
		{
			Name: "declares-resource-at-assignment", Why: why,
			Profile: func(p *profile.Profile) { resource(p, "licence", "assignment") },
		},
		{
			Name: "declares-fleet-resource-at-assignment", Why: why,
			Profile: func(p *profile.Profile) { resource(p, "fleet", "assignment") },
		},
		{
			Name: "declares-basic-credentials", Why: why,
			Profile: func(p *profile.Profile) { p.Auth = profile.Auth{Type: "basic", User: "orange", Password: "p:ä w"} },
		},
		{Name: "declares-bearer-token", Why: why, Profile: func(p *profile.Profile) { p.Auth = profile.Auth{Type: "bearer", Token: "t0ken"} }},
		{
			Name: "declares-key-header", Why: why,
			Profile: func(p *profile.Profile) { p.Auth = profile.Auth{Type: "header", Name: "X-Partner-Key", Value: "k3y"} },
		},
		{Name: "declares-another-ping", Why: why, Profile: func(p *profile.Profile) { p.Ping = "/status/health" }},
		{
			Name: "serves-below-a-path", Why: "The base URL is the partner's; it may have a path.", BasePath: "/api/orange",
			Seam: func() partner.Seam { return below("/api/orange") },
		},
	}
}

func resource(p *profile.Profile, per, from string) {
	r := profile.RealizingResource{Type: "URL", Changeable: true, Properties: []string{"url"}}
	if declared := p.Features.RealizingResource; declared != nil {
		r = *declared
	}
	r.Per, r.From = per, from
	p.Features.RealizingResource = &r
}

// below serves under a path and nowhere else.
func below(path string) partner.Seam {
	return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, path+"/") {
				http.NotFound(w, r)
				return
			}
			http.StripPrefix(path, next).ServeHTTP(w, r)
		})
	}}
}
