package schemas

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// retyped mends a value of the wrong type that says the right thing: a number for a text, or a text for a number.
func retyped(s *jsonschema.Schema, value *node) Remedy {
	switch {
	case slices.Contains(s.Types, "string") && (value.kind == kindNumber || value.kind == kindBool):
		return Remedy{Op: "text"}
	case slices.Contains(s.Types, "integer") && value.kind == kindString:
		if _, err := strconv.Atoi(strings.TrimSpace(value.text)); err == nil {
			return Remedy{Op: "number"}
		}
	}
	return Remedy{}
}

// chosen mends a value that is none of those allowed, where only one can be meant: there is no other, or it is the same
// but for its case.
func chosen(s *jsonschema.Schema, value *node) Remedy {
	allowed := slices.Concat(s.Constant, s.Enum)
	if len(allowed) != 1 && value.kind == kindString {
		allowed = slices.DeleteFunc(allowed, func(v any) bool {
			text, ok := v.(string)
			return !ok || !strings.EqualFold(text, strings.TrimSpace(value.text))
		})
	}
	if len(allowed) != 1 {
		return Remedy{}
	}
	text, err := json.Marshal(allowed[0])
	if err != nil {
		return Remedy{}
	}
	return Remedy{Op: "set", Value: string(text)}
}
