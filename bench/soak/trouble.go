package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// portClosed is how long the gateway refuses connections.
const portClosed = 200 * time.Millisecond

// faults are all kinds after which the same event may be sent again; the two that tell a partner to give up are left out.
func faults() []control.Fault {
	return []control.Fault{
		{Kind: control.FaultUnavailableOnce},
		{Kind: control.FaultExpiredOnce},
		{Kind: control.FaultCutOnce},
		{Kind: control.FaultTokenRevoked},
		{Kind: control.FaultRateLimited, Times: 5},
		{Kind: control.FaultServerError, Times: 5},
		{Kind: control.FaultUnavailable, Times: 5},
		{Kind: control.FaultSlow, Times: 20, DelayMs: 300},
		{Kind: control.FaultNoAnswer, Times: 5, DelayMs: 500},
		{Kind: control.FaultCutBefore, Times: 5},
		{Kind: control.FaultContentType, Times: 5},
		{Kind: control.FaultHugeAnswer, Times: 3, Bytes: 200_000},
		{Kind: control.FaultGarbage, Times: 5, Status: http.StatusBadGateway},
		{}, // connections refused
	}
}

// troubles arms one fault after the other, in a random order that each round of all of them has anew.
type troubles struct {
	turns  chan struct{}
	result chan error
	armed  int
}

func startTroubles(ctx context.Context, orange *control.Client, random *rand.Rand) *troubles {
	t := &troubles{turns: make(chan struct{}, 1024), result: make(chan error, 1)}
	go func() { t.result <- t.run(ctx, orange, random) }()
	return t
}

// next has the next fault armed, and the one before removed.
func (t *troubles) next() {
	select {
	case t.turns <- struct{}{}:
	default: // so far behind that one turn less makes no difference
	}
}

// stop returns how many were armed.
func (t *troubles) stop() (int, error) {
	close(t.turns)
	err := <-t.result
	return t.armed, err
}

func (t *troubles) run(ctx context.Context, orange *control.Client, random *rand.Rand) (err error) {
	var round []control.Fault
	armed := ""
	remove := func() error {
		if armed == "" {
			return nil
		}
		err := orange.RemoveFault(ctx, armed)
		armed = ""
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	for range t.turns {
		if len(round) == 0 {
			round = faults()
			random.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		}
		fault := round[0]
		round = round[1:]
		if err := remove(); err != nil {
			return fmt.Errorf("remove a fault: %w", err)
		}
		if fault.Kind == "" {
			err = orange.RefuseConnections(ctx, portClosed)
		} else {
			fault, err = orange.AddFault(ctx, fault)
			armed = fault.ID
		}
		if err != nil {
			return fmt.Errorf("arm %s: %w", fault.Kind, err)
		}
		t.armed++
	}
	return nil
}
