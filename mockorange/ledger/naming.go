package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// naming finds the licences that one update names. An order tells how many licences there are, an update tells their ids;
// so a licence gets its id when an update first names it.
type naming struct {
	*billed
	by    told
	free  map[string][]unnamed // by fleet, "" being all
	taken map[place]int64      // named so far
}

// unnamed is a place with licences that are known by their number only. They are active: an update names what it
// suspends.
type unnamed struct {
	place
	count int64
}

// licence is the licence that a change is about, taken out of those without a name if it is new. An *unclearError if it
// is none of those that are known.
func (n *naming) licence(ctx context.Context, change control.LicenceChange) (licence, error) {
	l := licence{id: change.ID}
	err := n.tx.QueryRow(ctx, "SELECT fleet, offering, state FROM ledger_licence WHERE licence = ? AND customer = ?",
		change.ID, n.customer.num).Scan(&l.fleet, &l.offering, &l.state)
	if err == nil {
		return l, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return l, fmt.Errorf("reading licence %s: %w", change.ID, err)
	}
	if _, read := n.free[change.Fleet]; !read {
		if n.free[change.Fleet], err = n.read(ctx, change.Fleet); err != nil {
			return l, err
		}
	}
	at, ok := n.choose(change)
	if !ok {
		return l, &unclearError{fmt.Sprintf("licence %s cannot be told from what the ledger knows", change.ID)}
	}
	n.taken[at]++
	l.fleet, l.offering, l.state = at.fleet, at.offering, control.LicenceActive
	return l, nil
}

// choose finds where a new licence has its place: where Orange's IT says that it was, or where there is no other place
// for it.
func (n *naming) choose(change control.LicenceChange) (place, bool) {
	var fits []place
	for _, u := range n.free[change.Fleet] {
		if u.count > n.taken[u.place] && (change.Offering == "" || u.offering == change.Offering) {
			fits = append(fits, u.place)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], true
	case len(fits) > 1 && n.by == byControl && change.Offering != "":
		return fits[0], true // of several fleets, where it is not said which: they cost the same
	}
	return place{}, false
}

func (n *naming) read(ctx context.Context, fleet string) ([]unnamed, error) {
	free := []unnamed{}
	err := n.tx.Each(ctx, func(row database.Scanner) error {
		var u unnamed
		err := row.Scan(&u.fleet, &u.offering, &u.count)
		free = append(free, u)
		return err
	}, `SELECT p.fleet, p.offering, p.active + p.suspended - (
			SELECT count(*) FROM ledger_licence l
			WHERE l.customer = p.customer AND l.fleet = p.fleet AND l.offering = p.offering AND l.state <> 'deleted')
		FROM ledger_position p WHERE p.customer = ? AND (? = '' OR p.fleet = ?) AND p.day = (
			SELECT max(q.day) FROM ledger_position q
			WHERE q.customer = p.customer AND q.fleet = p.fleet AND q.offering = p.offering)
		ORDER BY p.fleet, p.offering`, n.customer.num, fleet, fleet)
	if err != nil {
		return nil, fmt.Errorf("reading licences without a name: %w", err)
	}
	return free, nil
}
