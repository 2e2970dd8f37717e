package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// event is what partners report most: the end of an order.
const event = `{"type":"completedStateNotification","time":"2026-11-23T10:00:00.000Z","resource":{"id":"ord-1",
"externalReference":{"type":"orange","id":"ref-1"},"state":"completed","category":"production",
"customer":{"id":"cus-1","externalReference":{"type":"orange","id":"ref-2"}},
"orderItem":[{"id":"itm-1","action":"add","state":"completed","productRef":{"id":"flt-1","userServiceQuantity":2},
"productOffering":{"name":"Notes Standard","externalReference":{"type":"orange","id":"NOTES-S"}}}]}}`

// server is a peer, or Clementine, that runs on a port of its own.
type server struct {
	*process
	base string
}

// servers are those that one comparison has started.
type servers []*server

func (s servers) stop() (err error) {
	for _, one := range s {
		err = errors.Join(err, one.process.stop())
	}
	return err
}

// serve starts a program on a free port; args make its arguments, and it is asked at path whether it is there.
func (b *bench) serve(ctx context.Context, all *servers, path, name string, args func(port string) []string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	base := "http://127.0.0.1:" + port
	p, err := launch(ctx, base+path, nil, name, args(port)...)
	if err != nil {
		return nil, err
	}
	s := &server{p, base}
	if all != nil {
		*all = append(*all, s)
	}
	return s, nil
}

func clementineArgs(port string) []string {
	return []string{"serve", "--listen", "127.0.0.1:" + port, "--control", "127.0.0.1:0", "--client-id", clientID, "--client-secret", clientSecret}
}

func (b *bench) prismArgs() func(string) []string {
	return func(port string) []string {
		return []string{"mock", "--host", "127.0.0.1", "--port", port, "--verboseLevel", "error", filepath.Join(b.dir, "gateway.json")}
	}
}

func stripeArgs(port string) []string { return []string{"-http-addr", "127.0.0.1:" + port} }
func oauthArgs(port string) []string  { return []string{"-a", "127.0.0.1", "-p", port} }

// described starts all of Orange, and keeps what it says of its gateway for Prism.
func (b *bench) described(ctx context.Context, all *servers) (*server, error) {
	s, err := b.serve(ctx, all, "/", b.clementine, clementineArgs)
	if err != nil {
		return nil, err
	}
	return s, b.description(s.base)
}

// description keeps the OpenAPI document of our gateway, which Prism serves.
func (b *bench) description(base string) error {
	response, err := http.Get(base + "/docs/gateway/openapi.json")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("the gateway's OpenAPI document is answered %s", response.Status))
	}
	return os.WriteFile(filepath.Join(b.dir, "gateway.json"), text, 0o600)
}

func tokenCall(url string) call {
	return call{url: url, body: "grant_type=client_credentials", status: http.StatusOK, header: map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic cGVlcnM6cGVlcnMtc2VjcmV0", // peers:peers-secret
	}}
}

func tokenOf(ctx context.Context, base string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/oauth/v3/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(clientID, clientSecret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("a token request is answered %s: %w", response.Status, err)
	}
	return answer.AccessToken, nil
}

func eventCall(base, token string) call {
	return call{url: base + "/mba2/productordering/v2/event", body: event, status: http.StatusCreated, header: map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer " + token,
	}}
}
