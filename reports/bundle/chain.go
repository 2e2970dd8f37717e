package bundle

import (
	"encoding/json"
	"fmt"
)

// What each kind of hash begins with, so that none can be taken for another.
const (
	genesisTag = "clementine bundle 1\n"
	reviewTag  = "clementine review 1\n"
)

// chainOf links exchanges, each in its canonical spelling, to the header.
func chainOf(header []byte, exchanges [][]byte) Chain {
	c := Chain{Genesis: hash([]byte(genesisTag), header), Links: make([]string, 0, len(exchanges))}
	c.Head = c.Genesis
	for _, e := range exchanges {
		c.Head = link(c.Head, e)
		c.Links = append(c.Links, c.Head)
	}
	return c
}

// link is the link that follows another. It hashes the text of the one before it, which has a fixed length.
func link(before string, what []byte) string { return hash([]byte(before), what) }

// rawHeader is the header as it is in the manifest, in its canonical spelling.
func (b *Bundle) rawHeader() ([]byte, error) {
	var m struct {
		Header json.RawMessage `json:"header"`
	}
	if err := json.Unmarshal(b.entries[manifestName], &m); err != nil {
		return nil, err
	}
	return canonicalOf(m.Header)
}

// firstAltered is the place of the first exchange that is not what was chained, and what is wrong; -1 where none is.
func (c Chain) firstAltered(header []byte, exchanges [][]byte) (place int, sentence string) {
	if c.Genesis != hash([]byte(genesisTag), header) {
		return none, "the chain does not begin with this header"
	}
	before := c.Genesis
	for i, e := range exchanges {
		switch {
		case i >= len(c.Links):
			return i, fmt.Sprintf("exchange %d was added: the chain has %d links", i, len(c.Links))
		case link(before, e) != c.Links[i]:
			return i, fmt.Sprintf("exchange %d is the first that is not the recorded one: it was altered, dropped, moved or put in", i)
		}
		before = c.Links[i]
	}
	switch {
	case len(c.Links) > len(exchanges):
		return len(exchanges), fmt.Sprintf("exchange %d is missing: the chain has %d links", len(exchanges), len(c.Links))
	case c.Head != before:
		return none, "the head of the chain is not its last link"
	}
	return none, ""
}

// none is the place of no exchange.
const none = -1
