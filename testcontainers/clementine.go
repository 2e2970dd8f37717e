// Package clementine runs the mock Orange of Clementine in a container, for the tests of a partner written in Go: a token
// server and an event gateway to call, and a control port to steer them by.
//
// It owns the start of the container and a small client of the control port. It imports nothing of Clementine, so that
// the module graph of a test stays that of testcontainers-go.
package clementine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	gatewayPort = "8090/tcp"
	controlPort = "8091/tcp"
	tokenPath   = "/oauth/v3/token"
)

// Partner is the application that the mock Orange lets in. What is empty gets a value of its own.
type Partner struct {
	ClientID     string
	ClientSecret string
}

// WithPartner lets this application ask for tokens.
func WithPartner(p Partner) testcontainers.CustomizeRequestOption {
	return func(r *testcontainers.GenericContainerRequest) error {
		set(r, "CLEMENTINE_CLIENT_ID", p.ClientID)
		set(r, "CLEMENTINE_CLIENT_SECRET", p.ClientSecret)
		return nil
	}
}

// WithStrict lets the gateway answer 400 to events that break their schema, instead of taking them with a violation in
// the journal.
func WithStrict() testcontainers.CustomizeRequestOption {
	return func(r *testcontainers.GenericContainerRequest) error {
		set(r, "CLEMENTINE_STRICT", "true")
		return nil
	}
}

func set(r *testcontainers.GenericContainerRequest, name, value string) {
	if r.Env == nil {
		r.Env = map[string]string{}
	}
	if value != "" {
		r.Env[name] = value
	}
}

// Container is a running mock Orange.
type Container struct {
	*testcontainers.DockerContainer
	GatewayURL   string // base of /{offer}/productordering/v2/event and /{offer}/userservice/v2/event
	TokenURL     string // POST with Basic credentials and grant_type=client_credentials
	ClientID     string
	ClientSecret string
	Control      *Control
}

// Run starts image and returns once both its ports answer. The container is nil only where it was not created; it is to
// be terminated in any case (testcontainers.CleanupContainer takes nil too).
func Run(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (*Container, error) {
	secrets := map[string]string{
		"CLEMENTINE_CLIENT_ID": "partner", "CLEMENTINE_CLIENT_SECRET": rand.Text(), "CLEMENTINE_CONTROL_TOKEN": rand.Text(),
	}
	var asked map[string]string
	all := []testcontainers.ContainerCustomizer{
		testcontainers.WithEnv(secrets),
		testcontainers.WithExposedPorts(gatewayPort, controlPort),
		// The mock takes both its ports before it answers on either; a probe of the gateway would stand in its journal.
		testcontainers.WithWaitStrategy(wait.ForHTTP("/").WithPort(controlPort).WithStatusCodeMatcher(func(int) bool { return true })),
	}
	all = append(all, options...)
	all = append(all, testcontainers.CustomizeRequestOption(func(r *testcontainers.GenericContainerRequest) error {
		asked = r.Env
		return nil
	}))
	inner, err := testcontainers.Run(ctx, image, all...)
	if inner == nil {
		return nil, fmt.Errorf("run %s: %w", image, err)
	}
	c := &Container{DockerContainer: inner}
	if err != nil {
		return c, fmt.Errorf("run %s: %w", image, err)
	}
	gateway, err := inner.PortEndpoint(ctx, gatewayPort, "http")
	control, again := inner.PortEndpoint(ctx, controlPort, "http")
	if err := errors.Join(err, again); err != nil {
		return c, fmt.Errorf("find the ports of %s: %w", image, err)
	}
	c.GatewayURL, c.TokenURL = gateway, gateway+tokenPath
	c.ClientID, c.ClientSecret = asked["CLEMENTINE_CLIENT_ID"], asked["CLEMENTINE_CLIENT_SECRET"]
	c.Control = &Control{base: control, token: asked["CLEMENTINE_CONTROL_TOKEN"]}
	return c, nil
}
