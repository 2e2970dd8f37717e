package harness

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// position finds where in the mock Orange's journal the run begins, or goes on, and takes up the run that it resumes.
func (r *Run) position(ctx context.Context, o Options) (after int64, err error) {
	part := reports.JournalPart{At: r.started}
	switch {
	case o.Resume != nil:
		if part, err = r.takeUp(ctx, o, part.At); err != nil {
			return 0, err
		}
	default:
		old, err := o.Orange.Journal(ctx, 0)
		if err != nil {
			return 0, err
		}
		if len(old) > 0 {
			part.Seq = old[len(old)-1].Seq
		}
	}
	o.Journal.Part(part)
	return part.Seq, nil
}

// takeUp goes on with a run that was cut off: what it recorded is recorded, and the scenarios that it had judged are
// judged again over that, as in a replay.
func (r *Run) takeUp(ctx context.Context, o Options, now time.Time) (reports.JournalPart, error) {
	j := o.Resume
	rec := &recording{exchanges: j.Exchanges, courses: map[string][]reports.Turn{}, partly: true}
	for id, s := range j.Ended {
		rec.courses[id] = append([]reports.Turn{}, s.Course...)
	}
	r.recording, r.started = rec, j.StartedAt()
	r.script.exchanges = slices.Clone(j.Exchanges)
	for _, e := range j.Exchanges {
		r.script.recorded += sizeOf(e.Request.Headers) + sizeOf(e.Response.Headers) + sizeOfBody(e.Request.Body) + sizeOfBody(e.Response.Body)
		if e.Direction == reports.PartnerToOrange {
			r.inbox.taken++
			r.bounds.keepEvent(sizeOfBody(e.Request.Body))
		}
	}
	r.recall(rec)
	seq, same, err := lastTaken(ctx, o.Orange, j)
	if err != nil {
		return reports.JournalPart{}, err
	}
	again := 0
	for id, n := range j.Begun {
		if _, ended := j.Ended[id]; !ended && n > 0 {
			again++
		}
	}
	same = same && !o.OwnOrange
	if !same {
		seq = 0
	} else {
		r.faults = slices.Clone(j.Faults)
	}
	here := reports.Resumption{At: now, Exchange: len(j.Exchanges), Judged: len(j.Ended), Again: again, OrangeAnew: !same, OrangeRestarted: same && o.OrangeRestarted}
	r.resumed = append(j.Resumptions(), here)
	return reports.JournalPart{At: now, Seq: seq, Resumption: &here}, nil
}

func sizeOfBody(b *reports.Body) int {
	if b == nil {
		return 0
	}
	return len(b.Text) + len(b.Base64)
}

// lastTaken is the place in the mock Orange's journal up to which the run had read it. same is false where that is not
// in the journal, so that this is another mock Orange, or one that has begun anew.
func lastTaken(ctx context.Context, orange control.Orange, j *reports.JournalRecord) (seq int64, same bool, err error) {
	last := j.Last
	if seq = last.Seq; seq == 0 {
		// The partner had not called yet: the run's beginning is what it had read.
		seq = j.Parts[len(j.Parts)-1].Seq
	}
	if seq == 0 {
		return 0, true, nil
	}
	entries, err := orange.Journal(ctx, seq-1)
	if forgotten(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	same = len(entries) > 0 && entries[0].Seq == seq && (last.Seq == 0 || entries[0].At.Equal(last.At))
	return seq, same, nil
}

// forgotten reports that the mock Orange has dropped what the run had read last, and all before it.
func forgotten(err error) bool {
	var gap *control.GapError
	var refused *control.Error
	return errors.As(err, &gap) || errors.As(err, &refused) && refused.Status == http.StatusGone
}

// partOf counts the mock Orange's lives before an exchange.
func (r *Run) partOf(exchange int) int {
	n := 0
	for _, p := range r.resumed {
		if (p.OrangeAnew || p.OrangeRestarted) && p.Exchange <= exchange {
			n++
		}
	}
	return n
}

// Resumed lists the times that the run was resumed.
func (r *Run) Resumed() []reports.Resumption { return r.resumed }

// Recalled reports that the scenario is judged over what was recorded, and calls nobody.
func (w *World) Recalled() bool { return w.recording != nil }

// Course is what the scenario learnt so far besides the bytes of its exchanges.
func (w *World) Course() []reports.Turn { return w.course.all() }

// Broken reports that Clementine could not judge the scenario.
func (w *World) Broken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broken != ""
}
