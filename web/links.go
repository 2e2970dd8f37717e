package web

import (
	"net/url"
	"slices"
)

// With is u with one parameter set; an empty value removes it. The rest of the query is kept, so that filters, order
// and page are one address that can be shared.
func With(u *url.URL, name, value string) string {
	query := u.Query()
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	return address(u, query)
}

// Without is u without one value of a parameter.
func Without(u *url.URL, name, value string) string {
	query := u.Query()
	rest := slices.DeleteFunc(slices.Clone(query[name]), func(v string) bool { return v == value })
	query.Del(name)
	if len(rest) > 0 {
		query[name] = rest
	}
	return address(u, query)
}

func address(u *url.URL, query url.Values) string {
	return (&url.URL{Path: u.Path, RawQuery: query.Encode()}).String()
}

// Tag is a filter that applies, and the address without it.
type Tag struct {
	Text   string // "Offer: NOTES-S"
	Remove string // address
}

// Sort is the heading of a column that can be sorted by.
type Sort struct {
	Text   string
	Link   string // address that sorts by it, or the other way round if it does already
	Order  string // "ascending", "descending" or "none", as aria-sort says it
	Figure bool   // a column of figures: aligned to the right
}

// Pager leads through the pages of a list; an empty address is a page that does not exist.
type Pager struct {
	First, Previous, Next string
}
