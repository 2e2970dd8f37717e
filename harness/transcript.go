package harness

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// Bodies are recorded up to recordLimit bytes; longer ones are cut in the record, never in the judging.
const recordLimit = 256 << 10

// transcript is the record of a run. Secrets are masked as they are written.
type transcript struct {
	known *redact.Redactor

	mu        sync.Mutex
	exchanges []reports.Exchange
}

func newTranscript(secrets []string) *transcript {
	return &transcript{known: redact.Known(secrets...)}
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

// add records an exchange and returns its id.
func (t *transcript) add(e reports.Exchange) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.ID = len(t.exchanges)
	t.exchanges = append(t.exchanges, e)
	return e.ID
}

func (t *transcript) all() []reports.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]reports.Exchange(nil), t.exchanges...)
}

func (t *transcript) headers(h http.Header) map[string][]string {
	masked := redact.Header(h)
	out := make(map[string][]string, len(masked))
	for k, vs := range masked {
		for _, v := range vs {
			out[k] = append(out[k], t.known.String(v))
		}
	}
	return out
}

// body records bytes as text where they are text. whole is the length before any cut.
func (t *transcript) body(b []byte, whole int64) *reports.Body {
	if whole == 0 && len(b) == 0 {
		return nil
	}
	sum := sha256.Sum256(b)
	out := &reports.Body{Bytes: max(whole, int64(len(b))), SHA256: hex.EncodeToString(sum[:])}
	shown := redact.JSON(b)
	if len(shown) > recordLimit {
		shown = shown[:recordLimit]
		for len(shown) > 0 && !utf8.RuneStart(shown[len(shown)-1]) {
			shown = shown[:len(shown)-1]
		}
		if len(shown) > 0 {
			shown = shown[:len(shown)-1]
		}
	}
	out.Truncated = whole > int64(len(b)) || len(b) > recordLimit
	if utf8.Valid(shown) {
		out.Text = t.known.String(string(shown))
	} else {
		out.Base64 = base64.StdEncoding.EncodeToString(shown)
	}
	return out
}

// call records one call to the partner.
func (t *transcript) call(kind string, req *http.Request, sent []byte, a Answer) int {
	e := reports.Exchange{
		Direction: "orange-to-partner", Kind: kind, At: a.At.UTC(), DurationMs: millis(a.Elapsed),
		Request: reports.Message{Method: req.Method, URL: t.known.String(redact.URL(req.URL.String())), Headers: t.headers(req.Header), Body: t.body(sent, int64(len(sent)))},
	}
	if scheme, _, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok {
		e.Auth = reports.Auth{Scheme: scheme}
	}
	if a.Err != nil {
		e.Error = t.known.String(a.Err.Error())
	}
	if a.Status != 0 {
		e.Response = reports.Message{Status: a.Status, Headers: t.headers(a.Header), Body: t.body(a.Body, a.Bytes)}
	}
	return t.add(e)
}

// entry records one call that the mock Orange took.
func (t *transcript) entry(en control.Entry) int {
	url := en.Path
	if en.Query != "" {
		url += "?" + en.Query
	}
	e := reports.Exchange{
		Direction: "partner-to-orange", Kind: string(en.Kind), At: en.At.UTC(), DurationMs: en.DurationMs,
		Request:  reports.Message{Method: en.Method, URL: t.known.String(redact.URL(url)), Headers: t.headers(en.Header), Body: t.body(en.Body, en.BodyBytes)},
		Response: reports.Message{Status: en.Status, Headers: t.headers(en.ResponseHeader), Body: t.body(en.ResponseBody, int64(len(en.ResponseBody)))},
		Auth:     reports.Auth{Scheme: en.Auth.Scheme, Application: en.Auth.Application, State: string(en.Auth.State)},
		Fault:    string(en.Fault),
	}
	if en.Grant != nil {
		e.Auth = reports.Auth{Scheme: en.Grant.CredentialsIn, Application: en.Grant.ClientID, State: string(control.AuthValid)}
		if en.Grant.Error != "" {
			e.Auth.State, e.Error = string(control.AuthInvalid), "token refused: "+en.Grant.Error
		}
	}
	if en.Cut {
		e.Error = "answer cut on purpose after the event was taken"
	}
	return t.add(e)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
