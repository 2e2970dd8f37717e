package prove

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

//go:embed profile.yaml
var declaration []byte

// How long the judge waits. A wrong partner is waited for in vain, so those delays are short, and yet longer than what is
// in time takes on a machine that is busy with other runs; a right one is never waited for to the end.
func impatient() profile.Delays {
	return profile.Delays{
		Answer: seconds(2.5), Event: seconds(2.5), Quiet: seconds(0.1), Retry: seconds(2.5), Visible: seconds(0.25),
	}
}

func patient() profile.Delays {
	return profile.Delays{Answer: seconds(20), Event: seconds(20), Quiet: seconds(0.2), Retry: seconds(20), Visible: seconds(2)}
}

func seconds(s float64) profile.Duration { return profile.Duration(s * float64(time.Second)) }

// closeGrace bounds how long servers may take to end what they are doing.
const closeGrace = 2 * time.Second

// lab is what one run needs: a partner, and how it is judged.
type lab struct {
	profile  *profile.Profile
	seam     partner.Seam
	delay    time.Duration
	basePath string
	only     []string
}

func newLab(mode profile.Mode, delays profile.Delays) (*lab, error) {
	p, err := declared(mode)
	if err != nil {
		return nil, err
	}
	p.Delays = delays
	return &lab{profile: p}, nil
}

// declared is the profile of every proof: it declares everything.
func declared(mode profile.Mode) (*profile.Profile, error) {
	p, err := profile.Parse("profile.yaml", declaration, func(string) string { return "" })
	if err != nil {
		return nil, fmt.Errorf("read the profile of the proof: %w", err)
	}
	p.Mode = mode
	return p, nil
}

// run starts a mock Orange and the partner, judges it and stops both.
func (l *lab) run(ctx context.Context, o Options) (results reports.Results, err error) {
	orange, err := mockorange.New(mockorange.Options{
		Applications: []mockorange.Application{{
			ClientID: l.profile.Orange.ClientID, Secret: l.profile.Orange.ClientSecret,
			Name: l.profile.Partner.Name, Offers: mockorange.Offers(),
		}},
		Pack: o.Pack, Version: o.Version, Logger: o.Logger,
	})
	if err != nil {
		return results, fmt.Errorf("set up the mock Orange: %w", err)
	}
	defer func() { err = errors.Join(err, shut(ctx, orange.Close)) }()
	if err := orange.Listen(); err != nil {
		return results, fmt.Errorf("start the mock Orange: %w", err)
	}
	orange.Start()
	server, err := partner.New(partner.Options{
		Profile: l.profile, Listen: "127.0.0.1:0", GatewayURL: orange.URL(),
		TokenURL: orange.URL() + o.Pack.Endpoint("token").Path,
		ClientID: l.profile.Orange.ClientID, ClientSecret: l.profile.Orange.ClientSecret,
		Delay: l.delay, Logger: o.Logger, Seam: l.seam,
	})
	if err != nil {
		return results, fmt.Errorf("set up the partner: %w", err)
	}
	// The partner goes first: its deliveries end while there still is a gateway. What is left of a wrong one is no matter.
	defer func() { _ = shut(ctx, server.Close) }()
	if err := server.Listen(); err != nil {
		return results, fmt.Errorf("start the partner: %w", err)
	}
	server.Start()
	l.profile.BaseURL = server.URL() + l.basePath
	results, err = steps.Run(ctx, steps.Options{
		Pack: o.Pack, Profile: l.profile, Orange: orange.Control(), GatewayURL: orange.URL(),
		Only: l.only, Seed: o.Seed, Version: o.Version, Now: o.Now,
	})
	if err == nil && o.Results != nil {
		o.Results(results)
	}
	return results, err
}

func shut(ctx context.Context, closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	return closer(ctx)
}

func suiteOf(o Options) Suite {
	return Suite{Version: o.Version, Contract: o.Pack.Name, Digest: steps.Digest(o.Pack, nil)}
}
