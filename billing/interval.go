package billing

// Interval is a run of days, half-open: From is in it, To is not. To == Forever means that it has no end. On the wire
// and on screen an end is the last day included: Until makes the one from the other.
type Interval struct {
	From, To Day
}

// Until is the interval from a first to a last day, both included; last == Forever means no end.
func Until(first, last Day) Interval {
	if last == Forever {
		return Interval{first, Forever}
	}
	return Interval{first, last + 1}
}

// Last is the last day of i; ok is false if i has no end.
func (i Interval) Last() (last Day, ok bool) {
	if i.To == Forever {
		return Forever, false
	}
	return i.To - 1, true
}

// Empty says that i holds no day.
func (i Interval) Empty() bool { return i.From >= i.To }

// Open says that i has no end.
func (i Interval) Open() bool { return i.To == Forever }

// Has says that day d is in i.
func (i Interval) Has(d Day) bool { return i.From <= d && d < i.To }

// Intersect is what i and j share; it may be Empty.
func (i Interval) Intersect(j Interval) Interval {
	return Interval{max(i.From, j.From), min(i.To, j.To)}
}

// Overlaps says that i and j share a day.
func (i Interval) Overlaps(j Interval) bool { return !i.Intersect(j).Empty() }

// Days is the number of days of i, 0 if it is Empty. It has no meaning for an Open one.
func (i Interval) Days() int64 { return max(0, int64(i.To)-int64(i.From)) }
