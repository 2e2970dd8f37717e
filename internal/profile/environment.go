package profile

import (
	"regexp"

	"github.com/goccy/go-yaml/token"
)

var reference = regexp.MustCompile(`\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand fills in ${NAME} from the environment; $${NAME} stays the literal ${NAME}. It works on values that the
// parser has read already, so a variable can hold any character without becoming YAML.
func (r *reader) expand(tk *token.Token, text string) (expanded string, filled bool) {
	expanded = reference.ReplaceAllStringFunc(text, func(found string) string {
		if found[1] == '$' {
			return found[1:]
		}
		filled = true
		name := found[2 : len(found)-1]
		if r.getenv == nil {
			r.failf(tk, "names the environment variable %s, and none is read here: write its value", name)
			return ""
		}
		value := r.getenv(name)
		if value == "" {
			r.failf(tk, "the environment variable %s is not set, or is empty", name)
		}
		return value
	})
	return expanded, filled
}
