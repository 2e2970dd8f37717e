// Package reports holds the result model of a run (results.json) and its renderers.
//
// It owns the shape of results.json and every rendering of it. It does not own judging: the verdicts arrive folded.
package reports

import (
	"encoding/base64"
	"time"
)

// Version is the version of results.json. Fields are added, never renamed or removed, within a version.
const Version = 1

// Results is one run, as written to results.json. Everything secret in it is masked before it gets here.
type Results struct {
	Version     int    `json:"version"`
	Verdict     string `json:"verdict"` // passed | failed | broken, by the rule of the exit codes 0, 1 and 3
	Interrupted bool   `json:"interrupted"`
	// Selection is the text of --only; empty for a whole run. A run with a selection is partial: not a submission.
	Selection string         `json:"selection"`
	Suite     Suite          `json:"suite"`
	Partner   Partner        `json:"partner"`
	Profile   map[string]any `json:"profile"` // redacted
	Mode      string         `json:"mode"`    // sync | async
	Lang      string         `json:"lang,omitempty"`
	Seed      uint64         `json:"seed"`
	// Challenge is what a reviewer gave before the run; every id of the run depends on it. Empty where nobody gave one.
	Challenge    string        `json:"challenge,omitempty"`
	StartedAt    time.Time     `json:"startedAt"`
	DurationMs   int64         `json:"durationMs"`
	Counts       Counts        `json:"counts"` // of requirements, own ones included
	Requirements []Requirement `json:"requirements"`
	Scenarios    []Scenario    `json:"scenarios"`
	Exchanges    []Exchange    `json:"exchanges"`
	Notes        []string      `json:"notes,omitempty"`
	// Resilience is how the partner coped with a gateway on a bad day. It goes beyond the requirements: it is apart from
	// conformance and changes no verdict and no exit code. Empty where it was not looked at: synchronous partners, and
	// runs with a selection.
	Resilience []Resilience `json:"resilience,omitempty"`
	// Causes are the failed requirements, the one that keeps most scenarios from passing first.
	Causes []Cause `json:"causes,omitempty"`
	// Reference says whether what failed ran against the reference partner too; nil where nothing failed.
	Reference *Reference `json:"reference,omitempty"`
	// Attended says that a person was there to be asked (triggers of kind ask).
	Attended bool `json:"attended,omitempty"`
	// Resumed lists, for each time that the run went on after it had been cut off, when and from where (run --resume).
	Resumed []Resumption `json:"resumed,omitempty"`
	// Proof says how many of the known partner faults this run would have noticed; nil where nobody asked.
	Proof *Proof `json:"proof,omitempty"`
	// Claims holds the optional features of the profile against what the run showed of them.
	Claims []Claim `json:"claims,omitempty"`
	// Review is what reviewers decided; nil where nobody has. It comes from a bundle and changes no verdict above.
	Review *Review `json:"review,omitempty"`
	// Altered says that the results came in a bundle that is not as it was written. It is for those who write them for
	// readers, and never stored.
	Altered bool `json:"-"`
}

// Resumption is one time that a run went on after it had been cut off.
type Resumption struct {
	At       time.Time `json:"at"`
	Exchange int       `json:"exchange"` // the first one from then on
	Judged   int       `json:"judged"`   // scenarios that had been judged, and were not called again
	Again    int       `json:"again"`    // scenarios that had been begun, and began anew under other ids
	// OrangeAnew says that the mock Orange, too, was another one from then on.
	OrangeAnew bool `json:"orangeAnew,omitempty"`
	// OrangeRestarted says that the mock Orange had ended and started again with its journal: an answer of it may have been
	// lost.
	OrangeRestarted bool `json:"orangeRestarted,omitempty"`
}

// Resilience is one bad moment of the gateway, and whether the partner held.
type Resilience struct {
	Name string `json:"name"`
	Held bool   `json:"held"`
	Seen string `json:"seen"` // what the partner did
}

