package console

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
)

// The kinds of a form's field.
const (
	kindText   = "text"
	kindURL    = "url"
	kindSecret = "secret" // never filled in again; empty keeps what is there
	kindNumber = "number"
	kindCheck  = "check"
	kindSelect = "select"
	kindList   = "list" // of texts, with commas between
)

// field is one input of the profile's form. Its name is the path under which the profile's check complains.
type field struct {
	Name    string
	Key     string // of its message: field.KEY, and help.KEY where there is one
	Kind    string
	Choices []string
	path    []any
	Index   int // of its row, from 1; 0 outside of rows
}

// section is a group of fields under a heading.
type section struct {
	Key    string
	Fields []field
}

func one(kind, key string, choices ...string) field {
	var path []any
	for part := range strings.SplitSeq(key, ".") {
		path = append(path, part)
	}
	return field{Name: key, Key: key, Kind: kind, Choices: choices, path: path}
}

// rows are the fields of a list's entries, n of them.
func rows(list string, n int, fields ...field) []field {
	var out []field
	for i := range n {
		for _, f := range fields {
			path := append([]any{}, one("", list).path...)
			out = append(out, field{
				Name: fmt.Sprintf("%s[%d].%s", list, i, f.Name), Key: list + "." + f.Name, Kind: f.Kind, Choices: f.Choices,
				path: append(path, i, f.Name), Index: i + 1,
			})
		}
	}
	return out
}

// maxRows bounds what a form may add to a list.
const maxRows = 40

// sections are the whole form, with as many rows as the document has and some to spare.
func sections(d document) []section {
	count := func(path ...any) int {
		list, _ := d.get(path).([]any)
		return min(len(list), maxRows)
	}
	return []section{
		{"who", []field{one(kindText, "partner.name"), one(kindText, "partner.contract")}},
		{"server", []field{one(kindURL, "baseURL"), one(kindText, "ping"), one(kindSelect, "mode", "sync", "async"), one(kindSelect, "offer", "mba2-beta", "mba2")}},
		{"auth", []field{
			one(kindSelect, "auth.type", "none", "basic", "bearer", "header"), one(kindText, "auth.user"), one(kindSecret, "auth.password"),
			one(kindSecret, "auth.token"), one(kindText, "auth.name"), one(kindSecret, "auth.value"),
		}},
		{"offerings", rows("offerings", count("offerings")+2,
			one(kindText, "code"), one(kindText, "name"), one(kindText, "price"), one(kindText, "currency"),
			one(kindSelect, "periodicity", "", "monthly", "weekly", "daily"))},
		{"features", []field{
			one(kindCheck, "features.changeOffering"), one(kindCheck, "features.endUser"), one(kindCheck, "features.renewLogin"), one(kindCheck, "features.consultById"),
		}},
		{"resource", []field{
			one(kindText, "features.realizingResource.type"), one(kindSelect, "features.realizingResource.per", "licence", "fleet"),
			one(kindSelect, "features.realizingResource.from", "order", "assignment"), one(kindList, "features.realizingResource.properties"),
			one(kindCheck, "features.realizingResource.changeable"),
		}},
		{"technical", rows("features.technicalInformation", count("features", "technicalInformation")+1,
			one(kindText, "name"), one(kindText, "example"), one(kindCheck, "required"))},
		{"triggers", triggerFields()},
		{"limits", []field{
			one(kindSelect, "login.key", "login", "organizationCode"), one(kindNumber, "limits.quantity"), one(kindNumber, "concurrency"),
			one(kindText, "delays.answer"), one(kindText, "delays.event"), one(kindText, "delays.quiet"), one(kindText, "delays.retry"), one(kindText, "delays.visible"),
			one(kindText, "orange.clientID"),
		}},
	}
}

