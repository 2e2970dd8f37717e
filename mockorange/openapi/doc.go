// Package openapi describes the mock Orange's own two APIs, the gateway and the control port, as OpenAPI 3.1 documents and
// as pages to read.
//
// It owns the descriptions; the schemas come from the control port's Go types, and a test holds the paths against what is
// served. It does not own any route.
package openapi
