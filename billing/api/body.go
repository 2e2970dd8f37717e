package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clementine-ope/clementine/internal/jsonlimit"
)

// The limits of a JSON body, besides its length.
const (
	maxDepth  = 40
	maxValues = 20_000
)

// The times that a body may take to arrive, and each part of an answer to be taken.
const (
	bodyTimeout  = time.Minute
	writeTimeout = time.Minute
)

// checkMedia refuses a body that is none of the media types.
func checkMedia(r *http.Request, media []string) error {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(media, got) {
		return refuse(kindMedia, "the body must be "+strings.Join(media, " or "))
	}
	return nil
}

// readBody reads a body of at most limit bytes, within bodyTimeout.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	// A writer without deadlines, such as a recorder, is no reason to refuse. The deadline is taken back, because
	// after it the server would take the connection for dead while the request is still worked on.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse(kindTooLarge, "the body is larger than "+strconv.FormatInt(limit, 10)+" bytes")
	case err != nil:
		return nil, refuse(kindBody, "the body could not be read to its end")
	}
	return body, nil
}

// schemas turns bodies into values, and says by JSON path what is wrong with them.
type schemas struct {
	registry huma.Registry
}

// decode checks a body against the schema of the value that out points to, and fills it in. Names are taken exactly as
// they are spelt; an unknown one is a violation.
func (s schemas) decode(body []byte, out any) error {
	tree, err := parse(body)
	if err != nil {
		return err
	}
	if found := s.check(tree, reflect.TypeOf(out).Elem()); len(found) > 0 {
		return &refusal{kind: kindInvalid, detail: found[0].PropertyPath + ": " + found[0].Message, violations: found}
	}
	if err := json.Unmarshal(body, out); err != nil {
		return refuse(kindBody, "the body cannot be read: "+err.Error())
	}
	return nil
}

// parse reads one JSON value, and nothing after it.
func parse(body []byte) (any, error) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, refuse(kindBody, "the body is empty")
	case jsonlimit.Depth(body) > maxDepth:
		return nil, refuse(kindBody, "the body nests deeper than "+strconv.Itoa(maxDepth)+" levels")
	case jsonlimit.MoreValuesThan(maxValues, body):
		return nil, refuse(kindTooLarge, "the body holds more than "+strconv.Itoa(maxValues)+" values")
	}
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return nil, refuse(kindBody, "the body is not JSON: "+err.Error())
	}
	if holdsNUL(tree) {
		return nil, refuse(kindBody, "the body holds a NUL character, which no text here has")
	}
	return tree, nil
}

// holdsNUL looks for texts that a database would refuse; names of fields that are not known are refused anyway.
func holdsNUL(tree any) bool {
	switch v := tree.(type) {
	case string:
		return !storable(v)
	case []any:
		return slices.ContainsFunc(v, holdsNUL)
	case map[string]any:
		for _, value := range v {
			if holdsNUL(value) {
				return true
			}
		}
	}
	return false
}

func (s schemas) check(tree any, t reflect.Type) []Violation {
	schema := s.registry.Schema(t, false, t.Name())
	result := &huma.ValidateResult{}
	huma.Validate(s.registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, tree, result)
	var found []Violation
	for _, err := range result.Errors {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			found = append(found, Violation{PropertyPath: detail.Location, Message: detail.Message, Code: "schema"})
		}
	}
	found = append(found, s.misspelt(schema, tree, "")...)
	slices.SortStableFunc(found, func(a, b Violation) int { return strings.Compare(a.PropertyPath, b.PropertyPath) })
	return found
}

// misspelt finds names that differ from those of the schema in their case only, which the library and encoding/json
// both let pass: one would be read and another one of the same letters be lost.
func (s schemas) misspelt(schema *huma.Schema, tree any, path string) []Violation {
	for schema != nil && schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	if schema == nil {
		return nil
	}
	var found []Violation
	switch v := tree.(type) {
	case map[string]any:
		for name, value := range v {
			at := strings.TrimPrefix(path+"."+name, ".")
			property, known := schema.Properties[name]
			if known {
				found = append(found, s.misspelt(property, value, at)...)
				continue
			}
			for spelt := range schema.Properties {
				if strings.EqualFold(spelt, name) {
					found = append(found, Violation{at, "unexpected property: it is spelt " + spelt, "schema"})
				}
			}
		}
	case []any:
		for i, value := range v {
			found = append(found, s.misspelt(schema.Items, value, path+"["+strconv.Itoa(i)+"]")...)
		}
	}
	return found
}
