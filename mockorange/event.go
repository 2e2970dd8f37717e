package mockorange

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/schemas"
)

// The schemas of the pack that events are judged by.
const (
	schemaOrderEvent      = "event.order"
	schemaUpdateEvent     = "event.update"
	schemaOperationsEvent = "event.operations"
)

// eventReader finds things in an event by the roles of the pack.
type eventReader struct {
	pack *schemas.Pack
}

// readable returns the body without a byte order mark: the mark is a finding, not a reason to turn the event away.
func readable(body []byte) []byte {
	return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
}

// check returns the code for a body that the gateway does not take (wire.md, section 1), or 0.
func (r eventReader) check(body []byte) (code, string) {
	body = readable(body)
	if len(bytes.TrimSpace(body)) == 0 {
		return codeMissingBody, ""
	}
	if !json.Valid(body) {
		return codeInvalidBody, ""
	}
	for _, role := range []string{"event.type", "event.resource"} {
		path := r.pack.Path(role)
		if !gjson.GetBytes(body, path).Exists() {
			return codeMissingField, "The event has no " + path + "."
		}
	}
	return 0, ""
}

// schema names the schema of an event of the userService API: with a state in its resource it ends an update (UC6),
// without one it tells of a change by the end customer (UC5).
func (r eventReader) updateSchema(body []byte) string {
	resource := gjson.GetBytes(readable(body), r.pack.Path("event.resource"))
	if resource.Get(r.pack.Path("update.state")).Exists() {
		return schemaUpdateEvent
	}
	return schemaOperationsEvent
}

// keys are the ids in an event by which a fault can be bound: those of the order or update, Orange's reference, and
// those of the licences.
func (r eventReader) keys(body []byte) []string {
	body = readable(body)
	var keys []string
	add := func(v gjson.Result) {
		if s := v.String(); s != "" {
			keys = append(keys, s)
		}
	}
	resource := gjson.GetBytes(body, r.pack.Path("event.resource"))
	for _, role := range []string{"order.id", "order.externalReference", "update.id", "update.externalReference"} {
		add(resource.Get(r.pack.Path(role)))
	}
	licence := func(_, v gjson.Result) bool {
		add(v.Get(r.pack.Path("update.licence.id")))
		return true
	}
	resource.Get(r.pack.Path("update.licences")).ForEach(licence)
	gjson.GetBytes(body, r.pack.Path("event.licences")).ForEach(licence)
	return keys
}

// echo is the event as it came with Orange's id in it. Nothing else is touched, so that a partner that compares sees
// its own bytes; a byte order mark is left out, since an answer must be JSON.
func echo(body []byte, id string) []byte {
	body = readable(body)
	quoted := strconv.Quote(id)
	if old := gjson.GetBytes(body, "id"); old.Exists() && old.Index > 0 {
		return splice(body, old.Index, old.Index+len(old.Raw), quoted)
	}
	open := bytes.IndexByte(body, '{')
	if open < 0 {
		return body
	}
	member := `"id":` + quoted
	if rest := bytes.TrimLeft(body[open+1:], " \t\r\n"); !strings.HasPrefix(string(rest[:min(1, len(rest))]), "}") {
		member += ","
	}
	return splice(body, open+1, open+1, member)
}

func splice(b []byte, from, to int, middle string) []byte {
	out := make([]byte, 0, len(b)+len(middle))
	out = append(out, b[:from]...)
	out = append(out, middle...)
	return append(out, b[to:]...)
}
