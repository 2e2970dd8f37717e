package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

const eachKeyword = "$each"

// readTemplate reads a payload template and reports what would keep it from being rendered.
func readTemplate(files map[string][]byte, name string, ref payloadRef) (*node, []Problem) {
	if ref.file == "" {
		return nil, nil
	}
	data, ok := files[ref.file]
	if !ok {
		return nil, []Problem{{contractFile, ref.line, fmt.Sprintf("payload %s: there is no file %s", name, ref.file)}}
	}
	root, err := parseTree(data)
	if err != nil {
		return nil, []Problem{{ref.file, lineOf(data, err), "not JSON: " + err.Error()}}
	}
	if root.kind != kindObject {
		return nil, []Problem{{ref.file, 1, "a payload template must be a JSON object"}}
	}
	var problems []Problem
	lintTemplate(root, false, func(offset int, msg string) {
		problems = append(problems, Problem{ref.file, lineAt(data, offset), msg})
	})
	return root, problems
}

func lintTemplate(n *node, inArray bool, report func(offset int, msg string)) {
	for i, m := range n.members {
		switch {
		case m.name == eachKeyword && !inArray:
			report(m.offset, `"$each" stands in an object inside an array`)
		case m.name == eachKeyword && i > 0:
			report(m.offset, `"$each" comes first in its object`)
		case m.name == eachKeyword && (m.value.kind != kindString || m.value.text == ""):
			report(m.offset, `"$each" names a list of variables`)
		case strings.HasPrefix(m.name, "$") && m.name != eachKeyword:
			report(m.offset, fmt.Sprintf("unknown directive %q, only %q is one", m.name, eachKeyword))
		}
		if m.name != eachKeyword {
			lintTemplate(m.value, false, report)
		}
	}
	for _, item := range n.items {
		lintTemplate(item, true, report)
	}
	if n.kind == kindString && strings.HasPrefix(n.text, "$") && !strings.HasPrefix(n.text, "$$") && !placeholder(n.text) {
		report(n.offset, fmt.Sprintf(`placeholder %q is not a path such as "$order.date"`, n.text))
	}
}

func placeholder(text string) bool {
	if !strings.HasPrefix(text, "$") || strings.HasPrefix(text, "$$") {
		return false
	}
	for _, part := range strings.Split(text[1:], ".") {
		if part == "" {
			return false
		}
	}
	return true
}

// Payload renders a payload template. A string "$a.b" becomes vars["a"]["b"] with its type kept; without a value (no
// such variable, nil, "" or an empty list or object) its member is left out, and so is every object and array in which no
// placeholder had a value. {"$each": "contacts", …} in an array stands once for each map in vars["contacts"] (a single
// map counts as one), in which "$item.x" reads that map. "$$x" is the literal "$x". Member order is the template's.
func (p *Pack) Payload(name string, vars map[string]any) ([]byte, error) {
	template, ok := p.templates[name]
	if !ok {
		return nil, fmt.Errorf("render payload %s: the pack has no such template", name)
	}
	r := renderer{vars: vars}
	out, err := r.object(template.members, nil)
	if err != nil {
		return nil, fmt.Errorf("render payload %s: %w", name, err)
	}
	if out.text == nil {
		return []byte("{}"), nil
	}
	return out.text, nil
}

// rendered is a piece of output; text is nil where nothing is left. asked says that it held a placeholder, filled
// that one of them had a value.
type rendered struct {
	text          []byte
	asked, filled bool
}

type renderer struct{ vars map[string]any }

func (r *renderer) render(n *node, item map[string]any) (rendered, error) {
	switch n.kind {
	case kindObject:
		out, err := r.object(n.members, item)
		if err == nil && out.asked && !out.filled {
			out.text = nil
		}
		return out, err
	case kindArray:
		return r.array(n, item)
	case kindString:
		if placeholder(n.text) {
			return r.value(n.text[1:], item)
		}
		text, err := marshal(strings.Replace(n.text, "$$", "$", min(1, strings.Count(n.text[:min(2, len(n.text))], "$$"))))
		return rendered{text: text}, err
	}
	return rendered{text: []byte(n.text)}, nil
}

