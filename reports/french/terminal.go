package french

import (
	"fmt"
	"strings"
	"sync"
)

// atTerminal is the catalogue of what commands print: it has the results' sentences too, for what is quoted from them.
// It stands apart because words such as "passed" are words of ours here, and a partner's state in a finding.
var atTerminal = sync.OnceValue(func() *Catalogue {
	c, err := Read(files, "catalogue/*.po", "terminal/*.po")
	if err != nil {
		panic(fmt.Sprintf("the French catalogue: %v", err))
	}
	return c
})

// Line is a line that a command prints in French. Where the catalogue has none it is the line itself, and false.
func Line(english string) (string, bool) { return atTerminal().Text(english) }

// Lines says each line of a text in French; how far it is indented, or that it is one of a list, stays.
func Lines(english string) string {
	lines := strings.Split(english, "\n")
	for i, line := range lines {
		words := strings.TrimPrefix(strings.TrimLeft(line, " \t"), "- ")
		said, _ := Line(words)
		lines[i] = line[:len(line)-len(words)] + said
	}
	return strings.Join(lines, "\n")
}
