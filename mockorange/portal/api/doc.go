// Package api is the developer portal for programs, at /portal/api/v1: the same rules as the pages, over the same
// portal.Service. It owns routes, bodies, refusals (RFC 9457, with the number of Orange's error model where it has one)
// and the OpenAPI document, which is made from the table of routes. It does not own any rule of the portal.
//
// A developer asks with the token of a session; Orange's side with the operator's token, or, where the server listens on
// the loopback interface, from this machine without one.
package api
