package fault

import (
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"
)

// Kind names a fault. The names are those of the control port.
type Kind string

// The kinds; each has a file of its own.
const (
	UnavailableOnce Kind = "unavailable-once"
	ExpiredOnce     Kind = "expired-once"
	RefuseAlways    Kind = "refuse-always"
	CutOnce         Kind = "cut-once"
	TokenRevoked    Kind = "token-revoked"
	RateLimited     Kind = "rate-limited"
	ServerError     Kind = "server-error"
	Unavailable     Kind = "unavailable"
	Slow            Kind = "slow"
	NoAnswer        Kind = "no-answer"
	CutBefore       Kind = "cut-before"
	OfferClosed     Kind = "offer-closed"
	ContentType     Kind = "content-type"
	HugeAnswer      Kind = "huge-answer"
	Garbage         Kind = "garbage"
)

// Endpoint is what a fault acts on.
type Endpoint string

// The endpoints.
const (
	OnEvent Endpoint = "event"
	OnToken Endpoint = "token"
)

// The limits of settings.
const (
	MostTimes      = 1000
	MostRetryAfter = 600              // seconds
	MostDelay      = 10 * time.Minute // of an answer
	MostBytes      = 1 << 30          // of an answer
)

// Always as Spec.Times lets a fault act until it is disarmed.
const Always = -1

// Spec is one armed fault. Key binds it to the events in which the key stands as an id, or to the token requests of the
// application with that client id; an empty key binds it to all. The settings that a kind does not take are zero.
type Spec struct {
	ID  string
	On  Endpoint // empty is OnEvent
	Key string

	Kind        Kind
	Times       int           // how many calls it acts on; 0 is one, Always has no end
	RetryAfter  int           // seconds; 0 is 1
	Delay       time.Duration // 0 is the kind's own
	Bytes       int64         // length of the answer; 0 is the kind's own
	Status      int           // HTTP status; 0 is the kind's own
	ContentType string        // of the answer; empty is the kind's own
}

// The errors of Arm and Disarm.
var (
	ErrUnknownKind = errors.New("unknown kind of fault")
	ErrSetting     = errors.New("unusable setting of a fault")
	ErrNotArmed    = errors.New("no such fault is armed")
)

// setting is a field of Spec, by the name that it has on the control port.
type setting string

const (
	times       setting = "times"
	retryAfter  setting = "retryAfterSeconds"
	delay       setting = "delayMs"
	size        setting = "bytes"
	status      setting = "status"
	contentType setting = "contentType"
)

// kind is one row of the table of faults.
type kind struct {
	name      Kind
	token     bool // may act on token requests too
	takes     []setting
	defaults  Spec   // what its settings are unless given
	statuses  [2]int // from and to, where it takes a status
	behaviour func(Spec) Behaviour
}

// table holds every kind.
func table() []kind {
	return []kind{
		{name: UnavailableOnce, behaviour: func(Spec) Behaviour { return unavailableOnce{} }},
		{name: ExpiredOnce, behaviour: func(Spec) Behaviour { return expiredOnce{} }},
		{name: RefuseAlways, behaviour: func(Spec) Behaviour { return refuseAlways{} }},
		{name: CutOnce, behaviour: func(Spec) Behaviour { return cutOnce{} }},
		{name: TokenRevoked, behaviour: func(Spec) Behaviour { return revoked{} }},
		rateLimited(), serverError(), maintenance(), slow(), noAnswer(), cutBefore(), offerClosed(), wrongContentType(), huge(),
		garbage(),
	}
}

// Kinds lists every kind.
func Kinds() []Kind {
	var names []Kind
	for _, k := range table() {
		names = append(names, k.name)
	}
	return names
}

func find(name Kind) (kind, bool) {
	all := table()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// Complete checks a fault and fills in the settings that were left out. An error names the field: ErrUnknownKind or
// ErrSetting.
func Complete(s Spec) (Spec, error) {
	k, known := find(s.Kind)
	if !known {
		var names []string
		for _, name := range Kinds() {
			names = append(names, string(name))
		}
		return s, fmt.Errorf("arm fault %q: %w; known: %s", s.Kind, ErrUnknownKind, strings.Join(names, ", "))
	}
	if s.On == "" {
		s.On = OnEvent
	}
	if s.On != OnEvent && (s.On != OnToken || !k.token) {
		return s, fmt.Errorf("arm fault %s: on is %q: %w: it acts on %s", k.name, s.On, ErrSetting,
			strings.Join(k.endpoints(), " or "))
	}
	if err := k.check(s); err != nil {
		return s, err
	}
	return k.fill(s), nil
}

func (k kind) endpoints() []string {
	if k.token {
		return []string{string(OnEvent), string(OnToken)}
	}
	return []string{string(OnEvent)}
}

// check refuses settings that the kind does not take, or that are beyond the limits.
func (k kind) check(s Spec) error {
	_, _, err := mime.ParseMediaType(s.ContentType)
	for _, c := range []struct {
		name  setting
		given bool
		fits  bool
	}{
		{times, s.Times != 0, s.Times >= Always && s.Times <= MostTimes},
		{retryAfter, s.RetryAfter != 0, s.RetryAfter > 0 && s.RetryAfter <= MostRetryAfter},
		{delay, s.Delay != 0, s.Delay > 0 && s.Delay <= MostDelay},
		{size, s.Bytes != 0, s.Bytes > 0 && s.Bytes <= MostBytes},
		{status, s.Status != 0, s.Status >= k.statuses[0] && s.Status <= k.statuses[1]},
		{contentType, s.ContentType != "", err == nil},
	} {
		switch {
		case !c.given:
		case !slices.Contains(k.takes, c.name):
			return fmt.Errorf("arm fault %s: %s: %w: this kind does not take it", k.name, c.name, ErrSetting)
		case !c.fits:
			return fmt.Errorf("arm fault %s: %s: %w: it must be %s", k.name, c.name, ErrSetting, k.limit(c.name))
		}
	}
	return nil
}

// limit says in words what a setting may be.
func (k kind) limit(of setting) string {
	switch of {
	case times:
		return fmt.Sprintf("1 to %d, or %d for no end", MostTimes, Always)
	case retryAfter:
		return fmt.Sprintf("1 to %d", MostRetryAfter)
	case delay:
		return fmt.Sprintf("1 to %d", MostDelay.Milliseconds())
	case size:
		return fmt.Sprintf("1 to %d", MostBytes)
	case status:
		return fmt.Sprintf("%d to %d", k.statuses[0], k.statuses[1])
	default:
		return "a media type"
	}
}

func (k kind) fill(s Spec) Spec {
	if slices.Contains(k.takes, times) && s.Times == 0 {
		s.Times = 1
	}
	if slices.Contains(k.takes, retryAfter) && s.RetryAfter == 0 {
		s.RetryAfter = 1
	}
	if s.Delay == 0 {
		s.Delay = k.defaults.Delay
	}
	if s.Bytes == 0 {
		s.Bytes = k.defaults.Bytes
	}
	if s.Status == 0 {
		s.Status = k.defaults.Status
	}
	if s.ContentType == "" {
		s.ContentType = k.defaults.ContentType
	}
	return s
}
