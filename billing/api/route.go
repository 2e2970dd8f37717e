package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/billing"
)

// route is one operation: what it is called, what it takes and answers, who may call it, and what does it.
type route struct {
	method, path string // of the form /subscriptions/{id}, below BasePath
	id           string // operationId
	tag          string
	summary      string
	notes        string // description, beyond the summary
	right        right
	params       []param
	formats      []format // offered; the first one is the default
	body         any      // zero value of the body's type; nil if it takes none
	media        []string // of the body; application/json if it is empty
	limit        int64    // bytes of the body; 0 is Options.BodyLimit
	ifMatch      need
	once         bool  // takes Idempotency-Key
	answer       reply // in the OpenAPI document
	refusals     []kind
	handle       func(ctx context.Context, r *request) (answer, error)
}

// need says how much a header is needed.
type need int

const (
	unused need = iota
	optional
	required
)

// reply describes the answer of success.
type reply struct {
	status  int
	says    string
	model   any  // zero value of the body's type; nil if there is none
	many    bool // a collection of model
	headers []string
	made    *reply // where the operation may as well have made the resource
}

// request is one call as a handler sees it: known to be allowed, with parameters that exist and a body that fits its
// schema.
type request struct {
	caller

	route  *route
	id     string // of the request, for logs and audit
	path   map[string]string
	query  url.Values // no unknown name
	header http.Header
	url    *url.URL
	format format
	body   []byte
}

// answer is what a handler wants to be written: a body, or a stream.
type answer struct {
	status int
	media  string
	header map[string]string
	body   []byte
	stream func(w io.Writer) error
}

// encode returns v as JSON, on one line.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write the answer as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// respond is an answer with a JSON body.
func respond(status int, media string, v any) (answer, error) {
	body, err := encode(v)
	return answer{status: status, media: media, body: body}, err
}

func (a answer) with(name, value string) answer {
	header := map[string]string{name: value}
	for k, v := range a.header {
		header[k] = v
	}
	a.header = header
	return a
}

// value is that of a parameter that may be given once; the table of parameters has seen to that.
func (r *request) value(name string) string { return r.query.Get(name) }

// version is the one that If-Match expects, 0 if there is none. An ETag of another scope never matches.
func (r *request) version() (int, error) {
	text := strings.TrimSpace(r.header.Get("If-Match"))
	switch {
	case text == "" && r.route.ifMatch == required:
		return 0, refuse(kindNoVersion, "the operation needs If-Match, with the ETag that was read")
	case text == "" || text == "*":
		return 0, nil
	}
	number, _, _ := strings.Cut(strings.Trim(text, `"`), "-")
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 || text != etag(version, r.scope) {
		return 0, refuse(kindVersion, "If-Match is not the resource's ETag")
	}
	return version, nil
}

// scopeMark is the part of an ETag that ties it to what its reader may see (F8-8).
func scopeMark(s billing.Scope) string { return s.Digest()[:8] }

func etag(version int, s billing.Scope) string {
	return `"` + strconv.Itoa(version) + "-" + scopeMark(s) + `"`
}

// bodyMedia are the media types that the route takes.
func (rt *route) bodyMedia() []string {
	switch {
	case len(rt.media) > 0:
		return rt.media
	case rt.body != nil:
		return []string{"application/json", "application/ld+json"}
	}
	return nil
}

// outFormats are the formats that the route can answer in.
func (rt *route) outFormats() []format {
	if len(rt.formats) == 0 {
		return []format{formatJSONLD, formatJSON}
	}
	return rt.formats
}

// ginPath is the path as the router spells it.
func (rt *route) ginPath() string {
	return BasePath + strings.NewReplacer("{", ":", "}", "").Replace(rt.path)
}

// pathNames are the names in braces, in order.
func (rt *route) pathNames() []string {
	var names []string
	for part := range strings.SplitSeq(rt.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// writes says that the route changes something.
func (rt *route) writes() bool {
	return !slices.Contains([]string{http.MethodGet, http.MethodHead}, rt.method)
}
