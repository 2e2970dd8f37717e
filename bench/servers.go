package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/clementine-ope/clementine/bench/reference"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/partner"
)

// The quiet window is left out of all figures: it is a wait by choice.
const profileText = `partner: {name: Reference partner}
mode: ${MODE}
orange: {listen: "${LISTEN}"}
delays: {event: 10s, quiet: 0s, retry: 10s}
` + reference.Declared + reference.Triggers

func parseProfile(mode profile.Mode, listen string) (*profile.Profile, error) {
	values := map[string]string{"MODE": string(mode), "LISTEN": listen}
	p, err := profile.Parse("bench.yaml", []byte(profileText), func(name string) string { return values[name] })
	if err != nil {
		return nil, fmt.Errorf("reading the bench profile: %w", err)
	}
	return p, nil
}

// pair is a mock Orange and a reference partner that know each other.
type pair struct {
	profile *profile.Profile
	orange  *mockorange.Server
	partner *partner.Partner
}

func startPair(mode profile.Mode, delay time.Duration) (*pair, error) {
	p, err := parseProfile(mode, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	orange, err := mockorange.New(mockorange.Options{
		Listen: p.Orange.Listen, ControlListen: "127.0.0.1:0",
		Applications: []mockorange.Application{{
			ClientID: p.Orange.ClientID, Secret: p.Orange.ClientSecret, Name: "bench", Offers: mockorange.Offers(),
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the mock Orange: %w", err)
	}
	if err := orange.Listen(); err != nil {
		return nil, err
	}
	orange.Start()
	server, err := startPartner(p, orange.URL(), delay)
	if err != nil {
		return nil, err
	}
	p.BaseURL = server.URL()
	return &pair{profile: p, orange: orange, partner: server}, nil
}

func startPartner(p *profile.Profile, gateway string, delay time.Duration) (*partner.Partner, error) {
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: gateway, TokenURL: gateway + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Delay: delay,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the reference partner: %w", err)
	}
	if err := server.Listen(); err != nil {
		return nil, err
	}
	server.Start()
	return server, nil
}

func (p *pair) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, err := range []error{p.partner.Close(ctx), p.orange.Close(ctx)} {
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench: closing:", err)
		}
	}
}