// Suite says which checks ran. Digest covers the features and the contract pack, Pack the contract pack alone.
type Suite struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Contract string `json:"contract"`
	Digest   string `json:"digest"`
	Pack     string `json:"pack,omitempty"`
}

// Partner is the party under test.
type Partner struct {
	Name     string `json:"name"`
	Contract string `json:"contract"`
	BaseURL  string `json:"baseURL"`
}

// Counts has one number per rung of the ladder.
type Counts struct {
	Passed       int `json:"passed"`
	Failed       int `json:"failed"`
	Warning      int `json:"warning"`
	Skipped      int `json:"skipped"`
	Inconclusive int `json:"inconclusive"`
	Broken       int `json:"broken"`
}

// Requirement is one row of the catalogue with its verdict. Every requirement of the contract is listed, once.
type Requirement struct {
	ID      string  `json:"id"`
	Level   string  `json:"level"` // mandatory | optional | advice | own
	Verdict Verdict `json:"verdict"`
	// Reason says why it was skipped, or what it waits for where inconclusive, or what broke; empty otherwise.
	Reason    string   `json:"reason"`
	Text      string   `json:"text"`
	Source    string   `json:"source"`
	Scenarios []string `json:"scenarios"` // ids
}

// Scenario is one Gherkin scenario (one example row of an outline).
type Scenario struct {
	ID           string    `json:"id"`
	Feature      string    `json:"feature"`
	Name         string    `json:"name"`
	UseCase      string    `json:"useCase,omitempty"` // PO-UC2, US-UC4, GEN, …
	Requirements []string  `json:"requirements"`
	Verdict      Verdict   `json:"verdict"`
	Reason       string    `json:"reason,omitempty"`
	DurationMs   int64     `json:"durationMs"`
	Findings     []Finding `json:"findings"`
	Notes        []string  `json:"notes"`
	Steps        []Step    `json:"steps"`
	Exchanges    []int     `json:"exchanges"` // ids in Results.Exchanges
	// Attempt is 2 or more where the run was cut off in the middle of the scenario and began it anew, under other ids.
	Attempt int `json:"attempt,omitempty"`
	// Course is what the scenario learnt, in order, besides the bytes of its exchanges; empty where it did not run.
	Course []Turn `json:"course,omitempty"`
}

// Finding is one breach of one requirement, with its evidence.
type Finding struct {
	Requirement string `json:"requirement"`
	Expected    string `json:"expected"`
	Seen        string `json:"seen"`
	Path        string `json:"path"`     // JSON path in the answer or event, $.orderItem[0].state; empty where none applies
	Exchange    int    `json:"exchange"` // id in Results.Exchanges; -1 where no exchange shows it
	// Missing says that what shows the breach is a call of the partner's that never came; Exchange is what it was due for.
	Missing bool   `json:"missing,omitempty"`
	Hint    string `json:"hint"` // the one thing to change
	// Fix is what mends the recorded answer, where the contract leaves no choice; nil where it does.
	Fix *Fix `json:"fix,omitempty"`
	// FollowOf names the failed requirement that this finding follows from; such a finding has no verdict of its own.
	FollowOf string `json:"followOf,omitempty"`
	// Verbatim says that Seen is all the partner's own text, as it came: no words of the suite's are in it.
	Verbatim bool `json:"verbatim,omitempty"`
	// Reference is what the reference partner did in the same place; nil where there was no control run.
	Reference *Comparison `json:"reference,omitempty"`
}

