package soak_test

import (
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/bench/soak"
)

func gateway(t *testing.T, database string, patience time.Duration, log io.Writer) soak.GatewayResult {
	t.Helper()
	r, err := soak.Gateway(t.Context(), soak.GatewayOptions{
		Programs: programs(t), Database: database, Duration: 3 * time.Second, Rate: 300, Between: 60, Seed: 1, Patience: patience, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d events by %d calls, %d refused, %d unheard, %d faults; %s; %s", r.Events, r.Calls, r.Refused, r.Unheard, r.Faults, r.Memory, r.Findings)
	return r
}

func TestNoEventIsLostUnderLoadAndFaults(t *testing.T) {
	t.Parallel()
	r := gateway(t, filepath.Join(t.TempDir(), "orange.db"), 30*time.Second, t.Output())
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if r.Events != 900 || r.Reread < r.Events {
		t.Errorf("%d events, %d entries read again: want 900, and no fewer", r.Events, r.Reread)
	}
	// Each of the fourteen kinds has had its turn.
	if r.Faults < 14 || r.Refused == 0 || r.Unheard == 0 {
		t.Errorf("%d faults, %d calls refused, %d unheard: too little was at stake", r.Faults, r.Refused, r.Unheard)
	}
	if r.Steady.P99 == 0 || r.Steady.P99 > r.All.Max {
		t.Errorf("answers without a fault: %s; all: %s", r.Steady, r.All)
	}
	if len(r.Memory.Samples) == 0 || r.Memory.Peak < r.Memory.End.Resident {
		t.Errorf("memory: %s", r.Memory)
	}
}

// The soak must see a gateway that forgets what it has answered 201.
func TestForgettingIsSeen(t *testing.T) {
	t.Parallel()
	r := gateway(t, "", time.Second, nil)
	if r.Findings.Lost != r.Events || r.Err() == nil {
		t.Errorf("a server without a database was killed, and of %d events %d are lost", r.Events, r.Findings.Lost)
	}
}
