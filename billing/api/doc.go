// Package api is the REST API of billing, /billing/v1, and its token endpoint. It owns routes, parameters, the shape of
// bodies and errors, content negotiation, access by token and the OpenAPI document made of all this. It does not own any
// rule of dates or money, nor what a scope lets through: those are the domain's and the store's.
package api
