package reports

import (
	"cmp"
	"regexp"
	"slices"
)

// Rank lists the failed requirements with the scenarios that they keep from passing, the most first; of those that keep
// as many, the first in the catalogue.
func Rank(r Results) []Cause {
	var out []Cause
	for _, q := range r.Requirements {
		if q.Verdict != Failed {
			continue
		}
		named := naming(q.ID)
		c := Cause{Requirement: q.ID, Scenarios: []string{}, Waiting: []string{}}
		for _, s := range r.Scenarios {
			switch {
			case slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Requirement == q.ID && f.FollowOf == "" }):
				c.Scenarios = append(c.Scenarios, s.ID)
			case s.Verdict != Inconclusive:
			case named.MatchString(s.Reason) || slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.FollowOf == q.ID }):
				c.Waiting = append(c.Waiting, s.ID)
			}
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Cause) int { return cmp.Compare(b.keeps(), a.keeps()) })
	return out
}

// keeps is how many scenarios can't pass because of the cause.
func (c Cause) keeps() int { return len(c.Scenarios) + len(c.Waiting) }

// naming matches a text that names a requirement.
func naming(id string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^A-Za-z0-9_-])` + regexp.QuoteMeta(id) + `($|[^A-Za-z0-9_-])`)
}

// waiters are the scenarios that wait for the causes, each counted once.
func waiters(list []Cause) int {
	waiting := map[string]bool{}
	for _, c := range list {
		for _, id := range c.Waiting {
			waiting[id] = true
		}
	}
	return len(waiting)
}

// ranked is the list in the results, or what their verdicts say where an older version wrote them.
func ranked(r Results) []Cause {
	if len(r.Causes) > 0 {
		return r.Causes
	}
	return Rank(r)
}
