package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/schemas"
)

// closeTimeout bounds how long a server may take to end what it is doing.
const closeTimeout = 5 * time.Second

// listener is a server as a value.
type listener interface {
	Listen() error
	Start()
	Close(ctx context.Context) error
}

// start listens and serves; the address is what a person would change, and where says in which setting.
func start(s listener, address, where string) error {
	err := s.Listen()
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		var taken *net.OpError
		if errors.As(err, &taken) && taken.Addr != nil {
			address = taken.Addr.String()
		}
		return usagef("the address %s is in use: stop what listens there, or change %s", address, where)
	case err != nil:
		return usagef("%w: change %s", err, where)
	}
	s.Start()
	return nil
}

func setUpError(err error) error {
	if errors.Is(err, mockorange.ErrOpenControl) {
		return usagef("%w: give --control-token", err)
	}
	return usagef("setting up the mock Orange: %w", err)
}

func (t *terminal) stop(ctx context.Context, name string, s listener) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.complainf("stopping the %s: %v", name, err)
	}
}

// orangeFor starts the mock Orange that a profile asks for. The application may use both offers, so that an event to
// the wrong one is a finding about the offer and not a row of refused events.
func (t *terminal) orangeFor(p *profile.Profile, pack *schemas.Pack, secured *tls.Config) (*mockorange.Server, error) {
	server, err := mockorange.New(mockorange.Options{
		Listen:    p.Orange.Listen,
		TLS:       secured,
		PublicURL: p.Orange.PublicURL,
		Applications: []mockorange.Application{{
			ClientID: p.Orange.ClientID, Secret: p.Orange.ClientSecret,
			Name: p.Partner.Name, Offers: mockorange.Offers(),
		}},
		Pack:    pack,
		Version: versionText(),
		Logger:  t.log,
	})
	if err != nil {
		return nil, setUpError(err)
	}
	if err := start(server, p.Orange.Listen, "orange.listen in the profile"); err != nil {
		return nil, err
	}
	return server, nil
}
