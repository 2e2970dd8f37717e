package soak

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What the subscriptions are spread over.
const (
	billingBase = "/billing/v1"
	offers      = 20
	envelopes   = 10
)

func offerCode(i int) string    { return fmt.Sprintf("SOAK-%02d", i) }
func envelopeCode(i int) string { return fmt.Sprintf("ENV-%02d", i) }

// The kinds of call, as they are printed.
const (
	kindRead    = "read"
	kindList    = "list"
	kindCreate  = "create"
	kindChange  = "change"
	kindMonthly = "monthly report"
	kindYearly  = "yearly report"
)

// Kinds are the kinds of call of billing's load.
func Kinds() []string {
	return []string{kindRead, kindList, kindCreate, kindChange, kindMonthly, kindYearly}
}

// billed is a subscription as it was last acknowledged.
type billed struct {
	id, etag string
	version  int
	start    time.Time
	changes  int
}

// billingCall is a call of the load; the fragment of its URL, which does not leave the generator, is its number.
type billingCall struct {
	kind    string
	status  int // that it has to be answered with
	of      int // which subscription is changed
	latency time.Duration
}

// book is what was asked of billing, and what it acknowledged.
type book struct {
	log io.Writer

	mu     sync.Mutex
	random *rand.Rand
	calls  []billingCall
	made   []billed
	free   []int // those that may be changed: none of them is being changed
	errors int
}

func newBook(random *rand.Rand, log io.Writer) *book { return &book{random: random, log: log} }

// next is the next call of the mix: of a hundred, 35 read one, 10 list, 20 create, 25 change, 10 report.
func (b *book) next(base, token string) call {
	b.mu.Lock()
	defer b.mu.Unlock()
	roll := b.random.IntN(100)
	if len(b.free) == 0 || len(b.made) == 0 {
		roll = 50
	}
	c, made := call{Method: http.MethodGet}, billingCall{status: http.StatusOK}
	year := 2025 + b.random.IntN(2)
	path := ""
	switch {
	case roll < 35:
		made.kind, path = kindRead, "/subscriptions/"+b.made[b.random.IntN(len(b.made))].id
	case roll < 45:
		made.kind, path = kindList, "/subscriptions?offer="+offerCode(b.random.IntN(offers))
	case roll < 65:
		made.kind, made.status, path, c.Method, c.Body = kindCreate, http.StatusCreated, "/subscriptions", http.MethodPost, b.create()
	case roll < 90:
		made, c, path = b.change()
	case roll < 95:
		made.kind, path = kindMonthly, fmt.Sprintf("/costs/monthly?month=%d-%02d", year, 1+b.random.IntN(12))
	default:
		made.kind, path = kindYearly, fmt.Sprintf("/costs/yearly?year=%d", year)
	}
	if c.Header == nil {
		c.Header = http.Header{"Content-Type": {"application/json"}}
	}
	c.Header.Set("Authorization", "Bearer "+token)
	c.URL = fmt.Sprintf("%s%s#%d", base, path, len(b.calls))
	b.calls = append(b.calls, made)
	return c
}

// create is the body of a new subscription; its reference is the number of its call.
func (b *book) create() []byte {
	start := time.Date(2025, 1, 1+b.random.IntN(500), 0, 0, 0, 0, time.UTC)
	return fmt.Appendf(nil, `{"offer":%q,"envelope":%q,"reference":"R-%d","label":"Soak","periodicity":%q,"startDate":%q,
		"lines":[{"label":"Access","quantity":"%d","unitPrice":"%d.25"},{"label":"Options","quantity":"1","unitPrice":"2.505"}]}`,
		offerCode(b.random.IntN(offers)), envelopeCode(b.random.IntN(envelopes)), len(b.calls),
		[]string{"daily", "weekly", "monthly"}[b.random.IntN(3)], day(start, 0), 1+b.random.IntN(9), b.random.IntN(90))
}

func day(from time.Time, days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }

