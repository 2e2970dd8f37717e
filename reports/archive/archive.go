// Package archive keeps runs in a database: each as its bundle, with what a list of runs shows beside it.
//
// It owns storing, listing, reviewing and removing runs. It does not own what a bundle holds, which is bundle's, nor who
// may see a run: callers say whose runs they ask for.
package archive

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports"
)

//go:embed migrations
var migrations embed.FS

// ErrNotFound is a run that does not exist, or is not the owner's.
var ErrNotFound = errors.New("there is no such run")

// ErrTooLarge is a run whose bundle is larger than MaxBundle.
var ErrTooLarge = errors.New("the run is too large to be kept")

// ErrKept is a run that is kept already and stays as it is: it was over, or somebody has decided on it since.
var ErrKept = errors.New("the run is kept already")

// What the archive keeps.
const (
	MaxBundle   = 64 << 20 // bytes of one bundle
	defaultKept = 200      // runs of one owner
)

// Unjudged is the verdict of a run that came to no results.
const Unjudged = "unjudged"

// Run is what is known of a run without opening its bundle.
type Run struct {
	ID          string
	Owner       string // whose it is: a key of the caller's own
	StartedBy   string // a name for people
	Partner     string // name, from the profile
	Contract    string // number of the agreement
	Mode        string // sync | async
	Offer       string
	Verdict     string // passed | failed | broken | unjudged
	Problem     string // why nothing was judged; empty otherwise
	Selection   string // empty for a whole run
	Interrupted bool
	Suite       string // version
	Digest      string // of the suite
	Counts      reports.Counts
	StartedAt   time.Time
	Duration    time.Duration
	Review      string // open | accepted | refused, by the last decision
	// UploadedBy and UploadedAt are who brought a run that was made elsewhere, and when; a zero time where it was made here.
	UploadedBy string
	UploadedAt time.Time
	Proof      string // what was found out about it then, as whoever uploaded it wrote it down
	Baseline   string // the file that the run is set beside; empty for none
	// Content is the digest of what the run recorded, which no review or signature changes: a bundle that comes back has
	// the run's own. Empty where there is no bundle, and for runs of before it was kept.
	Content  string
	seq      int64
	revision int64
}

// DecidedHere reports of a run that was uploaded whether a decision was added since.
func (r Run) DecidedHere() bool { return !r.UploadedAt.IsZero() && r.revision > 0 }

// Options are the choices of whoever opens an archive.
type Options struct {
	// Kept is how many runs an owner keeps; the oldest that nobody has decided on go first. 0 is 200.
	Kept int
	Now  func() time.Time // nil is time.Now
}

// Archive is safe for concurrent use.
type Archive struct {
	db   *database.DB
	opts Options
}

// New makes an archive in an open database, which others may share and the caller closes, and brings its tables up to
// date.
func New(ctx context.Context, db *database.DB, o Options) (*Archive, error) {
	if o.Kept == 0 {
		o.Kept = defaultKept
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "archive", Files: files}); err != nil {
		return nil, err
	}
	return &Archive{db, o}, nil
}

// NewID is an id for a run that nobody can guess.
func NewID() string { return strings.ToLower(rand.Text()) }

func wrap(what string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
