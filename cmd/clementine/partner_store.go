package main

import (
	"context"
	"errors"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/partner"
)

// maxParked bounds a list of parked events.
const maxParked = 1000

// partnerStore is the database of the reference partner; in memory it has neither.
type partnerStore struct {
	db      *database.DB
	durable *partner.Durable
}

// openPartnerStore opens the database of the reference partner; "" is memory.
func (t *terminal) openPartnerStore(ctx context.Context, address string) (partnerStore, func(), error) {
	if address == "" {
		return partnerStore{}, func() {}, nil
	}
	db, err := database.Open(ctx, address, database.Options{Log: t.log, Durable: true})
	if err != nil {
		return partnerStore{}, nil, usagef("--database: %w", err)
	}
	closeDB := func() {
		if err := db.Close(); err != nil {
			t.log.Error("closing the partner's database", "error", err)
		}
	}
	durable, err := partner.OpenDurable(ctx, db, t.log)
	if err != nil {
		closeDB()
		return partnerStore{}, nil, usagef("--database: %w", err)
	}
	return partnerStore{db, durable}, closeDB, nil
}

// parkedTask is a line of --parked.
type parkedTask struct {
	Kind     string    `json:"kind"` // event or job
	ID       string    `json:"id"`
	Customer string    `json:"customer"` // as Orange calls it
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
	Reason   string    `json:"reason"`
}

// parked sends parked events again, and lists those that are left.
func (c partnerCommand) parked(ctx context.Context, t *terminal, durable *partner.Durable) error {
	if durable == nil {
		return usagef("--parked and --resend need --database: in memory nothing outlives the partner")
	}
	for _, id := range c.Resend {
		if err := c.resend(ctx, t, durable, id); err != nil {
			return err
		}
	}
	if !c.Parked {
		return nil
	}
	events, jobs, err := durable.Parked(ctx, maxParked)
	if err != nil {
		return err
	}
	return errors.Join(t.listParked("event", events), t.listParked("job", jobs))
}

func (t *terminal) listParked(kind string, tasks []outbox.Parked) error {
	for _, e := range tasks {
		line := parkedTask{Kind: kind, ID: e.ID, Customer: e.Lane, Since: e.Since, Attempts: e.Attempts, Reason: e.Reason}
		if err := t.printJSON(line); err != nil {
			return err
		}
	}
	return nil
}

// everything is what --resend takes in the place of an id.
const everything = "all"

func (c partnerCommand) resend(ctx context.Context, t *terminal, durable *partner.Durable, id string) error {
	if id == everything {
		n, err := durable.ResendAll(ctx)
		if err != nil {
			return err
		}
		t.printf("%d will be tried again by the running partner, or the next one\n", n)
		return nil
	}
	if err := durable.Resend(ctx, id); err != nil {
		return usagef("--resend: %w", err)
	}
	t.printf("%s will be tried again by the running partner, or the next one\n", id)
	return nil
}
