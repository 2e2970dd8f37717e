package schemas

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// require reports every name that the code asks for and the pack lacks.
func (r *reader) require(c *contract) {
	if c.name == "" || c.version == "" {
		r.report(1, "a pack needs a name and a version")
	}
	requireAll(r, c, "endpoint", c.endpoints, requiredEndpoints())
	requireAll(r, c, "path", c.paths, requiredPaths())
	requireAll(r, c, "value", c.values, requiredValues())
	requireAll(r, c, "schema", c.schemas, requiredSchemas())
	requireAll(r, c, "payload", c.payloads, requiredPayloads())
	queries := requiredQueries()
	for _, name := range sortedKeys(queries) {
		for _, role := range queries[name] {
			if e, ok := c.endpoints[name]; ok && e.Query[role] == "" {
				r.report(max(1, c.sections["queries"]), "queries: %s needs the query parameter %s", name, role)
			}
		}
	}
}

// requireAll reports the names that are missing and those that nothing reads, which are misspelt ones most of the time.
func requireAll[V any](r *reader, c *contract, what string, given map[string]V, required []string) {
	line, ok := c.sections[what+"s"]
	if !ok {
		r.report(1, "the section %ss is missing", what)
		return
	}
	for _, name := range required {
		if _, ok := given[name]; !ok {
			r.report(line, "%s %s is missing", what, name)
		}
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(required, name) && what != "schema" {
			r.report(line, "%s %s is not one that Clementine knows%s", what, name, didYouMean(name, required))
		}
	}
}

// relations reports ids that lead nowhere and requirements that need each other in a circle.
func (r *reader) relations(c *contract) {
	ids := map[string]bool{}
	needs := map[string][]string{}
	for _, q := range c.requirements {
		ids[q.ID] = true
		needs[q.ID] = q.Needs
	}
	known := sortedKeys(ids)
	check := func(line int, who string, cited []string) {
		for _, id := range cited {
			if !ids[id] {
				r.report(line, "%s names %s, which is no requirement%s", who, id, didYouMean(id, known))
			}
		}
	}
	for _, q := range c.requirements {
		check(c.lines[q.ID], "needs of "+q.ID, q.Needs)
		if cycle := cycleFrom(q.ID, needs); cycle != nil && q.ID == slices.Min(cycle) {
			r.report(c.lines[q.ID], "needs form a circle: %s", strings.Join(append(cycle, q.ID), " -> "))
		}
	}
	for _, i := range c.interpretations {
		check(c.lines[i.ID], i.ID, i.Requirements)
	}
	for _, name := range sortedKeys(c.schemas) {
		if ref := c.schemas[name]; ref.requirement != "" {
			check(ref.line, "schema "+name, []string{ref.requirement})
		}
	}
	check(1, "the judge", []string{wireForm, noEmpty})
	for _, name := range sortedKeys(c.payloads) {
		ref := c.payloads[name]
		if _, ok := c.schemas[ref.schema]; !ok && ref.schema != "" {
			r.report(ref.line, "payload %s: no schema is named %s%s", name, ref.schema,
				didYouMean(ref.schema, sortedKeys(c.schemas)))
		}
	}
}

// cycleFrom gives the shortest way from id back to itself, without the last step; nil if there is none.
func cycleFrom(id string, needs map[string][]string) []string {
	from := map[string]string{}
	queue := []string{id}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range needs[at] {
			if next == id {
				path := []string{at}
				for at != id {
					at = from[at]
					path = append(path, at)
				}
				slices.Reverse(path)
				return path
			}
			if _, seen := from[next]; !seen {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// didYouMean names the nearest known word where it is near enough to be meant.
func didYouMean(word string, known []string) string {
	best, distance := "", 1+len(word)/3
	for _, k := range known {
		if d := editDistance(word, k); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
