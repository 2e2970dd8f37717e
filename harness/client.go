package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/internal/jsonlimit"
	"github.com/clementine-ope/clementine/internal/profile"
)

// Answer is what the partner answered to one call, as bytes.
type Answer struct {
	Exchange    int
	Status      int
	Header      http.Header
	ContentType string
	Body        []byte
	Bytes       int64 // whole length as far as known
	Refused     bool  // too large: Body is its beginning
	Err         error // transport error: no whole answer
	At          time.Time
	Elapsed     time.Duration
}

// OK reports a whole 2xx answer.
func (a Answer) OK() bool { return a.Err == nil && a.Status >= 200 && a.Status < 300 }

// JSON is the first JSON value of the body, a BOM aside; it does not exist where the body is not JSON, or nests too deep.
func (a Answer) JSON() gjson.Result { return firstValue(a.Body) }

func firstValue(body []byte) gjson.Result {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if jsonlimit.Depth(body) > depthLimit {
		return gjson.Result{} // a parser that calls itself for each level would exhaust the stack
	}
	if gjson.ValidBytes(body) {
		return gjson.Parse(shared(body))
	}
	var raw json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&raw); err != nil {
		return gjson.Result{}
	}
	return gjson.Parse(shared(raw))
}

// shared is bytes as text, without a copy: a body may be megabytes, is read many times over, and nothing ever changes
// the bytes of one that has come.
func shared(body []byte) string { return unsafe.String(unsafe.SliceData(body), len(body)) } // #nosec G103 -- no copy, see above

// said describes the answer in a few words, for findings.
func (a Answer) said() string {
	switch {
	case a.Err != nil:
		return a.Err.Error()
	case len(a.Body) == 0:
		return fmt.Sprintf("HTTP %d without a body", a.Status)
	}
	return fmt.Sprintf("HTTP %d %s", a.Status, clipTo(string(a.Body[:min(len(a.Body), 201)]), 200))
}

func clipTo(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// client calls the partner: it bounds what it reads, follows no redirect, and records every exchange.
type client struct {
	http    *http.Client
	fresh   *http.Client // a new connection for each call
	base    string
	auth    profile.Auth
	version string
	answer  time.Duration
	bounds  *bounds
	pace    *pace
	script  *transcript
	now     func() time.Time
}

func newClient(o Options, b *bounds, pc *pace, script *transcript) (*client, error) {
	p := o.Profile
	tlsConfig, err := tlsOf(p)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: p.Delays.Answer.D()}).DialContext,
		TLSClientConfig:     tlsConfig,
		MaxIdleConnsPerHost: o.Concurrency,
		// Servers drop idle connections after 2 s or more; a request on a connection that is being dropped would look
		// like the partner's fault, so ours are dropped first.
		IdleConnTimeout:        time.Second,
		MaxResponseHeaderBytes: headerLimit,
		DisableCompression:     true,
	}
	if o.Dial != nil {
		// A proxy would make the connection instead, to wherever it is told.
		transport.DialContext, transport.Proxy = o.Dial, nil
	}
	once := transport.Clone()
	once.DisableKeepAlives = true
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{
		http: &http.Client{Transport: transport, CheckRedirect: stay}, fresh: &http.Client{Transport: once, CheckRedirect: stay},
		base: strings.TrimRight(p.BaseURL, "/"), auth: p.Auth, version: o.Version, answer: p.Delays.Answer.D(), bounds: b, pace: pc, script: script, now: o.Now,
	}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// tlsOf makes the TLS settings that the profile asks for.
