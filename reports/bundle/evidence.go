package bundle

import (
	"slices"

	"github.com/clementine-ope/clementine/reports"
)

// Digest is the digest of the manifest, "sha256:…": it names all of the run.
func (b *Bundle) Digest() string { return digest(b.entries[manifestName]) }

// Link is the link of an exchange in the chain, by its id; empty where the run has none with that id.
func (b *Bundle) Link(exchange int) string {
	i := slices.IndexFunc(b.results.Exchanges, func(e reports.Exchange) bool { return e.ID == exchange })
	if i < 0 || i >= len(b.Manifest.Chain.Links) {
		return ""
	}
	return b.Manifest.Chain.Links[i]
}
