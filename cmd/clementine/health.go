package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// healthPatience is how long a server may take to answer whether it is well.
const healthPatience = 3 * time.Second

type healthCommand struct {
	URL  string `arg:"" optional:"" default:"http://127.0.0.1:8090/" help:"Address to ask; any answer below 500 is well."`
	CA   string `name:"ca" placeholder:"FILE" help:"Authorities (PEM) that sign the certificate of an https address; the system's if it is left out."`
	Cert string `name:"cert" placeholder:"FILE" help:"Client certificate (PEM) to show there."`
	Key  string `name:"key" placeholder:"FILE" help:"Its key (PEM)."`
}

// Help is shown by --help.
func (healthCommand) Help() string {
	return `Asks a server whether it is well, for containers and supervisors that have no curl. Exit code 0: it answers; 3: it does not.

Examples:

  clementine health
  clementine health http://127.0.0.1:8081/ping
  clementine health https://127.0.0.1:9090/readyz --ca clementine-tls/ca.pem`
}

// Run asks once.
func (c healthCommand) Run(ctx context.Context, t *terminal) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return usagef("%w", err)
	}
	secured, err := clientTLS("-", c.CA, c.Cert, c.Key)
	if err != nil {
		return err
	}
	client := &http.Client{
		// Where an answer leads is another server's health.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: secured},
	}
	response, err := client.Do(request)
	if err != nil {
		return cannotJudgef("not well: %w", err)
	}
	defer response.Body.Close()
	// What it says is for a person to read elsewhere; reading a little lets the server end its answer.
	_, _ = io.CopyN(io.Discard, response.Body, 1<<10)
	if response.StatusCode >= http.StatusInternalServerError {
		return cannotJudgef("not well: %s answers %s", c.URL, response.Status)
	}
	_, err = fmt.Fprintf(t.out, "well: %s answers %s\n", c.URL, response.Status)
	return err
}
