package bundle

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/reports"
)

// reviewFile is review.json: decisions are only ever added at its end.
type reviewFile struct {
	Version   int       `json:"version"`
	Decisions []decided `json:"decisions"`
}

// decided is a decision with its link: over the one before it, or over the manifest, and the decision in its canonical spelling.
type decided struct {
	Decision json.RawMessage `json:"decision"`
	Link     string          `json:"link"`

	read reports.Decision
}

func (b *Bundle) readDecisions() error {
	raw, there := b.entries[reviewName]
	if !there {
		return nil
	}
	delete(b.entries, reviewName)
	var f reviewFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return fmt.Errorf("%s: %w", reviewName, err)
	}
	if f.Version != Version {
		return fmt.Errorf("%s: version %d is not known, only %d is", reviewName, f.Version, Version)
	}
	for i := range f.Decisions {
		if err := json.Unmarshal(f.Decisions[i].Decision, &f.Decisions[i].read); err != nil {
			return fmt.Errorf("%s: decision %d: %w", reviewName, i+1, err)
		}
	}
	b.decisions = f.Decisions
	return nil
}

// Decisions are what reviewers decided, oldest first.
func (b *Bundle) Decisions() []reports.Decision {
	var out []reports.Decision
	for _, d := range b.decisions {
		out = append(out, d.read)
	}
	return out
}

// Decide adds a decision after those there are. It refuses one that makes no sense for this run as it is reviewed so
// far: a waiver of what passed, an acceptance of what failed and is not waived.
func (b *Bundle) Decide(d reports.Decision) error {
	r, err := b.Reviewed(d.At)
	if err != nil {
		return err
	}
	d.At = d.At.UTC()
	if sentence := reports.CheckDecision(r, d); sentence != "" {
		return errors.New(sentence)
	}
	raw, err := canonicalOf(d)
	if err != nil {
		return err
	}
	b.decisions = append(b.decisions, decided{Decision: raw, Link: link(b.reviewHead(len(b.decisions)), raw), read: d})
	return nil
}

// reviewHead is the link after so many decisions.
func (b *Bundle) reviewHead(decisions int) string {
	if decisions == 0 {
		return hash([]byte(reviewTag), []byte(digest(b.entries[manifestName])))
	}
	return b.decisions[decisions-1].Link
}

// checkDecisions says which decision is not the one that was chained; empty where all are.
func (b *Bundle) checkDecisions() string {
	for i, d := range b.decisions {
		raw, err := canonicalOf(d.Decision)
		if err != nil || link(b.reviewHead(i), raw) != d.Link {
			return fmt.Sprintf("decision %d of the review is not the one that was made on this run: it was altered, dropped, moved or put in", i+1)
		}
	}
	return ""
}