func triggerFields() []field {
	var out []field
	for _, name := range triggerNames() {
		at := func(key, kind string, path ...any) field {
			f := field{Name: "triggers." + name, Key: "triggers." + key, Kind: kind, path: append([]any{"triggers", name}, path...)}
			for _, p := range path {
				f.Name += fmt.Sprintf(".%v", p)
			}
			return f
		}
		url := at("http", kindText, "http", "url")
		url.Key = "triggers." + name
		ask := at("ask", kindText, "ask")
		method := at("method", kindSelect, "http", "method")
		method.Choices = []string{"POST", "GET", "PUT", "PATCH", "DELETE"}
		out = append(out, url, method, at("body", kindText, "http", "body"), ask)
	}
	return out
}

func triggerNames() []string {
	return []string{
		profile.TriggerEndUserAdd, profile.TriggerEndUserModify, profile.TriggerEndUserDelete, profile.TriggerResourceModify, profile.TriggerLoginModify,
	}
}

// filled makes a document out of a form, on top of the one that was there: what the form does not show, and secrets that
// it leaves empty, stay.
func filled(before document, form url.Values) document {
	d := document(deepCopy(map[string]any(before)).(map[string]any))
	for _, s := range sections(d) {
		for _, f := range s.Fields {
			if f.Index == 0 {
				fill(d, f, form)
			}
		}
	}
	fillRows(d, form, []string{"offerings"}, []string{"code", "name", "price", "currency", "periodicity"}, nil)
	fillRows(d, form, []string{"features", "technicalInformation"}, []string{"name", "example"}, []string{"required"})
	tidy(d)
	return d
}

func fill(d document, f field, form url.Values) {
	path := make([]string, len(f.path))
	for i, p := range f.path {
		path[i] = p.(string)
	}
	text := strings.TrimSpace(form.Get(f.Name))
	switch {
	case f.Kind == kindCheck && text != "":
		d.set(path, true)
	case f.Kind == kindSecret && text == "":
	case f.Kind == kindSecret:
		d.set(path, literal(form.Get(f.Name)))
	case text == "" || f.Kind == kindCheck:
		d.set(path, nil)
	case f.Kind == kindNumber:
		d.set(path, whole(text))
	case f.Kind == kindList:
		var list []any
		for each := range strings.SplitSeq(text, ",") {
			if each = strings.TrimSpace(each); each != "" {
				list = append(list, literal(each))
			}
		}
		d.set(path, list)
	default:
		d.set(path, literal(text))
	}
}

// fillRows reads the rows of a list; rows that are all empty are left out.
func fillRows(d document, form url.Values, list, texts, checks []string) {
	name := strings.Join(list, ".")
	var out []any
	for i := range maxRows + 2 {
		row := map[string]any{}
		for _, key := range texts {
			if text := strings.TrimSpace(form.Get(fmt.Sprintf("%s[%d].%s", name, i, key))); text != "" {
				row[key] = literal(text)
			}
		}
		if len(row) == 0 {
			continue
		}
		for _, key := range checks {
			if form.Get(fmt.Sprintf("%s[%d].%s", name, i, key)) != "" {
				row[key] = true
			}
		}
		out = append(out, row)
	}
	if out == nil {
		d.set(list, nil)
		return
	}
	d.set(list, out)
}

// tidy removes what another choice has made idle: the settings of another authentication, a method without a URL, the
// rest of a resource without a type.
func tidy(d document) {
	kept := map[string][]string{"basic": {"user", "password"}, "bearer": {"token"}, "header": {"name", "value"}}
	if auth, ok := d["auth"].(map[string]any); ok {
		kind, _ := auth["type"].(string)
		for _, key := range []string{"user", "password", "token", "name", "value"} {
			if !strings.Contains(strings.Join(kept[kind], " ")+" ", key+" ") {
				delete(auth, key)
			}
		}
	}
	if d.get([]any{"features", "realizingResource", "type"}) == nil {
		d.set([]string{"features", "realizingResource"}, nil)
	}
	for _, name := range triggerNames() {
		if d.get([]any{"triggers", name, "http", "url"}) == nil {
			d.set([]string{"triggers", name, "http"}, nil)
		}
	}
}
