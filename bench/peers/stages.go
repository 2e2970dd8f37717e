package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
	"github.com/clementine-ope/clementine/schemas"
)

const (
	clientID     = "peers"
	clientSecret = "peers-secret"
)

// stages are what a server of this program does with an event; each does all that those before it do.
func stages() []string { return []string{"bare", "token", "schema", "journal"} }

// serveRole is this program as a server that it measures: a stage, or the mock Orange without the limit of its token endpoint.
func serveRole(ctx context.Context, role, listen string) error {
	if role == "mock" {
		return serveMock(ctx, listen)
	}
	pack, err := schemas.Builtin()
	if err != nil {
		return err
	}
	kept := state.NewMemory(state.InMemory())
	err = kept.Put(ctx, state.Application{ID: clientID, SecretDigest: sha256.Sum256([]byte(clientSecret)), Offers: mockorange.Offers()})
	if err != nil {
		return err
	}
	s := &staged{role: role, pack: pack, kept: kept, tokens: oauth.NewDirectory("applications", kept.Lookup, time.Now)}
	return (&http.Server{Addr: listen, Handler: s, ReadHeaderTimeout: time.Minute}).ListenAndServe()
}

func serveMock(ctx context.Context, listen string) error {
	port := listen[strings.LastIndexByte(listen, ':'):]
	orange, err := mockorange.Open(ctx, mockorange.Options{
		Listen: "127.0.0.1" + port, Applications: []mockorange.Application{{ClientID: clientID, Secret: clientSecret, Offers: mockorange.Offers()}},
	})
	if err != nil {
		return err
	}
	if err := orange.Listen(); err != nil {
		return err
	}
	orange.Start()
	<-ctx.Done()
	return orange.Close(context.WithoutCancel(ctx))
}

type staged struct {
	role   string
	pack   *schemas.Pack
	kept   state.State
	tokens *oauth.Directory
}

// ServeHTTP answers a token request, and takes an event.
func (s *staged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/token") {
		a, err := s.tokens.Answer(r.Context(), r.Method, r.Header, body)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body) // who does not take it has gone
		return
	}
	if err := s.take(r, body); err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintln(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(body) // as above
}

func (s *staged) take(r *http.Request, body []byte) error {
	if s.role == "bare" {
		return nil
	}
	check, err := s.tokens.Check(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if err != nil || check.State != oauth.StateValid {
		return errors.Join(fmt.Errorf("the token is %s", check.State), err)
	}
	if s.role == "token" {
		return nil
	}
	if v := s.pack.Judge("event.order", r.Header.Get("Content-Type"), body); len(v) > 0 {
		return fmt.Errorf("event: %+v", v)
	}
	if s.role == "schema" {
		return nil
	}
	place, err := s.kept.Begin(control.Entry{
		At: time.Now(), Kind: control.KindEvent, Method: r.Method, Path: r.URL.Path, Header: r.Header, Body: body, Status: http.StatusCreated, ResponseBody: body,
	})
	if err == nil {
		s.kept.End(place)
	}
	return err
}