// Fix is one change of a message of the partner's.
type Fix struct {
	// Op is set (Value at Path), omit (what is empty at Path, in every element of its arrays), text (numbers at Path as
	// strings, likewise), number (strings at Path as numbers, likewise), content-type (Value as the header), or status.
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`  // as Finding.Path
	Value string `json:"value,omitempty"` // JSON text; the header's value; the status
}

// Cause is one failed requirement with all that it keeps from passing.
type Cause struct {
	Requirement string   `json:"requirement"`
	Scenarios   []string `json:"scenarios"` // that show it
	Waiting     []string `json:"waiting"`   // that could not be judged because of it
	// Check is what a replay came to in which the recorded messages were mended; nil where no finding has a Fix.
	Check *Check `json:"check,omitempty"`
}

// Check is what a cause's scenarios come to once what was recorded is mended, together with the causes before it.
type Check struct {
	Messages int `json:"messages"` // mended
	Pass     int `json:"pass"`
	Other    int `json:"other"`   // show it no longer, and fail or wait because of another cause
	Still    int `json:"still"`   // show it all the same
	Unknown  int `json:"unknown"` // go on to calls that were not recorded
}

// Step is one line of the scenario.
type Step struct {
	Text    string  `json:"text"`
	Verdict Verdict `json:"verdict"`
}

// Exchange is one HTTP request and its answer, recorded with secrets masked.
type Exchange struct {
	ID        int    `json:"id"`
	Direction string `json:"direction"`      // orange-to-partner | partner-to-orange
	Kind      string `json:"kind,omitempty"` // call | trigger | event | token
	// At is the moment the request left (orange-to-partner) or arrived (partner-to-orange).
	At         time.Time `json:"at"`
	Request    Message   `json:"request"`
	Response   Message   `json:"response"`
	Auth       Auth      `json:"auth"`
	DurationMs float64   `json:"durationMs"`
	Error      string    `json:"error,omitempty"` // transport error, in words, where there was no whole answer
	Fault      string    `json:"fault,omitempty"` // the gateway fault that Clementine injected here
	// Gateway is what the mock Orange made of a call of the partner's; nil for calls to the partner.
	Gateway *Gateway `json:"gateway,omitempty"`
}

// Gateway is how the mock Orange read a call: what a replay can't read from the masked message.
type Gateway struct {
	Offer        string `json:"offer,omitempty"` // first part of an event's path
	API          string `json:"api,omitempty"`   // productordering | userservice; empty where the path is neither
	Cut          bool   `json:"cut,omitempty"`   // the answer was cut on purpose
	TokenInQuery bool   `json:"tokenInQuery,omitempty"`
	JudgeMade    bool   `json:"judgeMade,omitempty"` // the token was good, a fault made it stale
	// The rest is of token requests: GrantType is nil for events.
	GrantType     *string `json:"grantType,omitempty"`
	CredentialsIn string  `json:"credentialsIn,omitempty"` // basic | body | both | none
	ClientID      string  `json:"clientID,omitempty"`
	GrantError    string  `json:"grantError,omitempty"` // RFC 6749 error code; empty where a token was granted
}

// Turn is one thing that a scenario learnt besides the bytes of its exchanges, such as which event a wait ended with.
// With the exchanges they make the recording, from which a replay reaches the same verdicts.
type Turn struct {
	Op    string `json:"op"`
	Value int64  `json:"v,omitempty"`
	Text  string `json:"t,omitempty"`
}

// Message is a request (Method, URL) or a response (Status).
type Message struct {
	Method  string              `json:"method,omitempty"`
	URL     string              `json:"url,omitempty"`
	Status  int                 `json:"status,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    *Body               `json:"body,omitempty"`
}

// Body is a recorded body: Text if it is UTF-8, Base64 otherwise. Bytes is the whole length, also where Truncated.
type Body struct {
	Text      string `json:"text,omitempty"`
	Base64    string `json:"base64,omitempty"`
	Bytes     int64  `json:"bytes"`
	Truncated bool   `json:"truncated,omitempty"`
	SHA256    string `json:"sha256"`
}

// Raw is the body as it came, up to where it was cut; empty where there is none. Of a base64 that is none, which an altered
// recording may have, it is what can be read.
func (b *Body) Raw() string {
	switch {
	case b == nil:
		return ""
	case b.Base64 == "":
		return b.Text
	}
	raw, _ := base64.StdEncoding.DecodeString(b.Base64)
	return string(raw)
}

// Auth is how the caller presented itself. State: none | valid | invalid | expired | forbidden.
type Auth struct {
	Scheme      string `json:"scheme,omitempty"`
	Application string `json:"application,omitempty"`
	State       string `json:"state,omitempty"`
}