func (r *renderer) object(members []member, item map[string]any) (rendered, error) {
	var out rendered
	var buf bytes.Buffer
	buf.WriteByte('{')
	for _, m := range members {
		if m.name == eachKeyword {
			continue
		}
		v, err := r.render(m.value, item)
		if err != nil {
			return rendered{}, fmt.Errorf("%s: %w", m.name, err)
		}
		out.asked, out.filled = out.asked || v.asked, out.filled || v.filled
		if v.text == nil {
			continue
		}
		name, err := marshal(m.name)
		if err != nil {
			return rendered{}, err
		}
		if buf.Len() > 1 {
			buf.WriteByte(',')
		}
		buf.Write(name)
		buf.WriteByte(':')
		buf.Write(v.text)
	}
	buf.WriteByte('}')
	out.text = buf.Bytes()
	return out, nil
}

func (r *renderer) array(n *node, item map[string]any) (rendered, error) {
	var out rendered
	var parts [][]byte
	add := func(v rendered, err error) error {
		out.asked, out.filled = out.asked || v.asked, out.filled || v.filled
		if v.text != nil {
			parts = append(parts, v.text)
		}
		return err
	}
	for i, element := range n.items {
		each := element.member(eachKeyword)
		if each == nil {
			if err := add(r.render(element, item)); err != nil {
				return rendered{}, fmt.Errorf("element %d: %w", i, err)
			}
			continue
		}
		out.asked = true
		maps, err := r.maps(each.text, item)
		if err != nil {
			return rendered{}, err
		}
		for _, m := range maps {
			if err := add(r.render(element, m)); err != nil {
				return rendered{}, fmt.Errorf("%s: %w", each.text, err)
			}
		}
	}
	if len(parts) > 0 || !out.asked {
		out.text = append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
	}
	return out, nil
}

// value renders a variable. A value without content counts as none: absent means absent.
func (r *renderer) value(path string, item map[string]any) (rendered, error) {
	v, ok := r.lookup(path, item)
	if !ok || v == nil {
		return rendered{asked: true}, nil
	}
	text, err := marshal(v)
	if err != nil {
		return rendered{}, fmt.Errorf("variable %s: %w", path, err)
	}
	switch string(text) {
	case "null", `""`, "{}", "[]":
		return rendered{asked: true}, nil
	}
	return rendered{text: text, asked: true, filled: true}, nil
}

func (r *renderer) lookup(path string, item map[string]any) (any, bool) {
	parts := strings.Split(path, ".")
	var at any = r.vars
	if item != nil && parts[0] == "item" {
		at, parts = item, parts[1:]
	}
	for _, part := range parts {
		switch m := at.(type) {
		case map[string]any:
			at = m[part]
		case map[string]string:
			text, ok := m[part]
			if !ok {
				return nil, false
			}
			at = text
		default:
			return nil, false
		}
	}
	return at, true
}

// maps gives the maps that a "$each" repeats over.
func (r *renderer) maps(path string, item map[string]any) ([]map[string]any, error) {
	v, _ := r.lookup(path, item)
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		if len(v) == 0 {
			return nil, nil
		}
		return []map[string]any{v}, nil
	case []map[string]any:
		return v, nil
	case []any:
		maps := make([]map[string]any, len(v))
		for i, element := range v {
			m, ok := element.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("variable %s: element %s is a %T, not a map", path, strconv.Itoa(i), element)
			}
			maps[i] = m
		}
		return maps, nil
	}
	return nil, fmt.Errorf("variable %s is a %T, not a list of maps", path, v)
}

// marshal writes JSON as it is meant: <, > and & stay themselves.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
