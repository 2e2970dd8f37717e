package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// replay makes the recorded calls again with net/http alone, against a new partner: as many at a time as the suite
// made, each scenario in its order. Ids that the new partner gives are put in the place of the recorded ones.
func replay(ctx context.Context, servers *pair, results reports.Results) (took time.Duration, calls int, err error) {
	fresh, err := startPartner(servers.profile, servers.orange.URL(), 0)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = fresh.Close(ctx) }() // the measurement is done
	client := &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: servers.profile.Concurrency},
		Timeout:   10 * time.Second,
	}
	work := make(chan []reports.Exchange)
	failures := make(chan error, len(results.Scenarios))
	var wait sync.WaitGroup
	began := time.Now()
	for range servers.profile.Concurrency {
		wait.Go(func() {
			for exchanges := range work {
				if err := replayScenario(ctx, client, servers.profile.BaseURL, fresh.URL(), exchanges); err != nil {
					failures <- err
				}
			}
		})
	}
	for _, s := range results.Scenarios {
		var exchanges []reports.Exchange
		for _, id := range s.Exchanges {
			if e, ok := results.Exchange(id); ok && e.Direction == "orange-to-partner" && e.Error == "" {
				exchanges = append(exchanges, e)
			}
		}
		calls += len(exchanges)
		work <- exchanges
	}
	close(work)
	wait.Wait()
	took = time.Since(began)
	select {
	case err = <-failures:
	default:
	}
	return took, calls, err
}

func replayScenario(ctx context.Context, client *http.Client, from, to string, exchanges []reports.Exchange) error {
	ids := map[string]string{from: to}
	for _, e := range exchanges {
		var pairs []string
		for old, now := range ids {
			pairs = append(pairs, old, now)
		}
		current := strings.NewReplacer(pairs...)
		request, err := http.NewRequestWithContext(ctx, e.Request.Method, current.Replace(e.Request.URL),
			strings.NewReader(current.Replace(e.Request.Body.Raw())))
		if err != nil {
			return fmt.Errorf("exchange %d: %w", e.ID, err)
		}
		if types := e.Request.Headers["Content-Type"]; len(types) > 0 {
			request.Header.Set("Content-Type", types[0])
		}
		response, err := client.Do(request)
		if err != nil {
			return fmt.Errorf("exchange %d: %w", e.ID, err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return fmt.Errorf("exchange %d: %w", e.ID, err)
		}
		learn(ids, decode(e.Response.Body.Raw()), decode(string(body)))
	}
	return nil
}

func decode(body string) any {
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		return nil
	}
	return value
}

// learn walks two answers at once and notes which text stands where another one stood.
func learn(ids map[string]string, was, is any) {
	const shortest = 6 // an id; shorter texts are states and names
	switch was := was.(type) {
	case map[string]any:
		if now, ok := is.(map[string]any); ok {
			for key, value := range was {
				learn(ids, value, now[key])
			}
		}
	case []any:
		if now, ok := is.([]any); ok {
			for i := range min(len(was), len(now)) {
				learn(ids, was[i], now[i])
			}
		}
	case string:
		if now, ok := is.(string); ok && was != now && len(was) >= shortest {
			ids[was] = now
		}
	}
}
