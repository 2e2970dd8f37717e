package control

import (
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

// JournalHeader names, on an event stream, the journal it comes from. It changes when the mock is started anew, and
// numbers with it.
const JournalHeader = "X-Clementine-Journal"

// Application asks for a new application. No offers means all that the gateway knows.
type Application struct {
	Name   string   `json:"name"`
	Offers []string `json:"offers,omitempty"`
}

// Credentials are what a new application asks for tokens with.
type Credentials struct {
	ClientID     string `json:"clientID"`
	ClientSecret string `json:"clientSecret"`
}

// Error is a refusal of the control port.
type Error struct {
	Status      int    `json:"-"` // HTTP status
	Code        int    `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// Error says what was refused and why.
func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("control port answered %d", e.Status)
	}
	return fmt.Sprintf("control port answered %d, %s: %s", e.Status, e.Message, e.Description)
}

// maxAnswer is the largest answer, and the longest line of an event stream, that is read, in bytes.
const maxAnswer = 512 << 20

// Client steers a mock Orange over its control port. It may be used by several goroutines.
type Client struct {
	base   string
	token  string
	http   *http.Client
	stream *http.Client
}

var _ Orange = (*Client)(nil)

// NewClient returns a client of the control port at baseURL. The token may be empty for a port on the loopback
// interface; a nil client is http.DefaultClient.
func NewClient(baseURL, token string, client *http.Client) *Client {
	if client == nil {
		client = http.DefaultClient
	}
	// A stream stays open for longer than any call may take; its own watch ends it when it falls silent.
	stream := *client
	stream.Timeout = 0
	return &Client{base: strings.TrimRight(baseURL, "/"), token: token, http: client, stream: &stream}
}

// Journal returns the entries with Seq > after that exist now. See Orange.
func (c *Client) Journal(ctx context.Context, after int64) ([]Entry, error) {
	var entries []Entry
	return entries, c.call(ctx, http.MethodGet, "/control/journal?after="+strconv.FormatInt(after, 10), nil, &entries)
}

// AddFault arms a fault. See Orange.
func (c *Client) AddFault(ctx context.Context, f Fault) (Fault, error) {
	var armed Fault
	f.ID = ""
	return armed, c.call(ctx, http.MethodPost, "/control/faults", f, &armed)
}

// RemoveFault disarms a fault. See Orange.
func (c *Client) RemoveFault(ctx context.Context, id string) error {
	if id == "" {
		// Without an id the path would be that of all faults.
		return errors.New("remove fault: the id is empty")
	}
	return c.call(ctx, http.MethodDelete, "/control/faults/"+url.PathEscape(id), nil, nil)
}

// Faults lists the faults that are armed. See Orange.
func (c *Client) Faults(ctx context.Context) ([]ArmedFault, error) {
	var armed []ArmedFault
	return armed, c.call(ctx, http.MethodGet, "/control/faults", nil, &armed)
}

// Info says where the gateway is. See Orange.
func (c *Client) Info(ctx context.Context) (Info, error) {
	var info Info
	return info, c.call(ctx, http.MethodGet, "/control/info", nil, &info)
}

// Reset takes the mock back to its start: no faults, an empty journal, its own applications only.
func (c *Client) Reset(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/control/reset", nil, nil)
}

// AddApplication lets a new application in.
func (c *Client) AddApplication(ctx context.Context, a Application) (Credentials, error) {
	var made Credentials
	return made, c.call(ctx, http.MethodPost, "/control/applications", a, &made)
}

// ExpireTokens ends all tokens issued so far.
func (c *Client) ExpireTokens(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/control/tokens/expire", nil, nil)
}

// PortRefusal asks for a gateway that nobody can connect to.
type PortRefusal struct {
	// ForMs is how long, in milliseconds; 0 opens the port at once.
	ForMs int64 `json:"forMs"`
}

// RefuseConnections closes the gateway's port and opens it again, at the same address, after d. Calls that are being
// answered have a second to end. 0 opens it at once. The control port stays open.
func (c *Client) RefuseConnections(ctx context.Context, d time.Duration) error {
	return c.call(ctx, http.MethodPost, "/control/port", PortRefusal{ForMs: d.Milliseconds()}, nil)
}

// call makes one call; in and out may be nil. An answer other than 2xx is an *Error.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	where := method + " " + path
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s: write the request: %w", where, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := refusal(res); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("%s: read the answer: %w", where, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

// refusal reads an answer other than 2xx; nil for the others.
func refusal(res *http.Response) error {
	if res.StatusCode/100 == 2 {
		return nil
	}
	e := &Error{}
	// A body that is not ours, of a proxy for instance, leaves the status to speak.
	if b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10)); err == nil {
		_ = json.Unmarshal(b, e)
	}
	e.Status = res.StatusCode
	return e
}
