package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// gateway posts events to our gateway, to Prism with the gateway's own OpenAPI document, and to the stages of the work;
// and a customer to stripe-mock.
func (b *bench) gateway(ctx context.Context, out io.Writer) (err error) {
	var all servers
	defer func() { err = errors.Join(err, all.stop()) }()
	ours, err := b.described(ctx, &all)
	if err != nil {
		return err
	}
	token, err := tokenOf(ctx, ours.base)
	if err != nil {
		return err
	}
	prism, err := b.serve(ctx, &all, "/", b.bin("prism"), b.prismArgs())
	if err != nil {
		return err
	}
	stripe, err := b.serve(ctx, &all, "/", b.stripeMock, stripeArgs)
	if err != nil {
		return err
	}
	customer := call{url: stripe.base + "/v1/customers", status: http.StatusOK,
		body: "name=Acme&email=buyer%40example.com&metadata[order]=ord-1&address[city]=Lyon&address[country]=FR&description=An+order",
		header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer sk_test_123",
		}}
	mock, mockToken, err := b.stage(ctx, &all, "mock")
	if err != nil {
		return err
	}
	t := &table{
		title: "Gateway: one event, token checked, schema checked, in the journal", unit: "requests/s", cpuUnit: "server's µs of CPU a request", more: true,
		contenders: []contender{
			b.loading("clementine's mock Orange, as run and demo start it", mock, eventCall(mock.base, mockToken)),
			b.loading("clementine serve: all of Orange, the journal in its database", ours, eventCall(ours.base, token)),
			b.loading("Prism, the same event, our OpenAPI document", prism, eventCall(prism.base, token)),
			b.loading("stripe-mock, POST /v1/customers", stripe, customer),
		},
	}
	for _, role := range stages() {
		stage, token, err := b.stage(ctx, &all, role)
		if err != nil {
			return err
		}
		t.contenders = append(t.contenders, b.loading("net/http, "+stageName(role), stage, eventCall(stage.base, token)))
	}
	if err := t.measure(ctx, b.rounds); err != nil {
		return err
	}
	t.notes = append(t.notes, t.shares())
	t.print(out)
	return nil
}

func stageName(role string) string {
	if role == "bare" {
		return "body read and sent back"
	}
	return "and " + role
}

// stage starts this program as one of its stages, and has a token for it.
func (b *bench) stage(ctx context.Context, all *servers, role string) (*server, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	s, err := b.serve(ctx, all, "/token", self, func(port string) []string { return []string{"-serve", role, "-listen", "127.0.0.1:" + port} })
	if err != nil {
		return nil, "", err
	}
	token, err := tokenOf(ctx, s.base)
	return s, token, err
}

func (b *bench) loading(name string, s *server, c call) contender {
	return contender{name, func(ctx context.Context) (reading, error) { return b.loaded(ctx, s.process, c) }}
}

// shares says what part of the gateway's processor time each stage takes, by the medians.
func (t *table) shares() string {
	median := func(name string) float64 {
		var list []float64
		for _, r := range t.readings[name] {
			list = append(list, r.cpu)
		}
		_, m, _ := quartiles(list)
		return m
	}
	whole := median(t.contenders[0].name)
	text, before := fmt.Sprintf("Of the gateway's %s µs of CPU for an event:", figure(whole)), 0.0
	for _, role := range stages() {
		now := median("net/http, " + stageName(role))
		text += fmt.Sprintf(" %s %.0f %%,", stageName(role), 100*(now-before)/whole)
		before = now
	}
	return text + fmt.Sprintf(" and the rest (routing, request ids, metrics, faults, limits, the answer with its id) %.0f %%.", 100*(whole-before)/whole)
}

// token asks for tokens.
func (b *bench) token(ctx context.Context, out io.Writer) (err error) {
	var all servers
	defer func() { err = errors.Join(err, all.stop()) }()
	ours, _, err := b.stage(ctx, &all, "mock")
	if err != nil {
		return err
	}
	peer, err := b.serve(ctx, &all, "/", b.bin("oauth2-mock-server"), oauthArgs)
	if err != nil {
		return err
	}
	t := &table{
		title: "Token server: client credentials", unit: "tokens/s", cpuUnit: "server's µs of CPU a token", more: true,
		contenders: []contender{
			b.loading("clementine's mock Orange", ours, tokenCall(ours.base+"/oauth/v3/token")),
			b.loading("oauth2-mock-server", peer, tokenCall(peer.base+"/token")),
		},
		notes: []string{"Our mock Orange runs without Orange's limit of 50 token requests a minute, and journals each request. oauth2-mock-server signs a JWT by RSA, ours is opaque."},
	}
	if err := t.measure(ctx, b.rounds); err != nil {
		return err
	}
	t.print(out)
	return nil
}

// start times each program from its start to its first answer.
func (b *bench) start(ctx context.Context, out io.Writer) (err error) {
	var all servers
	defer func() { err = errors.Join(err, all.stop()) }()
	if _, err := b.described(ctx, &all); err != nil {
		return err
	}
	starting := func(name, program string, args func(string) []string) contender {
		return contender{name, func(ctx context.Context) (reading, error) {
			s, err := b.serve(ctx, nil, "/", program, args)
			if err != nil {
				return reading{}, err
			}
			cpu, err := s.cpu()
			return reading{float64(s.took.Microseconds()) / 1000, float64(cpu.Milliseconds())}, errors.Join(err, s.process.stop())
		}}
	}
	t := &table{
		title: "Start to the first answer", unit: "ms", cpuUnit: "ms of CPU until then",
		contenders: []contender{
			starting("clementine serve", b.clementine, clementineArgs),
			starting("Prism", b.bin("prism"), b.prismArgs()),
			starting("oauth2-mock-server", b.bin("oauth2-mock-server"), oauthArgs),
			starting("stripe-mock", b.stripeMock, stripeArgs),
		},
		notes: []string{"CPU is counted in steps of 10 ms."},
	}
	if err := t.measure(ctx, b.rounds); err != nil {
		return err
	}
	t.print(out)
	return nil
}
