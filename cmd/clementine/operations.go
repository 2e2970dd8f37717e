package main

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/httpserve"
	"github.com/clementine-ope/clementine/internal/operations"
)

// operationsFlags are the flags of every command that serves for long.
type operationsFlags struct {
	Operations string        `placeholder:"HOST:PORT" help:"Address of /metrics, /healthz and /readyz, which ask for no credentials; HTTPS where the program serves it, without asking for a client certificate; none if it is left out."`
	Drain      time.Duration `default:"0s" help:"How long to go on answering once told to stop, while /readyz says no: for load balancers to notice."`
}

// operated is what an operator sees of one program.
type operated struct {
	flags    operationsFlags
	registry *prometheus.Registry
	health   operations.Health
	requests *operations.Requests
	handler  http.Handler
	server   *httpserve.Server
}

func (t *terminal) operated(f operationsFlags) *operated {
	o := &operated{flags: f, registry: operations.NewRegistry(versionText())}
	o.requests = operations.NewRequests(o.registry, t.log)
	o.handler = operations.Handler(o.registry, &o.health, t.log)
	return o
}

// needs makes a database part of being ready; nil is none.
func (o *operated) needs(name string, db *database.DB) {
	if db != nil {
		operations.WatchDatabase(o.registry, &o.health, name, db)
	}
}

// start serves the address of --operations, if there is one, until stop. secured is nil for plain HTTP.
func (o *operated) start(ctx context.Context, t *terminal, secured *tls.Config) (stop func(), err error) {
	if o.flags.Operations == "" {
		return func() {}, nil
	}
	o.server = httpserve.New(o.handler, httpserve.Options{Addr: o.flags.Operations, TLS: secured, Logger: t.log, Connections: 64})
	if err := start(o.server, o.flags.Operations, "--operations"); err != nil {
		return nil, err
	}
	return func() { t.stop(ctx, "operations server", o.server) }, nil
}

// services shows the same beside something else.
func (o *operated) services() []service {
	var all []service
	for _, path := range []string{operations.MetricsPath, operations.AlivePath, operations.ReadyPath} {
		all = append(all, service{path, o.handler})
	}
	return all
}

// wait ends when the program is to stop, and has told whoever sends it work.
func (o *operated) wait(ctx context.Context, t *terminal) {
	<-ctx.Done()
	o.health.Stop()
	if o.flags.Drain > 0 {
		t.log.Info("going down", "in", o.flags.Drain)
		<-time.After(o.flags.Drain) // a second signal ends it at once
	}
}
