package reports

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// cause is one requirement with what speaks against it, equal findings of several scenarios taken together.
type cause struct {
	Requirement Requirement
	Cause       Cause   // of a failed requirement
	Findings    []group // its own first, then those that follow from another requirement
	// Waiting are the ids of the requirements that could not be judged because of this one.
	Waiting []string
}

// group is one finding and every scenario that made it, in the order of the run.
type group struct {
	Finding
	Scenarios []Scenario
}

// causes returns the requirements with that verdict, in the catalogue's order.
func causes(r Results, v Verdict) []cause { return causesBy(r, v, kindOf) }

// causesBy takes findings together whose texts are the same by alike.
func causesBy(r Results, v Verdict, alike func(string) string) []cause {
	byRequirement := grouped(r, alike)
	var out []cause
	for _, q := range r.Requirements {
		if q.Verdict != v {
			continue
		}
		c := cause{Requirement: q}
		var follows []group
		for _, g := range byRequirement[q.ID] {
			if g.FollowOf == "" {
				c.Findings = append(c.Findings, g)
			} else {
				follows = append(follows, g)
			}
		}
		c.Findings = append(c.Findings, follows...)
		if v == Failed {
			c.Waiting = waiting(r, q.ID, byRequirement)
		}
		out = append(out, c)
	}
	if v == Failed {
		byRank(out, r)
	}
	return out
}

// byRank puts the cause first that keeps most scenarios from passing, and gives each its place in the results.
func byRank(list []cause, r Results) {
	place, rank := map[string]int{}, ranked(r)
	for i, c := range rank {
		place[c.Requirement] = i
	}
	slices.SortStableFunc(list, func(a, b cause) int { return cmp.Compare(place[a.Requirement.ID], place[b.Requirement.ID]) })
	for i := range list {
		if at, known := place[list[i].Requirement.ID]; known {
			list[i].Cause = rank[at]
		}
	}
}

// grouped collects all findings by requirement; those that differ only in ids, numbers, scenario and exchange are one
// group, shown by the finding of the plainest scenario: one that is about the requirement, compared if there is one, with the
// fewest exchanges.
func grouped(r Results, alike func(string) string) map[string][]group {
	type key struct{ requirement, expected, seen, path, hint, follow string }
	at := map[key]int{}
	out := map[string][]group{}
	for _, s := range r.Scenarios {
		for _, f := range s.Findings {
			k := key{f.Requirement, alike(f.Expected), alike(f.Seen), alike(f.Path), alike(f.Hint), f.FollowOf}
			i, known := at[k]
			if !known {
				at[k] = len(out[f.Requirement])
				out[f.Requirement] = append(out[f.Requirement], group{Finding: f, Scenarios: []Scenario{s}})
				continue
			}
			g := &out[f.Requirement][i]
			if !slices.ContainsFunc(g.Scenarios, func(known Scenario) bool { return known.ID == s.ID }) {
				g.Scenarios = append(g.Scenarios, s)
			}
			if plainer(s, g.Scenarios[0], f, g.Finding) {
				g.Finding = f
				last := len(g.Scenarios) - 1
				g.Scenarios[0], g.Scenarios[last] = s, g.Scenarios[0]
			}
		}
	}
	return out
}

// particular is what differs between two findings of one kind.
var particular = regexp.MustCompile(`"[^"]*"|[0-9]+`)

func itself(text string) string { return text }

func kindOf(text string) string { return particular.ReplaceAllString(text, "#") }

// plainer reports whether finding f of scenario a shows a breach better than g of b: in a scenario about its requirement,
// with the reference beside it, and with less around it.
func plainer(a, b Scenario, f, g Finding) bool {
	about := func(s Scenario) int {
		if slices.Contains(s.Requirements, f.Requirement) {
			return 0
		}
		return 1
	}
	beside := func(f Finding) int {
		if f.Reference != nil && f.Reference.Exchange != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(about(a), about(b)), cmp.Compare(beside(f), beside(g)), cmp.Compare(len(a.Exchanges), len(b.Exchanges))) < 0
}

// waiting lists the inconclusive requirements that follow from id: by a finding, or because their reason names it.
func waiting(r Results, id string, byRequirement map[string][]group) []string {
	named := naming(id)
	var out []string
	for _, q := range r.Requirements {
		if q.Verdict != Inconclusive {
			continue
		}
		follows := named.MatchString(q.Reason)
		for _, g := range byRequirement[q.ID] {
			follows = follows || g.FollowOf == id
		}
		if follows {
			out = append(out, q.ID)
		}
	}
	return out
}

// reasons groups the requirements with that verdict by their reason, both in the catalogue's order.
func reasons(r Results, v Verdict) []reason {
	at := map[string]int{}
	var out []reason
	for _, q := range r.Requirements {
		if q.Verdict != v {
			continue
		}
		i, known := at[q.Reason]
		if !known {
			i = len(out)
			at[q.Reason] = i
			out = append(out, reason{Text: q.Reason})
		}
		out[i].IDs = append(out[i].IDs, q.ID)
	}
	return out
}

type reason struct {
	Text string
	IDs  []string
}

// listed joins ids, at most limit of them.
func listed(ids []string, limit int, l labels) string {
	if len(ids) <= limit {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids[:limit], ", ") + l.f("andMore", len(ids)-limit)
}
