// Package steps ties one line of wording to one verb of the harness, and runs the suite.
//
// It is the only user of godog. It owns the wording, the selection of scenarios and the run; it does not judge: the
// verdicts come from the harness, never from godog's summary.
package steps

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// Options configure a run of the suite.
type Options struct {
	Pack       *schemas.Pack
	Profile    *profile.Profile // BaseURL is the partner
	Orange     control.Orange   // the mock Orange
	GatewayURL string           // where the partner reaches it
	// Only selects scenarios: requirement ids (PO-UC2-03), use cases (PO-UC2, GEN, UC2) or ids of scenarios, which have a
	// slash. Empty selects all.
	Only []string
	// Extra holds features of the user's own, run after the suite's; untagged scenarios are mandatory, listed as own.
	Extra []fs.FS
	Lang  string // en | fr
	// Resilience adds the section on how an asynchronous partner copes with a gateway on a bad day, apart from
	// conformance. It leaves the partner with events that met faults, which a retry may carry beyond the run.
	Resilience bool
	// TryFixes mends, in a replay, what failed where the contract leaves no choice, and says what comes of it.
	TryFixes    bool
	Seed        uint64 // 0 = arbitrary; the results say which
	Challenge   string // a reviewer's, on which all ids depend too; empty where there is none
	Concurrency int    // calls in flight at the partner; 0 = the profile's
	Version     string
	Now         func() time.Time
	// Progress is told of each scenario that has ended, and of none that a stop has cut off; it is called by one goroutine at a time.
	Progress func(Progress)
	// Reference starts a partner that is right, beside which the scenarios that fail are run again; it is called only if
	// one fails. nil leaves the control run out.
	Reference func(ctx context.Context) (r Reference, stop func(), err error)
	// Ask puts a question to a person; nil where nobody can be asked.
	Ask func(ctx context.Context, question string) (ok, refused bool, err error)

	// OwnOrange says that the mock Orange was started for this run alone, or for this part of it.
	OwnOrange bool
	// OrangeRestarted says, of a run that is resumed, that the mock Orange ended in between and started again with its
	// journal: an answer of it may have been lost, so that sending an event again was right.
	OrangeRestarted bool

	// Dial connects to the partner, and to what the profile's triggers call; nil for the network as it is.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Watch is told of each exchange as it is recorded, by one goroutine at a time; nil where nobody looks.
	Watch func(reports.Exchange)

	chosenIDs map[string]bool // scenarios of a control run; nil selects by Only
	journal   *reports.Journal
	resume    *reports.JournalRecord // nil in a run from the beginning on
	attempts  map[string]int         // of scenarios that are not in their first one
}

// Progress is how far the run has come.
type Progress struct {
	Done, Total int
	Scenario    string
	Verdict     reports.Verdict
}

// ConfigError is a mistake in what the user gave: exit code 2.
type ConfigError struct{ Sentence string }

func (e *ConfigError) Error() string { return e.Sentence }

// CannotJudgeError means that nothing could be judged: exit code 3. Blame is partner, configuration, network or
// clementine.
type CannotJudgeError struct{ Blame, Sentence string }

func (e *CannotJudgeError) Error() string { return e.Sentence }

func (o *Options) fill() error {
	switch {
	case o.Pack == nil || o.Profile == nil:
		return &ConfigError{"steps.Options needs a contract pack and a profile"}
	case o.Lang == "":
		o.Lang = "en"
	case o.Lang != "en" && o.Lang != "fr":
		return &ConfigError{fmt.Sprintf("language %q is not known: en or fr", o.Lang)}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Concurrency < 0 {
		return &ConfigError{"concurrency is 1 or more"}
	}
	if o.Concurrency == 0 {
		o.Concurrency = max(o.Profile.Concurrency, 1)
	}
	return nil
}

// CheckChallenge says in words what a reviewer's challenge must be, if this one could not be told from another, or could
// be guessed; empty where it serves, or there is none.
func CheckChallenge(nonce string) string {
	strange := strings.ContainsFunc(nonce, func(r rune) bool { return r <= ' ' || r > '~' })
	if nonce == "" || len(nonce) >= 8 && len(nonce) <= 128 && !strange {
		return ""
	}
	return fmt.Sprintf("is 8 to 128 printable ASCII characters without spaces, is %q", nonce)
}

// problem turns what the preflight found into the error of its exit code.
func problem(p *harness.Problem) error {
	return &CannotJudgeError{Blame: string(p.Blame), Sentence: p.Sentence}
}
