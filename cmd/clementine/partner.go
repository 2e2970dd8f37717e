package main

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/partner/variant"
)

type partnerCommand struct {
	operationsFlags
	tlsFlags
	ClientCA     string        `name:"client-ca" placeholder:"FILE" help:"Require a client certificate of these authorities (PEM): mutual TLS."`
	GatewayCA    string        `name:"gateway-ca" placeholder:"FILE" help:"Authorities (PEM) that sign the certificates of gateway and token endpoint; the system's if it is left out."`
	GatewayCert  string        `name:"gateway-cert" placeholder:"FILE" help:"Client certificate (PEM) to show there."`
	GatewayKey   string        `name:"gateway-key" placeholder:"FILE" help:"Its key (PEM)."`
	Listen       string        `default:"127.0.0.1:8081" help:"Address of the partner's server."`
	Profile      string        `placeholder:"FILE" help:"The profile to follow; the demo's, with every feature, if it is left out."`
	Mode         string        `enum:",sync,async" default:"" help:"sync or async; what the profile says if it is left out."`
	Gateway      string        `placeholder:"URL" help:"Base URL of Orange's gateway; where the profile has a run serve it if it is left out, or else http://127.0.0.1:8090."`
	TokenURL     string        `name:"token-url" help:"Orange's token endpoint; below the gateway if it is left out."`
	Delay        time.Duration `default:"0s" help:"How long the work on an acknowledged request takes."`
	ClientID     string        `name:"client-id" help:"Client id for the token; the profile's if it is left out."`
	ClientSecret string        `help:"Its secret; the profile's if it is left out."`
	Database     string        `placeholder:"FILE|URL" help:"Where orders, jobs and events are kept: a file's path (SQLite) or a postgres:// URL; memory if it is left out."`
	Parked       bool          `help:"List the events that could not be delivered and the jobs that could not be done, as JSON lines, and end."`
	Resend       []string      `placeholder:"ID|all" help:"Have these parked events and jobs tried again, or all of them, and end."`
	Defect       []string      `placeholder:"NAME" help:"Be wrong in these ways; clementine prove --list names them."`
	Variant      string        `placeholder:"NAME" help:"Differ in this way and be right."`
}

// Help is shown by --help.
func (partnerCommand) Help() string {
	return `The reference partner: what a conforming server answers. With --database, nothing that it has acknowledged
is lost when it stops or is killed: jobs and events go on where they were, and what Orange won't take is parked.

Examples:

  clementine partner --mode async --delay 200ms
  clementine partner --mode async --database partner.db
  clementine partner --database partner.db --parked
  clementine partner --database partner.db --resend all
  clementine partner --defect one-licence-short,order-id-missing
  clementine partner --profile partner.yaml --listen 127.0.0.1:8081
  clementine run --partner http://127.0.0.1:8081 --profile partner.yaml   # in another terminal`
}

// Run serves until ctx ends.
func (c partnerCommand) Run(ctx context.Context, t *terminal) error {
	store, closeStore, err := t.openPartnerStore(ctx, c.Database)
	if err != nil {
		return err
	}
	defer closeStore()
	if c.Parked || len(c.Resend) > 0 {
		return c.parked(ctx, t, store.durable)
	}
	return c.serve(ctx, t, store)
}

func (c partnerCommand) serve(ctx context.Context, t *terminal, store partnerStore) error {
	p, err := c.profile(t)
	if err != nil {
		return err
	}
	base, seam, err := c.differ(p)
	if err != nil {
		return err
	}
	if c.Gateway == "" {
		c.Gateway = gatewayOf(p.Orange)
	}
	if c.TokenURL == "" {
		c.TokenURL = strings.TrimRight(c.Gateway, "/") + "/oauth/v3/token"
	}
	own, toOperators, toGateway, err := c.secured(t)
	if err != nil {
		return err
	}
	ops := t.operated(c.operationsFlags)
	ops.needs("partner", store.db)
	stopOperations, err := ops.start(ctx, t, toOperators)
	if err != nil {
		return err
	}
	defer stopOperations()
	server, err := partner.New(partner.Options{
		Profile: p, Listen: c.Listen, TLS: own, GatewayTLS: toGateway, GatewayURL: c.Gateway, TokenURL: c.TokenURL, Delay: c.Delay,
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Logger: t.log, Seam: seam, Store: store.durable,
		Requests: ops.requests, Metrics: ops.registry,
	})
	if err != nil {
		return usagef("setting up the reference partner: %w", err)
	}
	if err := start(server, c.Listen, "--listen"); err != nil {
		return err
	}
	defer t.stop(ctx, "reference partner", server)
	kept := "in memory"
	if store.durable != nil {
		kept = "kept in " + store.durable.Name()
	}
	t.printf("reference partner, %s, %s: %s%s\n", p.Mode, kept, server.URL(), base)
	t.printf("  events go to %s, tokens come from %s\n", c.Gateway, c.TokenURL)
	if ops.server != nil {
		t.printf("  metrics and health at %s\n", ops.server.URL())
	}
	ops.wait(ctx, t)
	return nil
}

// gatewayOf is where a run with this profile serves Orange; the usual address where the run chooses a port.
func gatewayOf(o profile.Orange) string {
	if o.PublicURL != "" {
		return o.PublicURL
	}
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil || port == "0" {
		return "http://127.0.0.1:8090"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// secured are the TLS settings of the server and of --operations, nil for plain HTTP, and of calls to the gateway.
func (c partnerCommand) secured(t *terminal) (own, toOperators, toGateway *tls.Config, err error) {
	if toOperators, err = c.config(t, c.Listen, c.Operations); err != nil {
		return nil, nil, nil, err
	}
	if own, err = requireClients(toOperators, c.ClientCA); err != nil {
		return nil, nil, nil, err
	}
	toGateway, err = clientTLS("--gateway", c.GatewayCA, c.GatewayCert, c.GatewayKey)
	return own, toOperators, toGateway, err
}

// differ makes the partner wrong or different, as it was asked to be, and returns the path that it then serves below.
func (c *partnerCommand) differ(p *profile.Profile) (base string, seam partner.Seam, err error) {
	wrong, err := defect.Seam(c.Defect...)
	if err != nil {
		return "", partner.Seam{}, usagef("--defect: %w", err)
	}
	if c.Variant == "" {
		return "", wrong, nil
	}
	v, err := variant.Find(c.Variant)
	if err != nil {
		return "", partner.Seam{}, usagef("--variant: %w", err)
	}
	if v.Profile != nil {
		v.Profile(p)
	}
	if c.Delay == 0 {
		c.Delay = v.Delay
	}
	return v.BasePath, partner.Join(wrong, v.Seam()), nil
}

func (c partnerCommand) profile(t *terminal) (*profile.Profile, error) {
	var p *profile.Profile
	var err error
	if c.Profile == "" {
		p, err = demoProfile(profile.Sync)
	} else {
		p, err = loadProfile(c.Profile, t)
	}
	if err != nil {
		return nil, err
	}
	if c.Mode != "" {
		p.Mode = profile.Mode(c.Mode)
	}
	if c.ClientID != "" {
		p.Orange.ClientID = c.ClientID
	}
	if c.ClientSecret != "" {
		p.Orange.ClientSecret = c.ClientSecret
	}
	return p, nil
}
