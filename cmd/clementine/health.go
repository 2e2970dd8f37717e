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
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8090/" help:"Address to ask; any answer below 500 is well."`
}

// Help is shown by --help.
func (healthCommand) Help() string {
	return `Asks a server whether it is well, for containers and supervisors that have no curl. Exit code 0: it answers; 3: it does not.

Examples:

  clementine health
  clementine health http://127.0.0.1:8081/ping`
}

// Run asks once.
func (c healthCommand) Run(ctx context.Context, t *terminal) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return usagef("%w", err)
	}
	client := &http.Client{
		// Where an answer leads is another server's health.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true},
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
