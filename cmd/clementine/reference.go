package main

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// referenceFor returns what starts the reference partner, with a mock Orange of its own, once a scenario has failed.
// The partner's own mock Orange and its journal are left alone.
func (t *terminal) referenceFor(p *profile.Profile, pack *schemas.Pack, off bool) func(context.Context) (steps.Reference, func(), error) {
	return func(ctx context.Context) (steps.Reference, func(), error) {
		if off {
			return steps.Reference{}, nil, &steps.NoReferenceError{Status: reports.NotRun, Reason: "turned off by --no-reference"}
		}
		builtin, err := loadPack("")
		if err != nil {
			return steps.Reference{}, nil, err
		}
		if pack.Digest != builtin.Digest {
			return steps.Reference{}, nil, &steps.NoReferenceError{
				Status: reports.NoReference, Reason: "the reference partner speaks the built-in contract pack alone",
			}
		}
		like, err := referenceProfile(p)
		if err != nil {
			return steps.Reference{}, nil, err
		}
		orange, err := t.orangeFor(like, pack, nil)
		if err != nil {
			return steps.Reference{}, nil, err
		}
		server, err := t.referencePartner(like, orange, pack, nil, nil)
		if err != nil {
			t.stop(ctx, "mock Orange of the reference partner", orange)
			return steps.Reference{}, nil, err
		}
		like.BaseURL = server.URL()
		stop := func() {
			t.stop(ctx, "reference partner", server)
			t.stop(ctx, "mock Orange of the reference partner", orange)
		}
		return steps.Reference{Profile: like, Orange: orange.Control(), GatewayURL: orange.URL()}, stop, nil
	}
}

// referenceProfile declares what the partner declared, on free ports of this machine: how to reach the partner, and how
// to make it start a change, is its own.
func referenceProfile(p *profile.Profile) (*profile.Profile, error) {
	demo, err := demoProfile(p.Mode)
	if err != nil {
		return nil, err
	}
	like := *p
	like.BaseURL, like.Auth, like.TLS, like.Orange, like.Concurrency = "", demo.Auth, demo.TLS, demo.Orange, demo.Concurrency
	like.Triggers = map[string]profile.Trigger{}
	for name := range p.Triggers {
		if trigger, known := demo.Triggers[name]; known {
			like.Triggers[name] = trigger
		}
	}
	return &like, nil
}

// referencePartner starts the reference partner on a free port, with HTTPS if own is set.
func (t *terminal) referencePartner(p *profile.Profile, orange *mockorange.Server, pack *schemas.Pack, own, toGateway *tls.Config) (*partner.Partner, error) {
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", TLS: own, GatewayTLS: toGateway, GatewayURL: orange.URL(),
		TokenURL: orange.URL() + pack.Endpoint("token").Path,
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Logger: t.log,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the reference partner: %w", err)
	}
	if err := start(server, "127.0.0.1:0", "nothing: a free port is taken"); err != nil {
		return nil, err
	}
	return server, nil
}