func tlsOf(p *profile.Profile) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if p.TLS.CA != "" {
		pem, err := os.ReadFile(p.TLS.CA)
		if err != nil {
			return nil, fmt.Errorf("profile tls.ca: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("profile tls.ca: %s holds no PEM certificate", p.TLS.CA)
		}
		conf.RootCAs = pool
	}
	if p.Auth.Type == "mtls" {
		cert, err := tls.LoadX509KeyPair(p.Auth.Cert, p.Auth.Key)
		if err != nil {
			return nil, fmt.Errorf("profile auth.cert: %w", err)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	return conf, nil
}

// send calls the partner below its base URL. The error is the run's end, never the partner's fault: that is Answer.Err.
func (c *client) send(ctx context.Context, method, path, contentType string, body []byte) (Answer, error) {
	return c.do(ctx, "call", method, c.base+path, contentType, nil, body)
}

// do makes one call, recorded under kind.
func (c *client) do(ctx context.Context, kind, method, url, contentType string, headers map[string]string, body []byte) (Answer, error) {
	release, err := c.pace.call(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer release()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("make the request: %w", err)
	}
	if len(body) == 0 {
		req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	}
	c.dress(req, contentType, headers)
	a, reused := c.once(c.http, req, body)
	// A kept connection that the server closed before it read this request is no answer of the partner at all.
	if reused && a.Status == 0 && closedEarly(a.Err) && ctx.Err() == nil {
		a, _ = c.once(c.fresh, req, body)
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	a.Elapsed = a.Elapsed.Truncate(time.Microsecond) // as it is recorded, so that a replay sees the same
	a.Exchange = c.script.call(kind, req, body, a)
	return a, nil
}

func (c *client) dress(req *http.Request, contentType string, headers map[string]string) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Clementine/"+c.version)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	auth := c.auth.Type
	if !strings.HasPrefix(req.URL.String(), c.base) {
		auth = "" // a trigger on another host is not the partner's API
	}
	switch auth {
	case "basic":
		req.SetBasicAuth(c.auth.User, c.auth.Password)
	case "bearer":
		req.Header.Set("Authorization", "Bearer "+c.auth.Token)
	case "header":
		req.Header.Set(c.auth.Name, c.auth.Value)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
}

// once sends the request over the wire one time. reused reports that an idle connection carried it.
func (c *client) once(via *http.Client, req *http.Request, body []byte) (a Answer, reused bool) {
	ctx, cancel := context.WithTimeout(req.Context(), c.answer)
	defer cancel()
	var kept atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { kept.Store(i.Reused) }})
	again := req.Clone(ctx)
	if len(body) > 0 {
		again.Body = io.NopCloser(bytes.NewReader(body))
	}
	a.At = c.now()
	start := time.Now()
	resp, err := via.Do(again)
	if err != nil {
		a.Elapsed, a.Err = time.Since(start), c.inWords(ctx, err)
		return a, kept.Load()
	}
	defer resp.Body.Close()
	a.Status, a.Header, a.ContentType = resp.StatusCode, resp.Header, resp.Header.Get("Content-Type")
	if a.Status < http.StatusOK {
		// The connection is the new protocol's now: no deadline would end a read.
		a.Elapsed, a.Err = time.Since(start), fmt.Errorf("HTTP %d: a protocol that nobody asked for", a.Status)
		return a, kept.Load()
	}
	var tooLarge string
	a.Body, a.Bytes, tooLarge, err = c.bounds.read(resp.Body, resp.ContentLength)
	a.Elapsed = time.Since(start)
	switch {
	case tooLarge != "":
		a.Refused = true
		a.Err = fmt.Errorf("HTTP %d with %s", a.Status, tooLarge)
	case err != nil:
		a.Err = fmt.Errorf("HTTP %d, but the body broke off after %d bytes: %w", a.Status, len(a.Body), c.inWords(ctx, err))
	}
	return a, kept.Load()
}

// inWords says what went wrong on the way without Go's wording.
func (c *client) inWords(ctx context.Context, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("no whole answer within %s (delays.answer)", c.answer)
	case errors.As(err, &dns):
		return fmt.Errorf("host %s not found", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("connection refused: %w", syscall.ECONNREFUSED)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed idle connection"):
		return fmt.Errorf("connection closed without a whole answer: %w", io.EOF)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("connection reset: %w", syscall.ECONNRESET)
	}
	return err
}

func closedEarly(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}
