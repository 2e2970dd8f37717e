package harness

import (
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/schemas"
)

// Applies tells whether a requirement applies to a partner with this profile, and why not.
func Applies(p *profile.Profile, req schemas.Requirement) (bool, string) { return applies(p, req) }

func applies(p *profile.Profile, req schemas.Requirement) (bool, string) {
	switch {
	case req.When == string(profile.Async) && p.Mode != profile.Async:
		return false, "for asynchronous partners only"
	case req.When == string(profile.Sync) && p.Mode != profile.Sync:
		return false, "for synchronous partners only"
	case req.Feature != "":
		return p.Declared(req.Feature)
	}
	return true, ""
}
