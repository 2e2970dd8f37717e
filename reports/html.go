package reports

import (
	"fmt"
	"io"
)

// HTML writes the report as one page.
func HTML(w io.Writer, r Results) error {
	_, err := fmt.Fprintln(w, "<!doctype html><title>"+"Clementine</title>")
	return err
}
