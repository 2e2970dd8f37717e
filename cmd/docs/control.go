package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/mockorange/openapi"
)

// controlTable is every call of the control port, as its OpenAPI document has it, by what it is about; but for the document itself.
func controlTable() (string, error) {
	served, err := openapi.Control()
	if err != nil {
		return "", fmt.Errorf("describing the control port: %w", err)
	}
	raw, err := served.Document()
	if err != nil {
		return "", err
	}
	var document struct {
		Paths map[string]map[string]struct {
			Tags                 []string
			Summary, Description string
		}
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return "", fmt.Errorf("reading the control port's document: %w", err)
	}
	rows := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		if path == openapi.ControlPath || path == openapi.ControlDocument {
			continue // the page says so itself
		}
		for _, method := range slices.Sorted(maps.Keys(document.Paths[path])) {
			call := document.Paths[path][method]
			about := strings.Join(call.Tags, ", ")
			rows[about] += row(code(strings.ToUpper(method)+" "+path), about, call.Summary+". "+call.Description)
		}
	}
	table := head("call", "about", "what it does")
	for _, about := range slices.Sorted(maps.Keys(rows)) {
		table += rows[about]
	}
	return table, nil
}
