package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fields lists where two profiles differ, by path. Masked values differ where their fingerprints do.
func Fields(a, b map[string]any) []Field {
	left, right := map[string]string{}, map[string]string{}
	flatten("", a, left)
	flatten("", b, right)
	paths := maps.Clone(left)
	maps.Copy(paths, right)
	out := []Field{}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if left[path] != right[path] {
			out = append(out, Field{Path: path, A: left[path], B: right[path]})
		}
	}
	return out
}

// Redeclared reports whether one of the fields says what the partner does; the others say how to reach it.
func Redeclared(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		top, _, _ := strings.Cut(f.Path, ".")
		return !slices.Contains(Reaching(), top)
	})
}

// Reaching are the parts of a profile that say how to reach the partner, and nothing of what it does.
func Reaching() []string { return []string{"baseURL", "auth", "tls", "orange", "concurrency"} }

func flatten(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			below := name
			if path != "" {
				below = path + "." + name
			}
			flatten(below, member, out)
		}
	case []any:
		for i, element := range v {
			flatten(fmt.Sprintf("%s[%d]", path, i), element, out)
		}
	case nil:
	default:
		text, err := json.Marshal(v)
		if err != nil {
			text = fmt.Append(nil, v)
		}
		out[path] = string(text)
	}
}
