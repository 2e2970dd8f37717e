package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// submission is a run as somebody handed it in: a bundle, or results.json alone.
type submission struct {
	name    string
	results reports.Results // with the review, where it came in a bundle
	bundle  *bundle.Bundle  // nil for results.json
	altered []string        // what is not as it was written in the bundle
}

// readSubmission reads a bundle or results.json from a file, or from standard input where its name is -. on is the day on
// which waivers are looked at. A bundle is not checked: see warn.
func (t *terminal) readSubmission(name string, on time.Time) (submission, error) {
	in, err := t.openInput(name)
	if err != nil {
		return submission{}, err
	}
	defer in.Close()
	s := submission{name: name}
	rd := bufio.NewReader(in)
	if head, _ := rd.Peek(4); !bundle.IsBundle(head) {
		if s.results, err = reports.Read(rd); err != nil {
			return s, usagef("reading %s: %w", name, err)
		}
		return s, nil
	}
	if s.bundle, err = bundle.Read(rd); err != nil {
		return s, usagef("reading %s: %w", name, err)
	}
	s.altered = s.bundle.Verify(bundle.Expect{}).Problems
	if s.results, err = s.bundle.Reviewed(on); err != nil {
		// What was altered has a better name than what can't be read.
		if len(s.altered) > 0 {
			return s, &exit{code: ExitFailed, err: fmt.Errorf("%s is not as it was written: %s (and %w)", name, s.altered[0], err)}
		}
		return s, usagef("reading %s: %w", name, err)
	}
	s.results.Altered = len(s.altered) > 0
	return s, nil
}

func (t *terminal) openInput(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(t.in), nil
	}
	f, err := os.Open(name) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, usagef("opening %s: %w", name, reason(err))
	}
	return f, nil
}

// readBundle reads a bundle that is as it was written; whatever is made of another would look as if it were.
func (t *terminal) readBundle(name string, on time.Time) (submission, error) {
	s, err := t.readSubmission(name, on)
	if err != nil {
		return s, err
	}
	if s.bundle == nil {
		return s, usagef("%s is results.json, not a bundle: this takes report.clem", name)
	}
	if len(s.altered) > 0 {
		return s, &exit{code: ExitFailed, err: fmt.Errorf("%s is not as it was written: %s; see clementine report verify", name, s.altered[0])}
	}
	return s, nil
}

// warn says on standard error what makes a bundle not worth reading.
func (s submission) warn(t *terminal) {
	if len(s.altered) > 0 {
		t.complainf("%s is not as it was written: %s; see clementine report verify", s.name, reports.Plain(s.altered[0]))
	}
}

// onDay reads a day given as YYYY-MM-DD; today where it is empty.
func onDay(flag, day string) (time.Time, error) {
	if day == "" {
		return time.Now(), nil
	}
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return on, usagef("%s is a day such as 2026-12-31, not %q", flag, day)
	}
	return on, nil
}

// saveBundle writes a bundle over the file that it came from, or elsewhere.
func (t *terminal) saveBundle(s submission, output string) error {
	if output == "" {
		output = s.name
	}
	if output == "-" {
		return s.bundle.Write(t.out)
	}
	if err := writeFile(output, s.bundle.Write); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.warnf("%s written\n", output)
	return nil
}
