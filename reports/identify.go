package reports

import (
	"fmt"
	"io"
)

// Identify writes in a few lines whose run r is, of when, what it came to, and what was decided on it: for those who are
// told something else about it next and have to know of what. Nothing in r can steer the terminal.
func Identify(w io.Writer, r Results, lang string) error {
	t := &textWriter{r: r, l: labelsFor(lang)}
	t.field(0, "partner", t.who())
	t.field(0, "mode", t.l.T(t.show(r.Mode)))
	t.field(0, "started", t.l.instant(r.StartedAt))
	t.field(0, "challenge", t.show(r.Challenge))
	if r.Selection != "" {
		t.line(0, "%s", t.l.f("partial", t.show(r.Selection)))
	}
	t.field(0, "verdict", t.show(sentence(r, t.l)))
	if v, there := reviewOf(r, t.l); there {
		t.field(0, "reviewed", t.show(v.State))
	}
	t.line(0, "")
	if _, err := w.Write(t.buf.Bytes()); err != nil {
		return fmt.Errorf("write whose run it is: %w", err)
	}
	return nil
}
