package reports

import (
	"fmt"
	"io"
)

// reviewView is a review as pages and the terminal show it.
type reviewView struct {
	State string // one sentence
	Proof string // who vouches for it
	Rows  []reviewRow
}

type reviewRow struct {
	What, Reason, Who string
	Out               bool // a waiver that has run out
}

// reviewOf is what there is to show of a review; the zero value where there is none.
func reviewOf(r Results, l labels) (reviewView, bool) {
	if r.Review == nil || len(r.Review.Decisions) == 0 {
		return reviewView{}, false
	}
	s := r.Standing()
	v := reviewView{State: l.f("review "+s.State, l.day(r.Review.Day))}
	if len(s.Waived) > 0 {
		v.State += l.T("semicolon") + l.f("reviewWaived", listed(s.Waived, textIDs, l))
	}
	if len(s.RunOut) > 0 {
		v.State += l.T("semicolon") + l.f("reviewRunOut", listed(s.RunOut, textIDs, l))
	}
	if len(s.Unwaived) > 0 {
		v.State += l.T("semicolon") + l.f("reviewUnwaived", listed(s.Unwaived, textIDs, l))
	}
	if n := len(s.Waiting); n > 0 {
		v.State += l.T("semicolon") + l.n("reviewWaiting", n) + l.T("colon") + listed(s.Waiting, textIDs, l)
	}
	if v.Proof = l.T("reviewUnsigned"); len(r.Review.Signers) > 0 {
		v.Proof = l.f("reviewSigned", listed(r.Review.Signers, textIDs, l))
	}
	for _, d := range r.Review.Decisions {
		row := reviewRow{What: l.T("decision " + d.Kind), Reason: d.Reason, Who: l.f("reviewBy", d.By, l.day(Day(d.At)))}
		if d.Kind == Waive {
			row.What, row.Out = l.f("decision waive", d.Requirement, l.day(d.Until)), d.Until < r.Review.Day
			if row.Out {
				row.What += ", " + l.T("waiverOut")
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v, true
}

// reviewState is the state of the review in one sentence; empty where there is no review.
func reviewState(r Results) string {
	v, _ := reviewOf(r, labelsFor(r.Lang))
	return v.State
}

// waiverLine says on a failed requirement that it is waived, or was; empty where it never was.
func waiverLine(r Results, requirement string, l labels) string {
	d, waived := r.Waiver(requirement)
	if !waived {
		return ""
	}
	line := l.f("decision waive", d.Requirement, l.day(d.Until))
	if d.Until < r.Review.Day {
		line += ", " + l.T("waiverOut")
	}
	return line + l.T("colon") + d.Reason + " (" + l.f("reviewBy", d.By, l.day(Day(d.At))) + ")"
}

// review is the review with every text fit for a page; nil where there is none.
func (b *builder) review() *reviewView {
	v, there := reviewOf(b.r, b.l)
	if !there {
		return nil
	}
	v.State, v.Proof = b.show(v.State), b.show(v.Proof)
	for i, row := range v.Rows {
		v.Rows[i] = reviewRow{What: b.show(row.What), Reason: b.show(row.Reason), Who: b.show(row.Who), Out: row.Out}
	}
	return &v
}

// review writes what reviewers decided, after what failed.
func (t *textWriter) review() {
	v, there := reviewOf(t.r, t.l)
	if !there {
		return
	}
	t.title("reviewTitle")
	t.line(1, "%s", t.show(v.State))
	for _, row := range v.Rows {
		t.line(1, "- %s%s%s (%s)", t.show(row.What), t.l.T("colon"), t.show(row.Reason), t.show(row.Who))
	}
	t.line(1, "%s", t.show(v.Proof))
	t.line(0, "")
}

// waivedWhole reports whether all that keeps a scenario from passing is waived on the day of the review.
func waivedWhole(r Results, s Scenario) bool {
	if s.Verdict != Failed || r.Review == nil {
		return false
	}
	breaches := r.Breaches(s)
	for _, f := range breaches {
		if w, waived := r.Waiver(f.Requirement); !waived || w.Until < r.Review.Day {
			return false
		}
	}
	return len(breaches) > 0
}

// ReviewText writes what the review of r comes to, and every decision, in that language.
func ReviewText(w io.Writer, r Results, lang string) error {
	t := &textWriter{r: r, l: labelsFor(lang)}
	if r.Review == nil {
		t.line(0, "%s", t.l.T("reviewNone"))
	}
	t.review()
	if _, err := w.Write(t.buf.Bytes()); err != nil {
		return fmt.Errorf("write review: %w", err)
	}
	return nil
}
