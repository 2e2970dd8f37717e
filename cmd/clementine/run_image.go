package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/container"
	"github.com/clementine-ope/clementine/steps"
)

// imageWait is how long a partner's container may take to give its first answer.
const imageWait = 60 * time.Second

// imageFlags judge an image instead of a server that runs already.
type imageFlags struct {
	PartnerImage string            `placeholder:"IMAGE" help:"Container image of the partner: it is started, judged, and taken away; its log stays in partner.log of --out."`
	PartnerPort  string            `default:"8081" help:"Port of the partner within its container."`
	PartnerEnv   map[string]string `placeholder:"NAME=VALUE" help:"Variables of its container, with ; between them; {gateway}, {token}, {clientID} and {clientSecret} are filled in."`
}

// reachable lets the mock Orange listen where a container can call it; it returns the name to call it by.
func (f imageFlags) reachable(ctx context.Context, o *steps.Options) (string, error) {
	listen, name, err := container.Host(ctx)
	if err != nil {
		return "", cannotJudgef("--partner-image: %w", err)
	}
	host, port, err := net.SplitHostPort(o.Profile.Orange.Listen)
	if err != nil {
		return "", usagef("orange.listen in the profile: %w", err)
	}
	if listen != "" && onLoopback(net.JoinHostPort(host, port)) {
		o.Profile.Orange.Listen = net.JoinHostPort(listen, port)
	}
	return name, nil
}

// calledBy is a server's address under another host name; as it is where name is empty, or where a proxy stands before it.
func calledBy(address, name string) string {
	u, err := url.Parse(address)
	if name == "" || err != nil || u.Port() == "" || !onLoopback(u.Host) {
		return address
	}
	u.Host = net.JoinHostPort(name, u.Port())
	return u.String()
}

// start runs the image and points the options at it. What it returns stops it, and must be called in any case.
func (f imageFlags) start(ctx context.Context, t *terminal, out, gateway string, o *steps.Options) (stop func(), err error) {
	fill := strings.NewReplacer("{gateway}", gateway, "{token}", gateway+o.Pack.Endpoint("token").Path,
		"{clientID}", o.Profile.Orange.ClientID, "{clientSecret}", o.Profile.Orange.ClientSecret)
	env := map[string]string{
		"CLEMENTINE_GATEWAY": "{gateway}", "CLEMENTINE_TOKEN_URL": "{token}",
		"CLEMENTINE_CLIENT_ID": "{clientID}", "CLEMENTINE_CLIENT_SECRET": "{clientSecret}",
	}
	for name, value := range f.PartnerEnv {
		env[name] = value
	}
	for name, value := range env {
		env[name] = fill.Replace(value)
	}
	box, err := container.Start(ctx, container.Options{
		Image: f.PartnerImage, Port: f.PartnerPort, Ping: o.Profile.Ping, Env: env, Wait: imageWait,
	})
	log := filepath.Join(out, "partner.log")
	stop = func() { t.keepLog(ctx, box, log) }
	if err != nil {
		return stop, cannotJudgef("--partner-image: %w; its log is %s", err, log)
	}
	o.Profile.BaseURL = box.URL
	t.printf("partner    %s in a container, at %s; its log will be %s\n", f.PartnerImage, box.URL, log)
	return stop, nil
}

// keepLog takes the container away, also after an interruption.
func (t *terminal) keepLog(ctx context.Context, box *container.Container, file string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var stopped error
	written := writeFile(file, func(w io.Writer) error {
		stopped = box.Stop(ctx, w)
		return nil
	})
	if err := errors.Join(stopped, written); err != nil {
		t.complainf("stopping the partner's container: %v", err)
	}
}
