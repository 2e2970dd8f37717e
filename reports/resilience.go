package reports

// textResilience is how many lines the terminal gives to resilience, its title included.
const textResilience = 3

type resilienceView struct {
	verdictView
	Name, Seen string
}

// heldOf counts the bad moments in which the partner held, and lists the others.
func heldOf(r Results) (held int, not []Resilience) {
	for _, m := range r.Resilience {
		if m.Held {
			held++
			continue
		}
		not = append(not, m)
	}
	return held, not
}

// resilienceLine is the whole section in one line. It says that it is apart, so that nobody takes it for a verdict.
func resilienceLine(r Results, l labels) string {
	held, _ := heldOf(r)
	return l.f("resilienceHeld", held, len(r.Resilience))
}

// resilience writes the bad moments in which the partner did not hold; all of them where Verbose.
func (t *textWriter) resilience() {
	if len(t.r.Resilience) == 0 {
		return
	}
	t.line(0, "%s", t.paint(bold, resilienceLine(t.r, t.l)))
	shown, more := t.r.Resilience, 0
	if !t.o.Verbose {
		_, shown = heldOf(t.r)
		if room := textResilience - 1; len(shown) > room {
			more = len(shown) - (room - 1)
			shown = shown[:room-1]
		}
	}
	for _, m := range shown {
		t.line(1, "%s %s%s%s", heldMark(m.Held), t.show(m.Name), t.l.T("colon"), t.show(m.Seen))
	}
	if more > 0 {
		t.line(1, "%s", t.l.n("andResilience", more))
	}
	t.line(0, "")
}

// heldMark is neither the mark nor the colour of a verdict.
func heldMark(held bool) string {
	if held {
		return "+"
	}
	return "-"
}

// resilience is the section of the page: its line, and every bad moment.
func (b *builder) resilience() (line string, moments []resilienceView) {
	for _, m := range b.r.Resilience {
		word := b.l.T("heldNo")
		if m.Held {
			word = b.l.T("heldYes")
		}
		moments = append(moments, resilienceView{
			verdictView: verdictView{Class: "quiet", Mark: heldMark(m.Held), Word: word}, Name: b.show(m.Name), Seen: b.show(m.Seen),
		})
	}
	return resilienceLine(b.r, b.l), moments
}