// change takes a subscription that is free, and gives the next change of its life.
func (b *book) change() (made billingCall, c call, path string) {
	at := b.random.IntN(len(b.free))
	of := b.free[at]
	b.free[at] = b.free[len(b.free)-1]
	b.free = b.free[:len(b.free)-1]
	s := &b.made[of]
	path = "/subscriptions/" + s.id
	made, c = billingCall{kind: kindChange, status: http.StatusCreated, of: of}, call{Method: http.MethodPost}
	c.Header = http.Header{"Content-Type": {"application/json"}, "If-Match": {s.etag}}
	days := 20 * (s.changes + 1)
	switch s.changes {
	case 0, 3:
		path += "/holds"
		c.Body = fmt.Appendf(nil, `{"from":%q,"to":%q,"reason":"works"}`, day(s.start, days), day(s.start, days+4))
	case 1, 4:
		path += "/revisions"
		c.Body = fmt.Appendf(nil, `{"from":%q,"lines":[{"label":"Access","quantity":"2","unitPrice":"%d.10"}]}`, day(s.start, days), b.random.IntN(90))
	case 2:
		made.status, c.Method = http.StatusOK, http.MethodPatch
		c.Header.Set("Content-Type", "application/merge-patch+json")
		c.Body = fmt.Appendf(nil, `{"label":"Changed by call %d"}`, len(b.calls))
	default:
		made.status = http.StatusOK
		path += "/end"
		c.Body = fmt.Appendf(nil, `{"endDate":%q}`, day(s.start, 400))
	}
	return made, c, path
}

// lastChange ends a subscription, which is changed no more.
const lastChange = 5

// acknowledged is what is read of a subscription in an answer.
type acknowledged struct {
	ID        string `json:"id"`
	Version   int    `json:"version"`
	StartDate string `json:"startDate"`
}

// answered takes what came of a call.
func (b *book) answered(s shot) {
	_, fragment, _ := strings.Cut(s.URL, "#")
	number, err := strconv.Atoi(fragment)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || number >= len(b.calls) {
		b.wrong("the generator made a call that it was not given: %s", s.URL)
		return
	}
	c := &b.calls[number]
	c.latency = s.Latency
	if s.Code != c.status {
		b.wrong("call %d, %s %s, was answered %d %s, not %d: %s", number, s.Method, s.URL, s.Code, s.Error, c.status, s.Body)
		return
	}
	if c.kind != kindCreate && c.kind != kindChange {
		return
	}
	var a acknowledged
	if err := json.Unmarshal(s.Body, &a); err != nil || a.ID == "" {
		b.wrong("call %d was answered with no subscription: %s", number, s.Body)
		return
	}
	if c.kind == kindCreate {
		c.of = len(b.made)
		start, err := time.Parse(time.DateOnly, a.StartDate)
		if err != nil {
			b.wrong("call %d: %v", number, err)
		}
		b.made = append(b.made, billed{id: a.ID, start: start, changes: -1})
	}
	m := &b.made[c.of]
	if a.ID != m.id || a.Version != m.version+1 {
		b.wrong("call %d: %s in version %d was changed, the answer is %s in version %d", number, m.id, m.version, a.ID, a.Version)
	}
	m.version, m.etag = a.Version, s.Headers.Get("Etag")
	if m.changes++; m.changes <= lastChange {
		b.free = append(b.free, c.of)
	}
}

// wrong counts an error; b.mu is held.
func (b *book) wrong(format string, args ...any) {
	b.errors++
	fmt.Fprintf(b.log, format+"\n", args...)
}

// missing compares JSON Lines of all subscriptions with what was acknowledged, and returns how many differ.
func (b *book) missing(lines []byte) (different int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	there := map[string]int{}
	for decoder := json.NewDecoder(bytes.NewReader(lines)); ; {
		var a acknowledged
		if err := decoder.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("read the subscriptions: %w", err)
		}
		there[a.ID] = a.Version
	}
	for _, m := range b.made {
		if there[m.id] != m.version {
			different++
			fmt.Fprintf(b.log, "%s was acknowledged in version %d, and is there in version %d\n", m.id, m.version, there[m.id])
		}
		delete(there, m.id)
	}
	for id := range there {
		different++
		fmt.Fprintf(b.log, "%s is there, and was never acknowledged\n", id)
	}
	return different, nil
}

func (b *book) sumUp(r *BillingResult) {
	b.mu.Lock()
	defer b.mu.Unlock()
	times := map[string][]time.Duration{}
	for _, c := range b.calls {
		times[c.kind] = append(times[c.kind], c.latency)
	}
	r.Latency = map[string]Latency{}
	for kind, list := range times {
		r.Latency[kind] = latencyOf(list)
	}
	r.Calls, r.Errors, r.Subscriptions, r.Changes = len(b.calls), b.errors, len(b.made), 0
	for _, m := range b.made {
		r.Changes += max(0, m.version-1)
	}
}
