// Command docs writes the pages of docs/ that follow from code and data: the profile, the steps, the requirements with
// their proof, and the tables that stand in pages written by hand. It is run from the module's root, by make docs.
//
// It owns how these pages look, not what they say: that is read from the schema, the pack, the features, the proof and
// the tables of the packages.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	if err := write("."); err != nil {
		log.Fatal(err)
	}
}

func write(root string) error {
	pages, err := Pages(root)
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil { // #nosec G306 -- documentation is for everyone
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// Pages gives the text of each page, by its path from the module's root.
func Pages(root string) (map[string]string, error) {
	facts, err := collect()
	if err != nil {
		return nil, err
	}
	schema, err := os.ReadFile(filepath.Join(root, "schemas", "profile.schema.json")) // #nosec G304 -- of this repository
	if err != nil {
		return nil, fmt.Errorf("reading the profile's schema: %w", err)
	}
	settings, err := profilePage(schema, facts)
	if err != nil {
		return nil, err
	}
	calls, err := controlTable()
	if err != nil {
		return nil, err
	}
	pages := map[string]string{
		"docs/profile.md":         settings,
		"docs/steps.md":           stepsPage(facts),
		"docs/requirements.md":    requirementsPage(facts, english()),
		"docs/requirements.fr.md": requirementsPage(facts, french()),
	}
	for _, part := range []struct{ page, name, text string }{
		{"docs/gateway.md", "calls", calls},
		{"docs/gateway.md", "faults", faultsTable()},
		{"docs/architecture.md", "diagram", diagram()},
	} {
		if pages[part.page] == "" {
			page, err := os.ReadFile(filepath.Join(root, part.page)) // #nosec G304 -- one of the pages above
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", part.page, err)
			}
			pages[part.page] = string(page)
		}
		if pages[part.page], err = replaced(pages[part.page], part.name, part.text); err != nil {
			return nil, fmt.Errorf("%s: %w", part.page, err)
		}
	}
	return pages, nil
}
