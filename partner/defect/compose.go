package defect

import (
	"net/http"

	"github.com/clementine-ope/clementine/partner"
)

// rules makes a seam of a change to the reference's rules.
func rules(change func(r *partner.Rules)) partner.Seam {
	return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
		change(&r)
		return r
	}}
}

// handler makes a seam of a wrapper of the partner's server.
func handler(wrap func(next http.Handler, w http.ResponseWriter, r *http.Request)) partner.Seam {
	return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wrap(next, w, r) })
	}}
}
