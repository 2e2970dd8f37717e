package steps

// Patterns lists the regular expressions of all step definitions.
func Patterns() []string {
	var out []string
	for _, d := range definitions() {
		out = append(out, d.pattern.String())
	}
	return out
}
