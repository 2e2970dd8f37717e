package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
)

// Keep has the run journalled at path, so that Resume can go on with it. It decides the seed, if none is given. What
// another run left at path is replaced once the first scenario begins. Remove the journal once the results are written.
func Keep(o *Options, path string) (*reports.Journal, error) {
	return KeepIn(o, reports.JournalFile(path))
}

// KeepIn is Keep with a journal that is kept elsewhere than in a file. See ResumeIn.
func KeepIn(o *Options, store reports.JournalStore) (*reports.Journal, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = arbitrary()
	}
	o.journal = reports.NewJournal(store, o.header())
	return o.journal, nil
}

// Resume goes on with the run that is journalled at path: the scenarios that it had judged are judged again over what was
// recorded, and the others run. It returns *ConfigError where there is no such run, or it was another one.
func Resume(o *Options, path string) (*reports.Journal, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	journal, record, err := reports.ContinueJournal(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &ConfigError{fmt.Sprintf("there is no unfinished run to resume: %s does not exist", path)}
	case err != nil:
		return nil, &ConfigError{fmt.Sprintf("the journal %s can't be resumed: %v", path, err)}
	}
	other, err := o.goOn(journal, record)
	if len(other) > 0 {
		err = &ConfigError{fmt.Sprintf("the journal %s is of another run: %s; resume it as it was begun, or leave out --resume", path, strings.Join(other, "; "))}
	}
	if err != nil {
		return nil, errors.Join(err, journal.Close())
	}
	return journal, nil
}

// ResumeIn is Resume with the journal that a store holds, read from the beginning on; the store is left open where it
// fails.
func ResumeIn(o *Options, store reports.JournalStore, from io.Reader) (*reports.Journal, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	journal, record, err := reports.ContinueJournalIn(store, from)
	if err != nil {
		return nil, &ConfigError{fmt.Sprintf("the journal of the run can't be read: %v", err)}
	}
	other, err := o.goOn(journal, record)
	if len(other) > 0 {
		err = &ConfigError{fmt.Sprintf("the run was begun otherwise: %s", strings.Join(other, "; "))}
	}
	if err != nil {
		return nil, err
	}
	return journal, nil
}

// goOn makes the run the one that was recorded; other says in words where it is not.
func (o *Options) goOn(journal *reports.Journal, record *reports.JournalRecord) (other []string, err error) {
	if o.Seed == 0 {
		o.Seed = record.Header.Seed
	}
	if o.Challenge == "" {
		o.Challenge = record.Header.Challenge
	}
	if other = differences(record.Header, o.header()); len(other) > 0 {
		return other, nil
	}
	sets, err := o.plan()
	if err != nil {
		return nil, err
	}
	forget(record, sets)
	o.journal, o.resume, o.attempts = journal, record, record.Attempts()
	return nil, nil
}

// forget takes out what has to run again: what a replay can't judge, since its bodies were not recorded whole, and what
// looks back at the whole run.
func forget(record *reports.JournalRecord, sets [][]*planned) {
	cut := harness.Unread(reports.Results{Exchanges: record.Exchanges})
	known := map[string]bool{}
	for _, set := range sets {
		for _, p := range set {
			known[p.ID] = !p.closing && !p.apart
		}
	}
	maps.DeleteFunc(record.Ended, func(id string, s reports.JournalEnded) bool {
		return !known[id] || slices.ContainsFunc(s.Exchanges, func(e int) bool { _, found := slices.BinarySearch(cut, e); return found })
	})
}

func (o *Options) header() reports.JournalHeader {
	return reports.JournalHeader{
		Version: reports.JournalVersion,
		Suite:   reports.Suite{Name: "clementine", Version: o.Version, Contract: o.Pack.Name, Digest: Digest(o.Pack, o.Extra)},
		Partner: reports.Partner{Name: o.Profile.Partner.Name, Contract: o.Profile.Partner.Contract, BaseURL: o.Profile.BaseURL},
		Profile: o.Profile.Redacted(), Selection: strings.Join(o.Only, ","), Seed: o.Seed, Challenge: o.Challenge, Attended: o.Ask != nil, Resilience: o.Resilience, OwnOrange: o.OwnOrange,
	}
}

