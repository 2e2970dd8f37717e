package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// wording is a language of the requirements' page.
type wording struct {
	lang, introduction                             string
	levels, modes, useCases                        map[string]string
	level, clause, open, feature, needs            string
	judged, alone, proof, others, none, useCaseCol string
	count                                          string // of requirements
	colon                                          string
}

// useCaseOrder is that of the API; what the pack adds comes after it.
func useCaseOrder() []string {
	return []string{
		"PO-UC1", "PO-UC2", "PO-UC3", "PO-UC4", "US-UC1", "US-UC2", "US-UC3", "US-UC4", "US-UC5", "US-UC6", "INT", "AUTH", "GEN",
	}
}

func useCaseOf(id string) string {
	if i := strings.LastIndexByte(id, '-'); i > 0 {
		return id[:i]
	}
	return id
}

// requirementsPage is the catalogue: a table of contents by use case, then each requirement with its clause, what judges
// it and what proves that.
func requirementsPage(f facts, w wording) string {
	byUseCase := map[string][]schemas.Requirement{}
	order := useCaseOrder()
	for _, r := range f.pack.Requirements() {
		u := useCaseOf(r.ID)
		if !slices.Contains(order, u) {
			order = append(order, u)
		}
		byUseCase[u] = append(byUseCase[u], r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s", generated, w.introduction, head(w.useCaseCol, w.count))
	for _, u := range order {
		if len(byUseCase[u]) > 0 {
			b.WriteString(row(u+w.colon+w.useCases[u], linked(byUseCase[u])))
		}
	}
	for _, u := range order {
		if len(byUseCase[u]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s%s%s\n", u, w.colon, w.useCases[u])
		for _, r := range byUseCase[u] {
			b.WriteString(entry(f, w, r))
		}
	}
	return b.String()
}

func linked(requirements []schemas.Requirement) string {
	var links []string
	for _, r := range requirements {
		links = append(links, link("", r.ID))
	}
	return strings.Join(links, ", ")
}

// link leads to a requirement on its page, which is empty for the page itself.
func link(page, id string) string { return fmt.Sprintf("[%s](%s#%s)", id, page, strings.ToLower(id)) }

// entry is one requirement.
func entry(f facts, w wording, r schemas.Requirement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", r.ID, r.TextIn(w.lang))
	level := w.levels[r.Level] + ", " + w.modes[r.When]
	if r.Feature != "" {
		level += fmt.Sprintf(w.feature, r.Feature)
	}
	fmt.Fprintf(&b, "- %s%s\n- %s%s\n", w.level, level, w.clause, reports.SourceIn(r.Source, w.lang))
	if r.Open {
		fmt.Fprintf(&b, "- %s\n", w.open)
	}
	if len(r.Needs) > 0 {
		var needs []string
		for _, id := range r.Needs {
			needs = append(needs, link("", id))
		}
		fmt.Fprintf(&b, "- %s%s\n", w.needs, strings.Join(needs, ", "))
	}
	var scenarios []string
	for _, s := range f.judgedBy(r.ID) {
		scenarios = append(scenarios, w.said(s.Name))
	}
	if len(scenarios) == 0 {
		fmt.Fprintf(&b, "- %s\n", w.alone)
	} else {
		fmt.Fprintf(&b, "- %s%s\n", fmt.Sprintf(w.judged, len(scenarios)), strings.Join(scenarios, "; "))
	}
	b.WriteString(proved(f, w, r.ID))
	return b.String()
}

// proved lists the known faults; in English with how partners come to them, which is written in English only.
func proved(f facts, w wording, id string) string {
	caught, others := f.faults(id)
	var b strings.Builder
	switch {
	case len(caught) == 0:
		fmt.Fprintf(&b, "- %s\n", w.none)
	case w.lang == "fr":
		fmt.Fprintf(&b, "- %s %s\n", fmt.Sprintf(w.proof, len(caught)), codes(caught))
	default:
		fmt.Fprintf(&b, "- %s\n", fmt.Sprintf(w.proof, len(caught)))
		for _, name := range caught {
			fmt.Fprintf(&b, "  - `%s`: %s\n", name, f.how[name])
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "- %s%s\n", w.others, codes(others))
	}
	return b.String()
}
