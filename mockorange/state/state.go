// Package state is what a mock Orange knows beyond one call: the journal, the applications, the faults that are armed,
// the end of tokens and the count of token requests. It is kept in memory, or in a database that several mocks share.
//
// It owns the order in which calls are seen, and that a call which was answered is not lost. It does not own how calls
// are judged or answered.
package state

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// The errors of a state; all others are the database's.
var (
	// ErrGap says that entries which were asked for have been dropped for want of room.
	ErrGap = errors.New("the journal no longer holds these entries")
	// ErrClosed is the end of a state: nothing is taken any more.
	ErrClosed = errors.New("the mock Orange is stopping")
)

// The limit of the token endpoint: requests in a period, for each application; strangers share one count.
const (
	tokenRequests = 50
	tokenPeriod   = time.Minute
)

// formerSecrets is how many earlier secrets of an application are known: a token that they signed is "expired".
const formerSecrets = 16

// Limits are the room of the journal. The oldest entries go first; the newest always stays.
type Limits struct {
	Entries int
	Bytes   int64         // that the entries weigh
	Age     time.Duration // 0 is no limit
}

// InMemory and InDatabase are the usual rooms.
func InMemory() Limits { return Limits{Entries: 100_000, Bytes: 24 << 20} }

// InDatabase is described at InMemory.
func InDatabase() Limits { return Limits{Entries: 1_000_000, Bytes: 1 << 30, Age: 30 * 24 * time.Hour} }

// Application is one application as it is kept. What is known of its earlier secrets and of the end of its tokens is
// added by the state.
type Application struct {
	ID, Name     string
	SecretDigest [sha256.Size]byte
	Offers       []string
	Temporary    bool // until the next reset
}

// Place is the place in the journal of a call that is being answered.
type Place int64

// State is one mock's knowledge, or that of several which share it. It is safe for concurrent use. All who share it see
// a change as soon as the call that made it has returned.
type State interface {
	// Journal names the journal that numbers belong to. It changes when they begin anew.
	Journal() string
	// Begin stores the entry of a call that is about to be answered. Once it has returned, the entry outlives the process,
	// if the state does; it is shown to readers after End. Entries are shown in the order in which they began, so a call
	// that was made because of another call's answer always stands behind it.
	Begin(e control.Entry) (Place, error)
	// End says that the answer has been written, or never will be.
	End(p Place)
	// Read returns up to limit entries with Seq > after, and a channel that closes when there may be more; the channel is nil
	// once nothing more can come. ErrGap where some of them have been dropped.
	Read(ctx context.Context, after int64, limit int) ([]control.Entry, <-chan struct{}, error)
	// Settle waits until all calls that have begun are shown, so that who has got an answer reads its own call. It gives up
	// when ctx ends: a caller that does not take its answer holds nobody up.
	Settle(ctx context.Context)

	// Lookup is an oauth.Lookup.
	Lookup(ctx context.Context, id string) (oauth.Stored, bool, error)
	// Put lets an application in, or changes it.
	Put(ctx context.Context, a Application) error
	// Remove shuts an application out; an unknown one changes nothing.
	Remove(ctx context.Context, id string) error
	// Expire ends all tokens issued before at. An earlier at than that of a former call changes nothing.
	Expire(ctx context.Context, at time.Time) error

	// Arm arms a fault and returns it with its ID. See fault.Set.
	Arm(ctx context.Context, s fault.Spec) (fault.Spec, error)
	// Disarm removes a fault: fault.ErrNotArmed if there is none of this ID. DisarmAll removes all.
	Disarm(ctx context.Context, id string) error
	DisarmAll(ctx context.Context) error
	// Armed lists the faults that are armed, in the order in which they were.
	Armed(ctx context.Context) ([]fault.Armed, error)
	// Act asks the armed faults. Keys are asked for only where something is armed.
	Act(ctx context.Context, on fault.Endpoint, keys func() []string, c fault.Call) (fault.Effect, bool, error)

	// OverRate counts a token request of an application and says whether it is one too many.
	OverRate(ctx context.Context, application string, at time.Time) (bool, error)
	// Reset forgets faults, token requests, temporary applications, and the entries of the journal. Numbers go on.
	Reset(ctx context.Context) error
	// Close takes nothing more, and ends all readers once they have seen what is there.
	Close(ctx context.Context) error
}

// subscriptionBatch is how many entries a subscriber takes out of the journal at once.
const subscriptionBatch = 256

// Subscribe delivers the entries with Seq > after. The channel closes when ctx ends, when the state is closed, when it
// cannot be read, and when the reader has fallen so far behind that entries it has not seen were dropped: a gap is never
// passed over.
func Subscribe(ctx context.Context, s State, after int64) (<-chan control.Entry, error) {
	if _, _, err := s.Read(ctx, after, 0); err != nil {
		return nil, err
	}
	out := make(chan control.Entry)
	go func() {
		defer close(out)
		for {
			batch, more, err := s.Read(ctx, after, subscriptionBatch)
			if err != nil {
				if !patient(ctx, err) {
					return
				}
				continue
			}
			for _, e := range batch {
				select {
				case out <- e:
					after = e.Seq
				case <-ctx.Done():
					return
				}
			}
			if len(batch) > 0 {
				continue
			}
			if more == nil {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// readAgain is the pause before a journal that could not be read is tried again.
const readAgain = 200 * time.Millisecond

// patient waits a little after a failure of the database; false where it is for good.
func patient(ctx context.Context, err error) bool {
	if errors.Is(err, ErrGap) || errors.Is(err, ErrClosed) {
		return false
	}
	timer := time.NewTimer(readAgain)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
