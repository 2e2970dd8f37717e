package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// The load: so many connections, each of which waits for its answer before it asks again, for so long.
const (
	loadClients = 16
	loadTime    = 3 * time.Second
)

// call is a request that is made again and again.
type call struct {
	url    string
	header map[string]string
	body   string
	status int // of the answer, else the measurement fails
}

// target is the call as vegeta reads it.
func (c call) target() (string, error) {
	header := map[string][]string{}
	for name, value := range c.header {
		header[name] = []string{value}
	}
	text, err := json.Marshal(map[string]any{
		"method": "POST", "url": c.url, "header": header, "body": base64.StdEncoding.EncodeToString([]byte(c.body)),
	})
	return string(text) + "\n", err
}

// loaded has vegeta make a call against a server, and returns requests per second and the server's microseconds of
// processor time for each.
func (b *bench) loaded(ctx context.Context, p *process, c call) (reading, error) {
	target, err := c.target()
	if err != nil {
		return reading{}, err
	}
	before, err := p.cpu()
	if err != nil {
		return reading{}, err
	}
	clients := fmt.Sprint(loadClients)
	attack := exec.CommandContext(ctx, b.vegeta, "attack", "-format", "json", "-rate", "0", "-workers", clients,
		"-max-workers", clients, "-connections", clients, "-duration", loadTime.String())
	attack.Stdin = strings.NewReader(target)
	shots, err := attack.Output()
	if err != nil {
		return reading{}, fmt.Errorf("vegeta attack: %w", err)
	}
	after, err := p.cpu()
	if err != nil {
		return reading{}, err
	}
	report := exec.CommandContext(ctx, b.vegeta, "report", "-type", "json")
	report.Stdin = strings.NewReader(string(shots))
	text, err := report.Output()
	if err != nil {
		return reading{}, fmt.Errorf("vegeta report: %w", err)
	}
	var r struct {
		Requests   int            `json:"requests"`
		Throughput float64        `json:"throughput"`
		Codes      map[string]int `json:"status_codes"`
		Errors     []string       `json:"errors"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return reading{}, err
	}
	if r.Requests == 0 || r.Codes[fmt.Sprint(c.status)] != r.Requests {
		return reading{}, fmt.Errorf("%s: want %d only, got %v %v of %d", c.url, c.status, r.Codes, r.Errors, r.Requests)
	}
	return reading{r.Throughput, float64((after - before).Microseconds()) / float64(r.Requests)}, nil
}
