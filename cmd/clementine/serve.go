package main

import (
	"context"
	"crypto/tls"
	"net/http"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/schemas"
)

type serveCommand struct {
	billingFlags
	operationsFlags
	consoleFlags
	orangeTLSFlags
	Listen       string `default:"127.0.0.1:8090" help:"Address of the token server and the gateway."`
	Control      string `default:"127.0.0.1:8091" help:"Address of the control port."`
	ControlToken string `help:"Bearer token of the control port; needed where it is not on the loopback interface."`
	PublicURL    string `name:"public-url" help:"How partners reach --listen, where that is not its own address."`
	ClientID     string `name:"client-id" default:"demo" help:"Client id of the application that is let in."`
	ClientSecret string `default:"demo-secret" help:"Its secret."`
	Contract     string `placeholder:"DIR" help:"Contract pack; the built-in one if it is left out."`
	Catalogue    string `placeholder:"PROFILE" help:"Sell the offerings of this profile at its prices; those of orders join them."`
	Strict       bool   `help:"Answer 400 or 415 to events that break their schema, instead of 201."`
}

// Help is shown by --help.
func (serveCommand) Help() string {
	return `Plays Orange until it is stopped: POST /oauth/v3/token and the event paths of both offers, and beside them billing with
its API and back-office. All is kept where --database says, and in memory without it. Several that are given the same
postgres:// database are one Orange: put them behind any load balancer.

Examples:

  clementine serve            # then open /console to set up a partner and judge it
  clementine serve --demo     # then open /backoffice
  clementine serve --database orange.db
  curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:8090/oauth/v3/token
  curl http://127.0.0.1:8091/control/journal   # what has arrived
  clementine run --orange http://127.0.0.1:8091 --profile partner.yaml`
}

// Run serves until ctx ends.
func (c serveCommand) Run(ctx context.Context, t *terminal) error {
	pack, err := loadPack(c.Contract)
	if err != nil {
		return err
	}
	protocolTLS, controlTLS, db, err := c.ground(ctx, t)
	if err != nil {
		return err
	}
	defer t.closeDatabase(db)
	ops := t.operated(c.operationsFlags)
	ops.needs("orange", db)
	stopOperations, err := ops.start(ctx, t, controlTLS)
	if err != nil {
		return err
	}
	defer stopOperations()
	money, book, err := t.openMoney(ctx, db, c)
	if err != nil {
		return err
	}
	developers, space, ui, err := c.openPages(ctx, t, db, pack, money.access)
	if err != nil {
		return err
	}
	services, steering, err := parts(pack, developers, space, ui, ops, book)
	if err != nil {
		return err
	}
	server, err := mockorange.Open(ctx, mockorange.Options{
		Listen: c.Listen, ControlListen: c.Control, ControlToken: c.ControlToken, PublicURL: c.PublicURL, TLS: protocolTLS, ControlTLS: controlTLS,
		Applications: []mockorange.Application{{ClientID: c.ClientID, Secret: c.ClientSecret, Name: "demo", Offers: mockorange.Offers()}},
		Database:     c.shared(db), Pack: pack, Strict: c.Strict, EnforceRate: true, Version: versionText(), Logger: t.log,
		Around: func(gateway http.Handler) http.Handler {
			return ops.requests.Around("orange", frontDoor(console.Base+"/", money.around(beside(gateway, services))))
		},
		AroundControl: func(control http.Handler) http.Handler {
			return ops.requests.Around("control", beside(control, steering))
		},
	})
	if err != nil {
		return setUpError(err)
	}
	if err := space.join(ctx, developers, server); err != nil {
		return err
	}
	if err := start(server, c.Listen+" or "+c.Control, "--listen or --control"); err != nil {
		return err
	}
	defer func() { t.closeConsole(ctx, ui); t.stop(ctx, "mock Orange", server) }()
	book.start(ctx, server, pack)
	defer book.stop(ctx)
	c.say(t, db, server, pack)
	money.say(t, server.URL(), c.Database)
	space.say(t, developers, server.URL())
	book.say(ctx, t, server.ControlURL())
	t.printf("  control  %s (metrics and health beside it)\n", server.ControlURL())
	ops.wait(ctx, t)
	return nil
}

// ground is what all stands on: the TLS settings of the two ports, nil for plain HTTP, and the database.
func (c serveCommand) ground(ctx context.Context, t *terminal) (protocol, steering *tls.Config, db *database.DB, err error) {
	if protocol, steering, err = c.secured(t, c.Listen, c.Control, c.PublicURL, c.Operations); err != nil {
		return nil, nil, nil, err
	}
	db, err = t.openDatabase(ctx, c.Database)
	return protocol, steering, db, err
}

// openPages sets up what developers and reviewers use beside the gateway.
func (c serveCommand) openPages(ctx context.Context, t *terminal, db *database.DB, pack *schemas.Pack, o orangeAccess) (*portalServices, *spaceServices, *console.Console, error) {
	developers, space, err := t.openPortalAndSpace(ctx, db, pack, o, c.Demo)
	if err != nil {
		return nil, nil, nil, err
	}
	ui, err := t.openConsole(ctx, db, pack, c, o, developers)
	return developers, space, ui, err
}

func (c serveCommand) say(t *terminal, db *database.DB, server *mockorange.Server, pack *schemas.Pack) {
	t.printf("mock Orange, %s\n", c.keeps(db))
	t.printf("  gateway  %s/{offer}/productordering/v2/event, %s/{offer}/userservice/v2/event\n", server.URL(), server.URL())
	if server.LocalURL() != server.URL() {
		t.printf("  listens  %s\n", server.LocalURL())
	}
	client := c.ClientID
	if secret := profile.Known(c.ClientSecret); secret != "" {
		client += ", secret " + secret
	}
	t.printf("  token    %s%s, client id %s\n", server.URL(), pack.Endpoint("token").Path, client)
	t.printf("  console  %s%s\n", server.URL(), console.Base)
}

// shared is the database of the mock; without an address it keeps what it knows in its own memory.
func (c serveCommand) shared(db *database.DB) *database.DB {
	if c.Database == "" {
		return nil
	}
	return db
}

// keeps says what is left of the mock when it stops.
func (c serveCommand) keeps(db *database.DB) string {
	if c.Database == "" {
		return "in memory: nothing that the gateway sees is kept when it stops"
	}
	return "in " + db.Name() + ": journal, applications, faults and token expiry are kept"
}
