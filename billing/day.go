package billing

import (
	"fmt"
	"math"
	"strconv"
)

// Day is a civil day, counted from 1970-01-01, without a time zone.
type Day int32

// Forever is the end of a term or of a hold that has none. It is after every real day and has no civil date.
const Forever Day = math.MaxInt32

// FirstDay and LastDay bound the days that can be written as YYYY-MM-DD: 0001-01-01 and 9999-12-31.
const (
	FirstDay Day = -719162
	LastDay  Day = 2932896
)

// Month is a calendar month: year*12 + month-1.
type Month int32

const (
	daysPerCycle = 146097
	// The internal calendar starts its years in March, so that the leap day is the last of a year.
	daysToEpoch = 719468
)

// NewDay is the day of a civil date; month and day beyond their range are not checked (ParseDay does).
func NewDay(year, month, day int) Day {
	if month <= 2 {
		year--
		month += 12
	}
	cycle := floorDiv(year, 400)
	yearOfCycle := year - cycle*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return Day(cycle*daysPerCycle + yearOfCycle*365 + yearOfCycle/4 - yearOfCycle/100 + dayOfYear - daysToEpoch)
}

// Civil is the year, month (1 to 12) and day of the month of d.
func (d Day) Civil() (year, month, day int) {
	n := int(d) + daysToEpoch
	cycle := floorDiv(n, daysPerCycle)
	dayOfCycle := n - cycle*daysPerCycle
	yearOfCycle := (dayOfCycle - dayOfCycle/1460 + dayOfCycle/36524 - dayOfCycle/146096) / 365
	dayOfYear := dayOfCycle - (365*yearOfCycle + yearOfCycle/4 - yearOfCycle/100)
	marchMonth := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*marchMonth+2)/5 + 1
	month = marchMonth + 3
	year = yearOfCycle + cycle*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// Month is the calendar month that holds d.
func (d Day) Month() Month {
	y, m, _ := d.Civil()
	return NewMonth(y, m)
}

// Weekday is 0 for Monday to 6 for Sunday, as ISO 8601 orders them.
func (d Day) Weekday() int {
	const thursday = 3
	n := (int(d) + thursday) % 7
	if n < 0 {
		n += 7
	}
	return n
}

// ISOWeek is the ISO 8601 week of d and the year that the week belongs to, which may differ from the year of d.
func (d Day) ISOWeek() (year, week int) {
	thursday := d - Day(d.Weekday()) + 3
	year, _, _ = thursday.Civil()
	return year, int(thursday-NewDay(year, 1, 1))/7 + 1
}

// String is YYYY-MM-DD, or "" for Forever.
func (d Day) String() string {
	if d == Forever {
		return ""
	}
	y, m, dd := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, dd)
}

// ParseDay reads YYYY-MM-DD, a date that exists, and nothing else. The error quotes what was given.
func ParseDay(s string) (Day, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("date %q is not of the form YYYY-MM-DD", s)
	}
	y, okYear := digits(s[:4])
	m, okMonth := digits(s[5:7])
	d, okDay := digits(s[8:])
	if !okYear || !okMonth || !okDay {
		return 0, fmt.Errorf("date %q is not of the form YYYY-MM-DD", s)
	}
	if y < 1 || m < 1 || m > 12 || d < 1 || d > NewMonth(y, m).Days() {
		return 0, fmt.Errorf("date %q does not exist", s)
	}
	return NewDay(y, m, d), nil
}

// NewMonth is the month of a year, month being 1 to 12.
func NewMonth(year, month int) Month { return Month(year*12 + month - 1) }

// Civil is the year and the month (1 to 12) of m.
func (m Month) Civil() (year, month int) {
	year = floorDiv(int(m), 12)
	return year, int(m) - year*12 + 1
}

// First is the first day of m; the last one is (m+1).First()-1.
func (m Month) First() Day {
	y, mm := m.Civil()
	return NewDay(y, mm, 1)
}

// Days is the number of days of m: 28 to 31.
func (m Month) Days() int { return int((m + 1).First() - m.First()) }

// Interval is the whole of m, as a half-open interval.
func (m Month) Interval() Interval { return Interval{m.First(), (m + 1).First()} }

// String is YYYY-MM.
func (m Month) String() string {
	y, mm := m.Civil()
	return fmt.Sprintf("%04d-%02d", y, mm)
}

// ParseMonth reads YYYY-MM and nothing else. The error quotes what was given.
func ParseMonth(s string) (Month, error) {
	if len(s) != len("2006-01") || s[4] != '-' {
		return 0, fmt.Errorf("month %q is not of the form YYYY-MM", s)
	}
	y, okYear := digits(s[:4])
	m, okMonth := digits(s[5:])
	if !okYear || !okMonth {
		return 0, fmt.Errorf("month %q is not of the form YYYY-MM", s)
	}
	if y < 1 || m < 1 || m > 12 {
		return 0, fmt.Errorf("month %q does not exist", s)
	}
	return NewMonth(y, m), nil
}

func digits(s string) (int, bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
