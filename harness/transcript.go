package harness

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// What of a message is recorded, in bytes; more is cut in the record, never in the judging (docs/limits.md).
const (
	recordLimit  = 256 << 10 // of one body
	recordTotal  = 8 << 20   // of all bodies and headers of a run; after that bodies are recorded by length and hash alone
	recordMore   = 16 << 10  // for each licence of the largest order, if that comes to more than recordTotal
	recordHeader = 16 << 10  // of the headers of one message
	recordURL    = 8 << 10   // of one URL
	// recordMargin is masked besides and then cut off, so that no secret stands half in the record: it is longer than
	// any secret may be.
	recordMargin = 8 << 10
)

// transcript is the record of a run. Secrets are masked as they are written.
type transcript struct {
	known *redact.Redactor

	mu        sync.Mutex
	exchanges []reports.Exchange
	recorded  int // bytes of bodies and headers
	limit     int // how many there may be
	journal   *reports.Journal
	watch     func(reports.Exchange)
}

// newTranscript is the record of a run whose largest order has so many licences.
func newTranscript(secrets []string, quantity int) *transcript {
	return &transcript{known: redact.Known(secrets...), limit: max(recordTotal, quantity*recordMore)}
}

// secretsOf lists what the profile wants nobody to read.
func secretsOf(p *profile.Profile) []string {
	var out []string
	for _, s := range []string{p.Auth.Password, p.Auth.Token, p.Auth.Value, p.Orange.ClientSecret} {
		if len(s) >= 4 {
			out = append(out, s)
		}
	}
	return out
}

// add records an exchange and returns its id. seq is its place in the mock Orange's journal; 0 for a call of ours.
func (t *transcript) add(e reports.Exchange, seq int64) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.ID = len(t.exchanges)
	t.exchanges = append(t.exchanges, e)
	t.journal.Exchange(e, seq)
	if t.watch != nil {
		t.watch(e)
	}
	return e.ID
}

func (t *transcript) all() []reports.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]reports.Exchange(nil), t.exchanges...)
}

// headers records what of them there is room for.
func (t *transcript) headers(h http.Header) map[string][]string {
	if !t.room(min(sizeOf(h), recordHeader)) {
		return nil
	}
	masked := redact.Header(h)
	out := make(map[string][]string, len(masked))
	room := recordHeader
	for _, k := range slices.Sorted(maps.Keys(masked)) {
		for _, v := range masked[k] {
			v = t.known.String(v)
			if room -= len(k) + len(v); room < 0 {
				v = fmt.Sprintf("(%d bytes, not recorded)", len(v))
			}
			out[k] = append(out[k], v)
			if room < -recordHeader {
				return out
			}
		}
	}
	return out
}

func sizeOf(h http.Header) int {
	size := 0
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	return size
}

// url masks what is secret in a URL, and cuts it.
func (t *transcript) url(raw string) string {
	return clipTo(t.known.String(redact.URL(raw)), recordURL)
}

// room takes bytes from the run's record; false if there is no room left for them.
func (t *transcript) room(size int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.recorded+size > t.limit {
		return false
	}
	t.recorded += size
	return true
}

// body records bytes as text where they are text. whole is the length before any cut; ours says that Clementine cut it.
func (t *transcript) body(b []byte, whole int64, ours bool) *reports.Body {
	if whole <= 0 && len(b) == 0 {
		return nil
	}
	sum := sha256.Sum256(b)
	out := &reports.Body{Bytes: max(whole, int64(len(b))), SHA256: hex.EncodeToString(sum[:])}
	limit := recordLimit
	if ours && whole > int64(len(b)) {
		limit = min(limit, len(b)-recordMargin) // what stands at the cut may be half a secret
	}
	shown := t.known.Bytes(redact.JSON(b[:min(len(b), limit+recordMargin)]))
	if len(b) > limit {
		shown = shown[:max(0, min(limit, len(shown)-recordMargin))]
		for n := 0; n < utf8.UTFMax && len(shown) > 0 && !utf8.Valid(shown); n++ {
			shown = shown[:len(shown)-1]
		}
	}
	out.Truncated = whole > int64(len(b)) || len(b) > recordLimit
	switch {
	case !t.room(len(shown)):
		out.Truncated = true
	case utf8.Valid(shown):
		out.Text = string(shown)
	default:
		out.Base64 = base64.StdEncoding.EncodeToString(shown)
	}
	return out
}

// call records one call to the partner.
func (t *transcript) call(kind string, req *http.Request, sent []byte, a Answer) int {
	e := reports.Exchange{
		Direction: "orange-to-partner", Kind: kind, At: a.At.UTC(), DurationMs: millis(a.Elapsed),
		Request: reports.Message{Method: req.Method, URL: t.url(req.URL.String()), Headers: t.headers(req.Header), Body: t.body(sent, int64(len(sent)), false)},
	}
	if scheme, _, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok {
		e.Auth = reports.Auth{Scheme: scheme}
	}
	if a.Err != nil {
		e.Error = t.known.String(a.Err.Error())
	}
	if a.Status != 0 {
		e.Response = reports.Message{Status: a.Status, Headers: t.headers(a.Header), Body: t.body(a.Body, a.Bytes, a.Refused)}
	}
	return t.add(e, 0)
}

// entry records one call that the mock Orange took.
func (t *transcript) entry(en control.Entry) int {
	url := en.Path
	if en.Query != "" {
		url += "?" + en.Query
	}
	e := reports.Exchange{
		Direction: "partner-to-orange", Kind: string(en.Kind), At: en.At.UTC(), DurationMs: en.DurationMs,
		Request:  reports.Message{Method: en.Method, URL: t.url(url), Headers: t.headers(en.Header), Body: t.body(en.Body, en.BodyBytes, en.Truncated)},
		Response: reports.Message{Status: en.Status, Headers: t.headers(en.ResponseHeader), Body: t.body(en.ResponseBody, max(en.ResponseBytes, int64(len(en.ResponseBody))), en.ResponseBytes > 0)},
		Auth:     reports.Auth{Scheme: en.Auth.Scheme, Application: en.Auth.Application, State: string(en.Auth.State)},
		Fault:    string(en.Fault),
	}
	e.Gateway = &reports.Gateway{Offer: en.Offer, API: en.API, Cut: en.Cut, TokenInQuery: en.Auth.InQuery, JudgeMade: en.Auth.JudgeMade}
	if en.Grant != nil {
		e.Gateway.GrantType, e.Gateway.CredentialsIn = &en.Grant.GrantType, en.Grant.CredentialsIn
		e.Gateway.ClientID, e.Gateway.GrantError = en.Grant.ClientID, en.Grant.Error
		e.Auth = reports.Auth{Scheme: en.Grant.CredentialsIn, Application: en.Grant.ClientID, State: string(control.AuthValid)}
		if en.Grant.Error != "" {
			e.Auth.State, e.Error = string(control.AuthInvalid), "token refused: "+en.Grant.Error
		}
	}
	switch {
	case en.Cut && en.Status == 0:
		e.Error = "not answered on purpose: nothing was taken"
	case en.Cut:
		e.Error = "answer kept back on purpose: the call was taken"
	}
	return t.add(e, en.Seq)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
