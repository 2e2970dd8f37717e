package soak_test

import (
	"testing"
	"time"

	"github.com/clementine-ope/clementine/bench/soak"
)

func TestGrowthOfMemoryIsAFinding(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		length time.Duration
		growth float64 // bytes a minute, from 100 MB
		bad    bool
	}{
		{"flat", 10 * time.Minute, 0, false},
		{"a tenth in ten minutes", 10 * time.Minute, 1 << 20, false},
		{"a leak", 10 * time.Minute, 2 << 20, true},
		{"too short to say", time.Minute, 50 << 20, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var samples []soak.Sample
			for at := time.Duration(0); at < tc.length; at += tc.length / 100 {
				held := 100<<20 + tc.growth*at.Minutes()
				samples = append(samples, soak.Sample{At: at, Resident: held, Heap: held / 2})
			}
			m := soak.MemoryOf(samples, tc.length)
			if err := m.Err(); (err != nil) != tc.bad {
				t.Errorf("%s: %v", m, err)
			}
		})
	}
}
