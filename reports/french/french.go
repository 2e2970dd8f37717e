// Package french says in French what the suite says in English. Results keep the English: a replay has to come to the
// same bytes. So every writer translates as it writes, by a catalogue whose keys are the English sentences with holes
// for what stands in them. What a partner said goes through a hole and comes out as it went in (ADR 30).
package french

import (
	"embed"
	"fmt"
	"sync"
)

//go:embed catalogue/*.po terminal/*.po
var files embed.FS

// builtIn is the catalogue of this version, read once. A file that can't be read is a fault of the build: a test reads them.
var builtIn = sync.OnceValue(func() *Catalogue {
	c, err := Read(files, "catalogue/*.po")
	if err != nil {
		panic(fmt.Sprintf("the French catalogue: %v", err))
	}
	return c
})

// Text is a sentence of the suite's in French. Where the catalogue has none it is the sentence itself, and false.
func Text(english string) (string, bool) { return builtIn().Text(english) }

// Say is Text for a reader who has to get something: English where there is no French.
func Say(english string) string {
	text, _ := Text(english)
	return text
}
