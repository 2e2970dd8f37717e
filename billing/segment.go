package billing

import "iter"

// Segment is a run of days of a subscription at one price: the term without the holds, cut where the price changes.
type Segment struct {
	Interval
	Amount   Minor
	Revision int // index in Revisions
}

// Segments are the segments in order; none is Empty, and together they cover the term without the holds.
func (s *Subscription) Segments() iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for i := range s.Revisions {
			r := &s.Revisions[i]
			to := s.Term.To
			if i+1 < len(s.Revisions) {
				to = s.Revisions[i+1].From
			}
			from := r.From
			for _, h := range s.Holds {
				if h.To <= from {
					continue
				}
				if h.From >= to {
					break
				}
				if h.From > from && !yield(Segment{Interval{from, h.From}, r.Amount, i}) {
					return
				}
				from = h.To
			}
			if from < to && !yield(Segment{Interval{from, to}, r.Amount, i}) {
				return
			}
		}
	}
}
