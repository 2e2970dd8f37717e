package console

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/clementine-ope/clementine/internal/profile"
)

// document is a profile's YAML as a tree: objects are map[string]any, lists []any. What the form does not show stays in
// it as it was.
type document map[string]any

// readDocument checks a profile as the command line does, and refuses what would let its author act as this server:
// commands, files, and variables of the environment. Problems are *profile.Error.
func readDocument(text string) (*profile.Profile, document, []*profile.Error) {
	p, err := profile.Parse("profile.yaml", []byte(text), nil)
	if err != nil {
		return nil, nil, problemsOf(err)
	}
	var problems []*profile.Error
	refuse := func(field, msg string) { problems = append(problems, &profile.Error{Field: field, Msg: msg}) }
	if p.Auth.Type == "mtls" {
		refuse("auth.type", "needs files, which the console does not take: use clementine run for mtls")
	}
	if p.TLS.CA != "" {
		refuse("tls.ca", "is a file, which the console does not take: use clementine run")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Triggers)) {
		if len(p.Triggers[name].Command) > 0 {
			refuse("triggers."+name+".command", "would run on this server, which the console does not do: use http or ask, or clementine run")
		}
	}
	d := document{}
	if err := yaml.Unmarshal([]byte(text), &d); err != nil {
		refuse("", err.Error())
	}
	return p, d, problems
}

func problemsOf(err error) []*profile.Error {
	var out []*profile.Error
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, each := range all {
		var e *profile.Error
		if !errors.As(each, &e) {
			e = &profile.Error{Msg: each.Error()}
		}
		out = append(out, e)
	}
	return out
}

// text writes the document as YAML, in the order in which the profile is described.
func (d document) text() string {
	known := []string{
		"partner", "baseURL", "ping", "offer", "mode", "auth", "tls", "orange", "offerings", "features", "login", "limits", "delays", "concurrency", "triggers",
	}
	var ordered yaml.MapSlice
	for _, key := range known {
		if value, ok := d[key]; ok {
			ordered = append(ordered, yaml.MapItem{Key: key, Value: value})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if !slices.Contains(known, key) {
			ordered = append(ordered, yaml.MapItem{Key: key, Value: d[key]})
		}
	}
	out, err := yaml.Marshal(ordered)
	if err != nil {
		return fmt.Sprintf("# %v\n", err)
	}
	return string(out)
}

// get is the value at a path of keys (string) and places (int); nil where there is none.
func (d document) get(path []any) any {
	var at any = map[string]any(d)
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := at.(map[string]any)
			at = m[s]
		case int:
			list, _ := at.([]any)
			if s >= len(list) {
				return nil
			}
			at = list[s]
		}
	}
	return at
}

// shown is the value at a path as a form shows it.
func (d document) shown(path []any) string {
	switch v := d.get(path).(type) {
	case nil:
		return ""
	case string:
		return strings.ReplaceAll(v, "$${", "${")
	case []any:
		lines := make([]string, len(v))
		for i, each := range v {
			lines[i] = strings.ReplaceAll(fmt.Sprint(each), "$${", "${")
		}
		return strings.Join(lines, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// set puts a value at a path of keys; nil removes it, and objects that are then empty.
func (d document) set(path []string, value any) { put(d, path, value) }

func put(m map[string]any, path []string, value any) {
	key := path[0]
	if len(path) == 1 {
		if value == nil {
			delete(m, key)
		} else {
			m[key] = value
		}
		return
	}
	child, ok := m[key].(map[string]any)
	if !ok {
		child = map[string]any{}
	}
	put(child, path[1:], value)
	if len(child) == 0 {
		delete(m, key)
	} else {
		m[key] = child
	}
}

// secretPaths are where a document may hold what nobody is shown again, each with the variable that stands for it in a
// download.
func (d document) secretPaths() map[string][]string {
	out := map[string][]string{
		"PARTNER_PASSWORD": {"auth", "password"}, "PARTNER_TOKEN": {"auth", "token"}, "PARTNER_KEY": {"auth", "value"},
		"ORANGE_CLIENT_SECRET": {"orange", "clientSecret"},
	}
	triggers, _ := d["triggers"].(map[string]any)
	for name := range triggers {
		headers, _ := d.get([]any{"triggers", name, "http", "headers"}).(map[string]any)
		for header := range headers {
			out[variable("TRIGGER_"+name+"_"+header)] = []string{"triggers", name, "http", "headers", header}
		}
	}
	return out
}

// variable is a name of the environment made of any text.
func variable(text string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			return r
		}
		return '_'
	}, strings.ToUpper(text))
}

// public is the document as it is shown and downloaded: variables of the environment in place of the secrets, so that it
// is a profile for the command line as it stands.
func (d document) public() document {
	out := deepCopy(map[string]any(d)).(map[string]any)
	for name, path := range d.secretPaths() {
		at := make([]any, len(path))
		for i, key := range path {
			at[i] = key
		}
		if d.get(at) != nil {
			put(out, path, "${"+name+"}")
		}
	}
	return out
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, each := range v {
			out[key] = deepCopy(each)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = deepCopy(each)
		}
		return out
	}
	return v
}

// literal is a text of a form as it stands in YAML: a person's ${X} is no variable.
func literal(text string) string { return strings.ReplaceAll(text, "${", "$${") }

// whole is a number where the text is one; the text itself is left for the profile's own check to refuse.
func whole(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}
