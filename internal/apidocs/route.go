package apidocs

import (
	"regexp"
	"slices"
)

var varying = regexp.MustCompile(`:([A-Za-z]+)`)

// Routes are the routes of a router, in order, written as a document writes them: "DELETE /control/faults/{id}". Each is
// given as method and path, with ":id" where a segment varies.
func Routes[T any](all []T, read func(T) (method, path string)) []string {
	out := make([]string, 0, len(all))
	for _, one := range all {
		method, path := read(one)
		out = append(out, method+" "+varying.ReplaceAllString(path, "{$1}"))
	}
	slices.Sort(out)
	return out
}
