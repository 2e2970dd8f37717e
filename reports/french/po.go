package french

import (
	"fmt"
	"strconv"
	"strings"
)

// message is one entry of a PO file (GNU gettext): an English text, its plural if it has one, and the French of each.
type message struct {
	id, plural string
	part       bool     // msgctxt "part": it stands within other sentences only
	texts      []string // one, or singular and plural
	at         string   // file and line
}

// partOnly is the msgctxt of what is no sentence by itself.
const partOnly = "part"

// readPO reads what this catalogue needs of the format: comments, msgctxt, msgid, msgid_plural, msgstr and msgstr[n], each text in
// one or more quoted lines. The header, whose msgid is empty, is left out.
func readPO(name, text string) ([]message, error) {
	var out []message
	var into *string
	context := ""
	for i, line := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", name, i+1)
		line = strings.TrimSpace(line)
		keyword, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
			into = nil
			continue
		case line[0] == '"':
			rest = line
		case keyword == "msgctxt":
			into = &context
		case keyword == "msgid":
			out = append(out, message{at: at, part: context == partOnly})
			into, context = &out[len(out)-1].id, ""
		case len(out) == 0:
			return nil, fmt.Errorf("%s: a file begins with msgid", at)
		case keyword == "msgid_plural":
			into = &out[len(out)-1].plural
		case keyword == "msgstr" || keyword == fmt.Sprintf("msgstr[%d]", len(out[len(out)-1].texts)):
			m := &out[len(out)-1]
			m.texts = append(m.texts, "")
			into = &m.texts[len(m.texts)-1]
		default:
			return nil, fmt.Errorf("%s: %q begins no line here", at, keyword)
		}
		value, err := strconv.Unquote(rest)
		if err != nil || into == nil {
			return nil, fmt.Errorf("%s: no text in double quotes that belongs to a msgid or msgstr", at)
		}
		*into += value
	}
	return checkedPO(out)
}

func checkedPO(all []message) ([]message, error) {
	out := all[:0]
	for _, m := range all {
		want := 1
		if m.plural != "" {
			want = 2
		}
		switch {
		case len(m.texts) != want:
			return nil, fmt.Errorf("%s: %d French texts, not %d", m.at, len(m.texts), want)
		case m.id == "":
			continue
		case m.texts[0] == "" || m.texts[want-1] == "":
			return nil, fmt.Errorf("%s: %q has no French", m.at, m.id)
		}
		out = append(out, m)
	}
	return out, nil
}