// differences says in words what keeps a run from going on.
func differences(was, is reports.JournalHeader) []string {
	var out []string
	differ := func(what string, was, is any) {
		if !reflect.DeepEqual(was, is) {
			out = append(out, fmt.Sprintf("%s was %v, is %v", what, was, is))
		}
	}
	differ("the partner", was.Partner.BaseURL, is.Partner.BaseURL)
	differ("the seed", was.Seed, is.Seed)
	differ("the challenge", quoted(was.Challenge), quoted(is.Challenge))
	differ("the selection (--only)", quoted(was.Selection), quoted(is.Selection))
	differ("the contract", was.Suite.Contract, is.Suite.Contract)
	differ("the version of Clementine", was.Suite.Version, is.Suite.Version)
	if was.Suite.Version == is.Suite.Version && was.Suite.Contract == is.Suite.Contract && was.Suite.Digest != is.Suite.Digest {
		out = append(out, "the features or the contract pack have changed")
	}
	differ("resilience", was.Resilience, is.Resilience)
	differ("a person at the terminal", was.Attended, is.Attended)
	differ("a mock Orange of its own", was.OwnOrange, is.OwnOrange)
	for _, name := range slices.Sorted(maps.Keys(merged(was.Profile, is.Profile))) {
		if name != "baseURL" && !reflect.DeepEqual(was.Profile[name], is.Profile[name]) {
			out = append(out, fmt.Sprintf("the profile's %s has changed", name))
		}
	}
	return out
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, b)
	return out
}

// recall judges the scenarios that the run had judged before it was cut off. All of them come before the first live one:
// whose an id is has to be known by then.
func (s *suite) recall(ctx context.Context, sets [][]*planned) {
	if s.opts.resume == nil {
		return
	}
	s.replay = true
	defer func() { s.replay = false }()
	ctx = context.WithoutCancel(ctx) // nothing waits, and half a recording would be no recording
	for i, src := range s.opts.sources() {
		var judged []*planned
		for _, p := range sets[i] {
			if _, ended := s.opts.resume.Ended[p.ID]; ended && p.Skipped == "" {
				judged = append(judged, p)
			}
		}
		s.source(ctx, src, judged)
		for _, p := range judged {
			if p.ran != nil && p.ran.world.Left() != "" {
				p.ran.world.Break("the replay left the journal: " + p.ran.world.Left())
			}
		}
	}
}

// begins takes down that a scenario begins, before it calls anybody. What looks back at the whole run calls nobody.
func (s *suite) begins(p *planned) {
	if !p.closing && !p.ran.world.Recalled() {
		s.opts.journal.Begun(p.ID)
	}
}

// keep takes down a scenario that was judged. One that the end of the run cut short, or that Clementine could not judge,
// was not.
func (s *suite) keep(ctx context.Context, p *planned) {
	w := p.ran.world
	switch {
	case w.Recalled() && s.opts.resume != nil:
		p.ran.took = time.Duration(s.opts.resume.Ended[p.ID].DurationMs) * time.Millisecond
	case w.Recalled(), p.closing, p.apart, ctx.Err() != nil, w.Broken():
	default:
		s.opts.journal.Ended(reports.JournalEnded{ID: p.ID, DurationMs: p.ran.took.Milliseconds(), Exchanges: w.Seen(), Course: w.Course()})
	}
}

// took is how long the run was under way, in all its parts.
func (s *suite) took() time.Duration {
	if s.opts.resume == nil {
		return s.opts.Now().Sub(s.run.StartedAt())
	}
	parts := s.run.Resumed()
	return s.opts.resume.Spent() + s.opts.Now().Sub(parts[len(parts)-1].At)
}
