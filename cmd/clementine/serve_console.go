package main

import (
	"context"
	"errors"
	"net/netip"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/egress"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

// consoleFlags are those of the console.
type consoleFlags struct {
	Reach   []string `name:"console-reach" placeholder:"NET" help:"Networks such as 10.1.0.0/16 that those who have signed in to the console may let it call; otherwise public addresses only."`
	MaxRuns int      `name:"console-runs" default:"2" help:"Runs of the console that may be under way at once."`
}

func (f consoleFlags) guard() (egress.Guard, error) {
	var g egress.Guard
	for _, text := range f.Reach {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return g, usagef("--console-reach %s: %w", text, err)
		}
		g.Allow = append(g.Allow, network.Masked())
	}
	if f.MaxRuns < 1 {
		return g, usagef("--console-runs must be 1 or more, is %d", f.MaxRuns)
	}
	return g, nil
}

// openConsole sets up the console in an open database. Its runs call the mock Orange that orange is given later.
func (t *terminal) openConsole(ctx context.Context, db *database.DB, pack *schemas.Pack, c serveCommand, o orangeAccess, p *portalServices) (*console.Console, error) {
	reach, err := c.guard()
	if err != nil {
		return nil, err
	}
	ui, err := console.New(ctx, console.Options{
		DB: db, Pack: pack, Orange: func() control.Orange { return p.orange.Control() }, ClientID: c.ClientID, ClientSecret: c.ClientSecret,
		Reference: func(p *profile.Profile) func(context.Context) (steps.Reference, func(), error) {
			return t.referenceFor(p, pack, false)
		},
		Open: o.open, Token: o.token, Partners: portalAccounts{p.service}, Reach: reach, MaxRuns: c.MaxRuns, Version: versionText(), Logger: t.log,
	})
	if err != nil {
		return nil, usagef("setting up the console: %w", err)
	}
	return ui, nil
}

// closeConsole interrupts the console's runs and waits until they are kept.
func (t *terminal) closeConsole(ctx context.Context, c *console.Console) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.complainf("%v", err)
	}
}

// portalAccounts lets the portal's accounts in to the console.
type portalAccounts struct{ portal *portal.Service }

func (a portalAccounts) SignIn(ctx context.Context, name, secret string) (console.Partner, error) {
	account, err := a.portal.SignIn(ctx, name, secret)
	if errors.Is(err, portal.ErrCredentials) || errors.Is(err, portal.ErrNotActivated) {
		return console.Partner{}, web.ErrRefused
	}
	return console.Partner{ID: account.ID, Name: account.Email}, err
}

func (a portalAccounts) Current(ctx context.Context, id string) (console.Partner, error) {
	account, err := a.portal.Account(ctx, id)
	if errors.Is(err, portal.ErrNotFound) {
		return console.Partner{}, web.ErrRefused
	}
	return console.Partner{ID: account.ID, Name: account.Email}, err
}

func (a portalAccounts) Owns(ctx context.Context, id, clientID string) (bool, error) {
	applications, err := a.portal.Applications(ctx, id)
	for _, each := range applications {
		if each.ClientID == clientID {
			return true, nil
		}
	}
	return false, err
}
