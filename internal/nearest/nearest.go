// Package nearest finds what somebody may have meant who wrote a name that there is not. It owns the likeness of names,
// not the sentences that offer them.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// What is compared, in bytes: a name beyond longest is no slip, and a word below shortest says nothing.
const (
	longest  = 64
	shortest = 4
)

// Names returns at most so many of the names that word may stand for, the likeliest first: those that a typing slip would
// explain, and where there are none, those that share a word with it, as one-licence-short and licences do.
func Names(word string, names []string, most int) []string {
	if len(word) > longest {
		return nil
	}
	word = strings.ToLower(word)
	distance := make(map[string]int, len(names))
	var slips, related []string
	for _, name := range names {
		distance[name] = editDistance(word, strings.ToLower(name))
		switch {
		case distance[name] < len(word)/3+2:
			slips = append(slips, name)
		case shareWord(strings.ToLower(name), word):
			related = append(related, name)
		}
	}
	found := slips
	if len(slips) == 0 {
		found = related
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(distance[a], distance[b]) })
	return found[:min(len(found), most)]
}

func shareWord(name, word string) bool {
	for part := range strings.SplitSeq(word, "-") {
		if len(part) >= shortest && strings.Contains(name, part) {
			return true
		}
	}
	return false
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
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
