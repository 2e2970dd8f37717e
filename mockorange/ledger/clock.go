package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// part is a part of a month that documents are made for.
type part string

const (
	// partHalf is the first fifteen days: the partial documents, made on the sixteenth.
	partHalf part = "half"
	// partFull is the month: all other documents, made on the first day of the next one.
	partFull part = "full"
)

// halfDays is how many days of a month the partial documents are about.
const halfDays = 15

// window are the days of a part.
func (p part) window(m billing.Month) billing.Interval {
	w := m.Interval()
	if p == partHalf {
		w.To = w.From + halfDays
	}
	return w
}

// MoveClock moves the calendar, and waits, within bounds, until the periods that have ended on the way are closed.
// *InvalidError if the calendar does not move that way.
func (l *Ledger) MoveClock(ctx context.Context, m control.ClockMove) (control.Clock, error) {
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		row, err := readClock(ctx, tx, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		stands, err := l.target(m, l.calendar.dayOf(row.stands))
		if err == nil && stands == follows {
			row, err = l.goBack(ctx, tx, row)
		}
		if err != nil {
			return err
		}
		if err := l.closePeriods(ctx, tx, row, l.calendar.dayOf(stands)); err != nil {
			return err
		}
		var day any = stands
		if stands == follows {
			day = nil
		}
		_, err = tx.Exec(ctx, "UPDATE ledger_clock SET day = ? WHERE id = 1", day)
		return err
	})
	if err != nil {
		return control.Clock{}, err
	}
	if err := l.calendar.refresh(ctx); err != nil {
		return control.Clock{}, err
	}
	l.tasks.Wake()
	ctx, cancel := context.WithTimeout(ctx, l.opts.Patience)
	defer cancel()
	if _, err := l.Settle(ctx); err != nil {
		return control.Clock{}, err
	}
	return l.Clock(context.WithoutCancel(ctx))
}

// Clock is the calendar as the control port shows it.
func (l *Ledger) Clock(ctx context.Context) (control.Clock, error) {
	pending, parked, err := l.tasks.Count(ctx)
	return control.Clock{
		Date: l.calendar.Today().String(), Moved: l.calendar.stands.Load() != follows, Pending: pending, Parked: parked,
	}, err
}

// target is where the calendar stands after a move.
func (l *Ledger) target(m control.ClockMove, today billing.Day) (int64, error) {
	given := 0
	for _, is := range []bool{m.Date != "", m.Months != 0, m.Reset} {
		if is {
			given++
		}
	}
	if given != 1 {
		return 0, invalid("date", "one of date, months and reset must be given")
	}
	if m.Reset {
		return follows, nil
	}
	if m.Date == "" {
		if m.Months < 1 || m.Months > mostMonths {
			return 0, invalid("months", "must be 1 to %d", mostMonths)
		}
		return int64((today.Month() + billing.Month(m.Months)).First()), nil
	}
	day, err := billing.ParseDay(m.Date)
	switch {
	case err != nil:
		return 0, invalid("date", "%v", err)
	case day < today:
		return 0, invalid("date", "the calendar stands at %s and moves forward only", today)
	case day > billing.LastDay-366:
		return 0, invalid("date", "is beyond what can be billed")
	}
	return int64(day), nil
}

// goBack takes the calendar back to the system's date, unless something has happened after it.
func (l *Ledger) goBack(ctx context.Context, tx *database.Tx, row clockRow) (clockRow, error) {
	today := l.calendar.dayOf(follows)
	var last billing.Day
	err := tx.QueryRow(ctx, `SELECT coalesce(max(day), ?) FROM (
		SELECT day FROM ledger_order UNION ALL SELECT day FROM ledger_price) happened`, billing.FirstDay).Scan(&last)
	if err != nil {
		return row, fmt.Errorf("looking for the last order: %w", err)
	}
	if last > today {
		return row, invalid("reset", "orders and prices of %s would lie in the future, since today is %s", last, today)
	}
	for _, p := range periodsIn(today, row.reached) {
		var billed int
		err := tx.QueryRow(ctx, "SELECT count(*) FROM ledger_customer WHERE since < ?", p.on).Scan(&billed)
		if err != nil {
			return row, fmt.Errorf("counting customers: %w", err)
		}
		if billed > 0 {
			return row, invalid("reset", "documents of %s are made already, and today is %s", p.month, today)
		}
	}
	row.reached = min(row.reached, today)
	return row, nil
}

// closePeriods adds the tasks of the periods that end on the way to a day: for each customer that was there before.
func (l *Ledger) closePeriods(ctx context.Context, tx *database.Tx, row clockRow, to billing.Day) error {
	if err := l.addClosings(ctx, tx, row.reached, to); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE ledger_clock SET reached = ? WHERE id = 1", max(row.reached, to))
	return err
}

// period is a part of a month, over from the day on.
type period struct {
	month billing.Month
	part  part
	on    billing.Day
}

// periodsIn are those that end after one day, and on another at the latest.
func periodsIn(after, until billing.Day) []period {
	var periods []period
	for m := after.Month() - 1; m <= until.Month(); m++ {
		for _, p := range []part{partHalf, partFull} {
			if on := p.window(m).To; on > after && on <= until {
				periods = append(periods, period{m, p, on})
			}
		}
	}
	return periods
}

func (l *Ledger) addClosings(ctx context.Context, tx *database.Tx, from, to billing.Day) error {
	periods := periodsIn(from, to)
	if len(periods) == 0 {
		return nil
	}
	type known struct {
		num   int64
		since billing.Day
	}
	var customers []known
	err := tx.Each(ctx, func(row database.Scanner) error {
		var k known
		err := row.Scan(&k.num, &k.since)
		customers = append(customers, k)
		return err
	}, "SELECT num, since FROM ledger_customer ORDER BY num")
	if err != nil {
		return fmt.Errorf("listing customers: %w", err)
	}
	if len(customers)*len(periods) > mostClosings {
		return invalid("date", "would close %d months for %d customers, which is too much at a time", len(periods)/2, len(customers))
	}
	for _, k := range customers {
		for _, e := range periods {
			if e.on <= k.since {
				continue
			}
			j := job{Kind: jobClose, Customer: k.num, Day: e.on, Month: e.month, Part: e.part}
			if err := l.add(ctx, tx, fmt.Sprintf("close/%d/%s/%s", k.num, e.month, e.part), j); err != nil {
				return err
			}
		}
	}
	return nil
}

// refresh reads where the calendar stands.
func (c *Calendar) refresh(ctx context.Context) error {
	return c.db.Read(ctx, func(tx *database.Tx) error {
		row, err := readClock(ctx, tx, "")
		if err == nil {
			c.stands.Store(row.stands)
		}
		return err
	})
}

// followDays closes the periods that end while the calendar follows the system's date: at the start, and at each
// midnight.
func (l *Ledger) followDays(ctx context.Context) {
	for {
		if err := l.passDays(ctx); err != nil && ctx.Err() == nil {
			l.log.Error("closing periods", "error", err)
		}
		now := l.calendar.system().UTC()
		midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
		timer := time.NewTimer(midnight.Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// passDays takes note of today.
func (l *Ledger) passDays(ctx context.Context) error {
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		row, err := readClock(ctx, tx, tx.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		return l.closePeriods(ctx, tx, row, l.calendar.dayOf(row.stands))
	})
	if err == nil {
		l.tasks.Wake()
	}
	return err
}

func midnight(d billing.Day) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC)
}
