package profile

import (
	_ "embed"
	"fmt"
	"io"
)

//go:embed example.yaml
var example []byte

// Init writes a commented example profile, valid as it stands.
func Init(w io.Writer) error {
	if _, err := w.Write(example); err != nil {
		return fmt.Errorf("writing the example profile: %w", err)
	}
	return nil
}
