package compare

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/clementine-ope/clementine/reports"
)

// kinds are the sections of the text, the worst first.
func kinds() []string { return []string{Broken, NoMore, Newly, Altered, Other, Fixed} }

// mostFindings is how many findings of a scenario the text shows.
const mostFindings = 3

// Text writes the comparison for a terminal. Nothing in the runs can steer it. say puts the lines of ours into the
// reader's language; clauses and findings are written as they are.
func Text(w io.Writer, r Report, say func(english string) string) error {
	b := &textWriter{say: say}
	side := func(name string, s Run) {
		b.printf("%s  %s, %s, %s, seed %d: %s (%d passed, %d failed)\n", name, reports.Plain(s.Partner.Name), s.Mode,
			s.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC"), s.Seed, s.Verdict, s.Counts.Passed, s.Counts.Failed)
		if s.Interrupted {
			b.printf("   This run was stopped: what it did not reach is no change of the partner's.\n")
		}
	}
	side("A", r.A)
	side("B", r.B)
	if !r.SamePartner {
		b.printf("\nThese are two partners: what differs is no progress of one.\n")
	}
	if r.B.StartedAt.Before(r.A.StartedAt) {
		b.printf("\nA began after B: to see what changed since, name the earlier run first.\n")
	}
	b.printf("\nSuite    %s\n", r.suiteLine())
	b.printf("Profile  %s\n", r.profileLine())
	for _, f := range r.Profile {
		b.printf("  %s: %s -> %s\n", reports.Plain(f.Path), reports.Plain(cmp.Or(f.A, "(nothing)")), reports.Plain(cmp.Or(f.B, "(nothing)")))
	}
	b.section("Requirements", r.Requirements)
	b.section("Scenarios", r.Scenarios)
	b.printf("\n%s\n", r.sentence())
	_, err := io.WriteString(w, b.text.String())
	return err
}

// textWriter writes lines in the reader's language.
type textWriter struct {
	text strings.Builder
	say  func(english string) string
}

func (b *textWriter) printf(format string, args ...any) {
	b.text.WriteString(b.say(fmt.Sprintf(format, args...)))
}

func same(yes bool, otherwise string) string {
	if yes {
		return "the same"
	}
	return otherwise
}

func (r Report) profileLine() string {
	switch {
	case len(r.Profile) == 0:
		return "the same"
	case !Redeclared(r.Profile):
		return "the same, but for how to reach the partner:"
	}
	return "declared otherwise:"
}

func (r Report) suiteLine() string {
	line := same(r.SameSuite, fmt.Sprintf("%s %s -> %s %s", r.A.Suite.Contract, short(r.A.Suite.Digest), r.B.Suite.Contract, short(r.B.Suite.Digest)))
	switch {
	case r.Rejudged:
		line += "; A's recording was judged again to tell the causes apart"
	case r.NotRejudged != "":
		line += "; A's recording was not judged again: " + r.NotRejudged
	}
	return reports.Plain(line)
}

// short is enough of a digest to tell two apart.
func short(digest string) string {
	const most = len("sha256:") + 12
	return digest[:min(len(digest), most)]
}

func (b *textWriter) section(title string, changes []Change) {
	for _, kind := range kinds() {
		shown := false
		for _, c := range changes {
			if c.Kind != kind {
				continue
			}
			if !shown {
				b.printf("\n%s, %s\n", title, kind)
				shown = true
			}
			b.change(c)
		}
	}
}

func (b *textWriter) change(c Change) {
	b.printf("  %s: %s -> %s, because of %s\n", reports.Plain(c.ID), cmp.Or(string(c.A), "(unknown)"), cmp.Or(string(c.B), "(unknown)"), c.Cause())
	fmt.Fprintf(&b.text, "    %s\n", reports.Plain(c.Text))
	if c.Reason != "" {
		b.printf("    now: %s\n", reports.Plain(c.Reason))
	}
	for i, f := range c.New {
		if i == mostFindings {
			b.printf("    and %d new findings more\n", len(c.New)-i)
			break
		}
		b.printf("    new: %s expected %s, seen %s\n", reports.Plain(f.Requirement), reports.Plain(f.Expected), reports.Plain(f.Seen))
	}
	for i, f := range c.Gone {
		if i == mostFindings {
			b.printf("    and %d findings more that are gone\n", len(c.Gone)-i)
			break
		}
		b.printf("    gone: %s expected %s, seen %s\n", reports.Plain(f.Requirement), reports.Plain(f.Expected), reports.Plain(f.Seen))
	}
}

// Cause is what a change comes from, in words.
func (c Change) Cause() string {
	var words []string
	for _, cause := range c.Because {
		words = append(words, "the "+cause)
	}
	if c.Certain {
		return strings.Join(words, " and ")
	}
	return strings.Join(words, " or ") + " (the recording can't tell)"
}

func (r Report) sentence() string {
	if len(r.Requirements)+len(r.Scenarios) == 0 {
		return "Nothing changed."
	}
	count := map[string]int{}
	for _, c := range r.Requirements {
		count[c.Kind]++
	}
	var parts []string
	for _, kind := range kinds() {
		if n := count[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("No requirement came to another verdict; %d scenarios did, or show other findings.", len(r.Scenarios))
	}
	return "Requirements: " + strings.Join(parts, ", ") + "."
}
