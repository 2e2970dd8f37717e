package main

import (
	"fmt"

	"github.com/clementine-ope/clementine/steps"
)

type stepsCommand struct{}

// Help is shown by --help.
func (stepsCommand) Help() string {
	return `The sentences that features can be written in, for clementine run --features DIR.

Examples:

  clementine steps | grep -i suspend`
}

// Run prints the catalogue.
func (stepsCommand) Run(t *terminal) error {
	for _, step := range steps.Catalogue() {
		if _, err := fmt.Fprintf(t.out, "%s\n    %s\n", step.Pattern, step.Doc); err != nil {
			return fmt.Errorf("printing the catalogue: %w", err)
		}
	}
	return nil
}
