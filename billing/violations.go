package billing

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// violations collects what is wrong.
type violations []Violation

func (v *violations) add(path, code, format string, args ...any) {
	*v = append(*v, Violation{path, fmt.Sprintf(format, args...), code})
}

// err is an *InvalidError of all that was added; nil if nothing was.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return &InvalidError{v}
}

// text checks a line of text that people give: valid UTF-8 without control characters, which databases and spreadsheets
// take badly.
func (v *violations) text(path, s string, longest int, required bool) {
	switch {
	case !utf8.ValidString(s):
		v.add(path, CodeFormat, "must be valid UTF-8")
	case containsControl(s):
		v.add(path, CodeFormat, "must not contain control characters")
	case utf8.RuneCountInString(s) > longest:
		v.add(path, CodeTooLong, "must have at most %d characters", longest)
	case required && NormalText(s) == "":
		v.add(path, CodeRequired, "must not be blank")
	}
}

// code checks the code of an offer or of an envelope: it goes into paths, filters and files.
func (v *violations) code(path, s string) {
	switch {
	case s == "":
		v.add(path, CodeRequired, "must not be blank")
	case len(s) > longestCode:
		v.add(path, CodeTooLong, "must have at most %d characters", longestCode)
	case !codeCharacters(s):
		v.add(path, CodeFormat, "must be letters and digits of ASCII, dots, hyphens and underscores, and start with a letter or a digit")
	}
}

func containsControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return true
		}
	}
	return false
}

func codeCharacters(s string) bool {
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return true
}
