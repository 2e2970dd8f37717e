package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/clementine-ope/clementine/internal/profile"
)

const gatewayTime = 2 * time.Second

// measureGateway posts events from several clients at once: token check, schema check and journal, over HTTP.
func measureGateway(ctx context.Context, f figures) error {
	servers, err := startPair(profile.Async, 0)
	if err != nil {
		return err
	}
	defer servers.close(ctx)
	const clients = 8
	base := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	token, err := (&clientcredentials.Config{
		ClientID: servers.profile.Orange.ClientID, ClientSecret: servers.profile.Orange.ClientSecret,
		TokenURL: servers.orange.URL() + "/oauth/v3/token",
	}).Token(ctx)
	if err != nil {
		return fmt.Errorf("getting a token: %w", err)
	}
	event := `{"type":"completedStateNotification","time":"2026-11-23T10:00:00.000Z","resource":` + orderAnswer + `}`
	target := servers.orange.URL() + "/" + servers.profile.Offer + "/productordering/v2/event"

	timed, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	var taken, refused atomic.Int64
	var wait sync.WaitGroup
	began := time.Now()
	for range clients {
		wait.Go(func() {
			for timed.Err() == nil {
				request, err := http.NewRequestWithContext(timed, http.MethodPost, target, strings.NewReader(event))
				if err != nil {
					return
				}
				token.SetAuthHeader(request)
				request.Header.Set("Content-Type", "application/json")
				response, err := base.Do(request)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body) // a body that breaks off shows as the next call's error
				response.Body.Close()
				if response.StatusCode == http.StatusCreated {
					taken.Add(1)
				} else {
					refused.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if refused.Load() > 0 {
		return fmt.Errorf("the gateway refused %d of the bench's events", refused.Load())
	}
	f.add("gateway", "%.0f events/s (%d clients)", float64(taken.Load())/time.Since(began).Seconds(), clients)
	return nil
}
