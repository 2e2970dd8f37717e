package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
)

// Replay runs the same features over a recording, offline, and returns what they come to: the same results, if the
// recording is whole and was judged by the same suite. Of the options it takes Pack, Extra and Version; all else is in
// the recording. It returns *ConfigError where the recording can't be read as a run.
func Replay(ctx context.Context, recorded reports.Results, o Options) (reports.Results, error) {
	return replay(ctx, recorded, o, false)
}

func replay(ctx context.Context, recorded reports.Results, o Options, lenient bool) (reports.Results, error) {
	o, err := replayOptions(recorded, o)
	if err != nil {
		return reports.Results{}, err
	}
	sets, err := o.plan()
	if err != nil {
		return reports.Results{}, err
	}
	run := harness.Recorded(harness.Options{Pack: o.Pack, Profile: o.Profile, Seed: o.Seed, Challenge: o.Challenge, Concurrency: o.Concurrency, Ask: o.Ask}, recorded, lenient)
	s := newSuite(o, run)
	s.replay = true
	for i, src := range o.sources() {
		s.source(ctx, src, sets[i])
	}
	for _, set := range sets {
		for _, p := range set {
			if p.ran != nil && p.ran.world.Left() != "" && !recorded.Interrupted {
				p.ran.world.Break("the replay left the recording: " + p.ran.world.Left())
			}
		}
	}
	r := s.results(ctx, sets)
	return asRecorded(r, recorded), nil
}

// replayOptions are the options that the results tell.
func replayOptions(recorded reports.Results, o Options) (Options, error) {
	declared, err := json.Marshal(recorded.Profile)
	if err != nil {
		return o, &ConfigError{fmt.Sprintf("the profile in the results: %v", err)}
	}
	p, err := profile.Parse("the profile in the results", declared, func(string) string { return "" })
	if err != nil {
		return o, &ConfigError{err.Error()}
	}
	o.Profile, o.Seed, o.Lang, o.Resilience = p, recorded.Seed, recorded.Lang, false
	o.Challenge, o.Only = recorded.Challenge, nil
	o.journal, o.resume, o.attempts = nil, nil, nil
	if recorded.Selection != "" {
		o.Only = strings.Split(recorded.Selection, ",")
	}
	o.Ask = nil
	if recorded.Attended {
		o.Ask = func(context.Context, string) (bool, bool, error) {
			return false, false, errors.New("a replay asks nobody")
		}
	}
	o.Now = func() time.Time { return recorded.StartedAt }
	// All scenarios side by side: in a replay nothing waits.
	o.Concurrency = paces
	return o, o.fill()
}

// paces is how many scenarios of a replay go side by side at least; more than one, whatever the profile says.
const paces = 16

// asRecorded takes over what a replay can't know: the clock's part, and what is apart from the requirements.
func asRecorded(r, recorded reports.Results) reports.Results {
	r.Interrupted, r.DurationMs, r.Resilience, r.Notes = recorded.Interrupted, recorded.DurationMs, recorded.Resilience, recorded.Notes
	r.Suite.Version, r.Resumed = recorded.Suite.Version, recorded.Resumed
	took := map[string]int64{}
	for _, s := range recorded.Scenarios {
		took[s.ID] = s.DurationMs
	}
	for i, s := range r.Scenarios {
		r.Scenarios[i].DurationMs = took[s.ID]
	}
	return r
}
