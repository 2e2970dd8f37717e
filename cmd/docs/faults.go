package main

import (
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/mockorange/fault"
)

// faultsTable is every kind of fault with its settings.
func faultsTable() string {
	var b strings.Builder
	b.WriteString(head("kind", "acts on", "settings: what they may be (what they are unless given)"))
	for _, r := range fault.References() {
		var settings []string
		for _, s := range r.Settings {
			settings = append(settings, fmt.Sprintf("`%s`: %s (%s)", s.Name, s.Limit, s.Default))
		}
		text := strings.Join(settings, "; ")
		if text == "" {
			text = "none"
		}
		b.WriteString(row(fmt.Sprintf("[`%s`](#%s)", r.Kind, r.Kind), strings.Join(r.On, ", "), text))
	}
	return b.String()
}
