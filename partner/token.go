package partner

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens keeps one token and uses it for as long as it is good: Orange allows 50 token requests a minute.
type tokens struct {
	config clientcredentials.Config
	client *http.Client

	mu      sync.Mutex
	current *oauth2.Token
}

// get returns a token that is valid now as far as its lifetime tells. Callers that come while one is fetched wait for it.
func (t *tokens) get(ctx context.Context) (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.Valid() {
		return t.current, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, fmt.Errorf("get a token: %w", err)
	}
	t.current = token
	return token, nil
}

// drop forgets a token that the gateway refused, unless another has taken its place meanwhile.
func (t *tokens) drop(refused *oauth2.Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == refused {
		t.current = nil
	}
}
