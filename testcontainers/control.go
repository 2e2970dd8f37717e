package clementine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Control steers the mock Orange.
type Control struct {
	base, token string
}

// Call is one call that arrived at the mock Orange: a token request, or an event.
type Call struct {
	Seq    int64     `json:"seq"` // grows by one from call to call
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // token or event
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Offer  string    `json:"offer"` // first part of an event's path: mba2 or mba2-beta
	API    string    `json:"api"`   // productordering or userservice
	Body   []byte    `json:"body"`  // bounded
	Status int       `json:"status"`
	Auth   struct {
		Application string `json:"application"` // client id that the token was issued to
		State       string `json:"state"`       // none, valid, invalid, expired or forbidden
	} `json:"auth"`
	// Violations are what the event breaks of its schema, by the id of the requirement.
	Violations []struct {
		Requirement string `json:"requirement"`
		Path        string `json:"path"`
		Expected    string `json:"expected"`
		Seen        string `json:"seen"`
	} `json:"violations"`
}

// Fault is a way for the gateway to misbehave. Its kinds and settings are those of the control port's documentation.
type Fault struct {
	ID                string `json:"id,omitempty"` // given by the mock
	Kind              string `json:"kind"`         // such as unavailable-once, expired-once, rate-limited, slow
	Key               string `json:"key,omitempty"`
	On                string `json:"on,omitempty"` // event (if empty) or token
	Times             int    `json:"times,omitempty"`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
	DelayMs           int64  `json:"delayMs,omitempty"`
	Status            int    `json:"status,omitempty"`
}

// Reset takes the mock back to its start: no faults, an empty journal, its first application only.
func (c *Control) Reset(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/control/reset", nil, nil)
}

// ExpireTokens ends all tokens issued so far.
func (c *Control) ExpireTokens(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/control/tokens/expire", nil, nil)
}

// AddFault arms a fault and returns it with its id.
func (c *Control) AddFault(ctx context.Context, f Fault) (Fault, error) {
	var armed Fault
	return armed, c.call(ctx, http.MethodPost, "/control/faults", f, &armed)
}

// ArmedFault is a fault that is armed, with what it has done so far.
type ArmedFault struct {
	Fault
	Acted int `json:"acted"` // calls that it acted on
}

// Faults lists the faults that are armed, in the order in which they were.
func (c *Control) Faults(ctx context.Context) ([]ArmedFault, error) {
	var armed []ArmedFault
	return armed, c.call(ctx, http.MethodGet, "/control/faults", nil, &armed)
}

// RemoveFault disarms a fault.
func (c *Control) RemoveFault(ctx context.Context, id string) error {
	if id == "" {
		return errors.New("remove fault: the id is empty")
	}
	return c.call(ctx, http.MethodDelete, "/control/faults/"+url.PathEscape(id), nil, nil)
}

// Journal returns the calls with Seq > after that have arrived.
func (c *Control) Journal(ctx context.Context, after int64) ([]Call, error) {
	var calls []Call
	return calls, c.call(ctx, http.MethodGet, "/control/journal?after="+strconv.FormatInt(after, 10), nil, &calls)
}

// WaitForEvent returns the first event after the call number after for which match holds: one that has arrived already,
// or the one that arrives. It wakes with the event; ctx bounds it.
func (c *Control) WaitForEvent(ctx context.Context, after int64, match func(Call) bool) (Call, error) {
	res, err := c.do(ctx, http.MethodGet, "/control/events?after="+strconv.FormatInt(after, 10), nil)
	if err != nil {
		return Call{}, err
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return Call{}, fmt.Errorf("wait for an event: %w", errors.Join(context.Cause(ctx), err))
		}
		data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data:")
		if !ok {
			continue
		}
		var call Call
		if err := json.Unmarshal([]byte(data), &call); err != nil {
			return Call{}, fmt.Errorf("wait for an event: %w", err)
		}
		if call.Kind == "event" && match(call) {
			return call, nil
		}
	}
}

func (c *Control) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(raw)
	}
	res, err := c.do(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// do makes a call; an answer other than 2xx is an error.
func (c *Control) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		said, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
		return nil, errors.Join(fmt.Errorf("%s %s: the mock Orange answers %s: %s", method, path, res.Status, said), err)
	}
	return res, nil
}
