package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/billing"
)

// pageParams are the parameters of lists that come in pages.
func pageParams() []param {
	return []param{
		{name: "page", says: "Number of the page, from 1.", kind: "integer"},
		{name: "cursor", says: "Where the page starts, as view.next and view.previous carry it; faster than page on long lists."},
		{name: "itemsPerPage", says: fmt.Sprintf("From 1 to %d; %d if it is left out.", billing.MaxPageSize, billing.DefaultPageSize), kind: "integer"},
		{name: "count", says: "false leaves totalItems out, which spares a count.", kind: "boolean"},
	}
}

// Collection is a list in JSON-LD.
type Collection[T any] struct {
	Context string `json:"@context"`
	ID      string `json:"@id"`
	Type    string `json:"@type"`
	Total   *int64 `json:"totalItems,omitempty" doc:"Within the scope and the filter."`
	Member  []T    `json:"member" nullable:"false"`
	View    *View  `json:"view,omitempty"`
}

// View is where a page stands in its list.
type View struct {
	ID       string `json:"@id"`
	Type     string `json:"@type"`
	First    string `json:"first"`
	Last     string `json:"last,omitempty"`
	Previous string `json:"previous,omitempty"`
	Next     string `json:"next,omitempty"`
}

// Node is what JSON-LD adds to a resource.
type Node struct {
	AtContext string `json:"@context,omitempty"`
	AtID      string `json:"@id,omitempty"` // a name of its own: the schema keeps one field of a name only
	AtType    string `json:"@type,omitempty"`
}

func contextOf(kind string) string { return BasePath + "/contexts/" + kind }

// node is the JSON-LD part of a resource, empty in plain JSON; only a resource that stands alone names its context.
func (r *request) node(kind, path string, alone bool) Node {
	if r.format != formatJSONLD {
		return Node{}
	}
	n := Node{AtID: path, AtType: kind}
	if alone {
		n.AtContext = contextOf(kind)
	}
	return n
}

// page reads the parameters of pageParams.
func (r *request) page() (billing.Page, error) {
	p := billing.Page{Cursor: r.value("cursor"), Count: r.format == formatJSONLD && r.value("count") != "false"}
	var err error
	if p.Number, err = r.whole("page", 1, 0); err != nil {
		return p, err
	}
	if p.Number > 0 && p.Cursor != "" {
		return p, refuseParameter("page", "may not stand beside cursor")
	}
	if p.Size, err = r.whole("itemsPerPage", 1, billing.DefaultPageSize); err != nil {
		return p, err
	}
	if p.Size > billing.MaxPageSize {
		return p, refuseParameter("itemsPerPage", "must be at most "+strconv.Itoa(billing.MaxPageSize))
	}
	return p, nil
}

// unpaged refuses the parameters of pages for an answer that is not cut in pages.
func (r *request) unpaged() error {
	for _, p := range pageParams() {
		if r.query.Has(p.name) {
			return refuseParameter(p.name, "is for pages; an export holds everything")
		}
	}
	return nil
}

// link is the address of this list with other page parameters.
func (r *request) link(name, value string) string {
	q := url.Values{}
	for k, values := range r.query {
		p := r.route.param(k)
		if k == "page" || k == "cursor" {
			continue
		}
		if p.many && len(values) > 1 {
			k += "[]"
		}
		q[k] = values
	}
	if name != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return r.url.Path
	}
	return r.url.Path + "?" + q.Encode()
}

// view describes the page for JSON-LD and for the Link header.
func (r *request) view(p billing.Page, at billing.Pages) View {
	v := View{ID: r.url.RequestURI(), Type: "PartialCollectionView", First: r.link("", "")}
	if at.Next != "" {
		v.Next = r.link("cursor", at.Next)
	}
	if at.Previous != "" {
		v.Previous = r.link("cursor", at.Previous)
	}
	if at.Total != nil {
		size := int64(p.Size)
		last := max(1, (*at.Total+size-1)/size)
		v.Last = r.link("page", strconv.FormatInt(last, 10))
	}
	return v
}

// linkHeader is the same for those who take plain arrays (RFC 8288).
func (v View) linkHeader() string {
	var links []string
	for _, l := range []struct{ rel, target string }{
		{"first", v.First}, {"last", v.Last}, {"prev", v.Previous}, {"next", v.Next},
	} {
		if l.target != "" {
			links = append(links, "<"+l.target+`>; rel="`+l.rel+`"`)
		}
	}
	return strings.Join(links, ", ")
}

// respondPage is the answer of a list in pages.
func respondPage[T any](r *request, kind string, items []T, p billing.Page, at billing.Pages) (answer, error) {
	view := r.view(p, at)
	out, err := respondList(r, kind, items, at.Total, &view)
	return out.with("Link", view.linkHeader()), err
}

// respondAll is the answer of a list that comes whole.
func respondAll[T any](r *request, kind string, items []T) (answer, error) {
	total := int64(len(items))
	return respondList(r, kind, items, &total, nil)
}

func respondList[T any](r *request, kind string, items []T, total *int64, view *View) (answer, error) {
	if items == nil {
		items = []T{}
	}
	if r.format == formatJSON {
		return respond(http.StatusOK, "application/json", items)
	}
	return respond(http.StatusOK, "application/ld+json", Collection[T]{
		Context: contextOf(kind), ID: r.url.Path, Type: "Collection", Total: total, Member: items, View: view,
	})
}

// respondOne is the answer with one resource.
func (r *request) respondOne(status int, v any) (answer, error) {
	return respond(status, r.format.mediaType(), v)
}

// idempotent runs a write once for a key (F4-1): its answer is stored with what it did. The body counts with the address
// and with what the caller may see, so that a key opens nothing that was seen under other rights (F8-8).
func (a *API) idempotent(
	ctx context.Context, r *request, do func(ctx context.Context, s billing.Store) (answer, error),
) (answer, error) {
	key := r.header.Get("Idempotency-Key")
	if key == "" {
		return do(ctx, a.store)
	}
	once, err := r.onceKey(key)
	if err != nil {
		return answer{}, err
	}
	stored, _, err := a.store.Once(ctx, once, func(ctx context.Context, s billing.Store) (billing.Answer, error) {
		out, err := do(ctx, s)
		if err != nil {
			return billing.Answer{}, err
		}
		header := map[string]string{"Content-Type": out.media}
		for k, v := range out.header {
			header[k] = v
		}
		return billing.Answer{Status: out.status, Header: header, Body: out.body}, nil
	})
	if err != nil {
		return answer{}, err
	}
	out := answer{status: stored.Status, body: stored.Body, header: map[string]string{}}
	for k, v := range stored.Header {
		if k == "Content-Type" {
			out.media = v
			continue
		}
		out.header[k] = v
	}
	return out, nil
}
