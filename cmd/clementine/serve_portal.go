package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/api"
	"github.com/clementine-ope/clementine/mockorange/portal/pages"
	"github.com/clementine-ope/clementine/schemas"
)

// portalServices are the developer portal's API and pages over one store, and the mock Orange that it lets applications
// in to.
type portalServices struct {
	service  *portal.Service
	orange   *portalRegistry
	services []service
}

// portalRegistry passes on what the portal decides to the mock Orange, which is made after the portal.
type portalRegistry struct{ *mockorange.Server }

// Register keeps to what the gateway serves: other offers are asked for at the portal, by those who serve them.
func (r *portalRegistry) Register(ctx context.Context, clientID, name string, digest [sha256.Size]byte, offers []string) error {
	known := slices.DeleteFunc(slices.Clone(offers), func(o string) bool { return !slices.Contains(mockorange.Offers(), o) })
	return r.Server.Register(ctx, clientID, name, digest, known)
}

// openPortal sets up the developer portal in an open database. The pages of Orange's side are open, or take the
// operator's token, as the back-office does.
func (t *terminal) openPortal(ctx context.Context, db *database.DB, pack *schemas.Pack, o orangeAccess) (*portalServices, error) {
	p := &portalServices{orange: &portalRegistry{}}
	options := portal.Options{
		Registry: p.orange, BaseURL: func() string { return p.orange.URL() }, Pack: pack.Name, Log: t.log,
	}
	for _, r := range pack.Requirements() {
		options.Requirements = append(options.Requirements, portal.Requirement{
			ID: r.ID, Level: r.Level, Mode: r.When, Feature: r.Feature, Text: r.Text, TextFR: r.TextFR,
		})
	}
	var err error
	if p.service, err = portal.New(ctx, db, options); err != nil {
		return nil, usagef("%w", err)
	}
	a, err := api.New(api.Options{Portal: p.service, Open: o.open, Token: o.token, Version: versionText(), Logger: t.log})
	if err != nil {
		return nil, fmt.Errorf("setting up the portal's API: %w", err)
	}
	ui, err := pages.New(pages.Options{Portal: p.service, Open: o.open, Token: o.token, APIDocs: api.BasePath + "/docs", Logger: t.log})
	if err != nil {
		return nil, fmt.Errorf("setting up the portal's pages: %w", err)
	}
	p.services = []service{{api.BasePath, a}, {pages.Base, ui}}
	return p, nil
}

// join lets every application that is stored in to the mock Orange.
func (p *portalServices) join(ctx context.Context, server *mockorange.Server) error {
	p.orange.Server = server
	if err := p.service.Restore(ctx); err != nil {
		return fmt.Errorf("letting the portal's applications in: %w", err)
	}
	return nil
}

// say prints where the portal is.
func (p *portalServices) say(t *terminal, url string) {
	t.printf("developer portal, kept where billing is\n")
	t.printf("  pages    %s%s, mail lands at %s%s/mailbox\n", url, pages.Base, url, pages.Base)
	t.printf("  API      %s%s, documentation %s%s/docs\n", url, api.BasePath, url, api.BasePath)
}
