package partner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/wire"
)

// durableTx holds writes back until the transaction is good, as the memory's does: what was put shows from the next one.
type durableTx struct {
	durableReader
	store    *Durable
	licences []wire.UserService
	writes   []func() error
}

func (t *durableTx) put(write func() error) { t.writes = append(t.writes, write) }

func (t *durableTx) exec(query string, args ...any) error {
	_, err := t.sql.Exec(t.ctx, query, args...)
	return err
}

func (t *durableTx) flush() error {
	for licences := range slices.Chunk(t.licences, 100) {
		if err := t.insert(licences); err != nil {
			return fmt.Errorf("store licences: %w", err)
		}
	}
	for _, write := range t.writes {
		if err := write(); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

// insert stores licences, which are not twice the same.
func (t *durableTx) insert(licences []wire.UserService) error {
	args := make([]any, 0, 3*len(licences))
	for _, l := range licences {
		body, err := json.Marshal(l)
		if err != nil {
			return err
		}
		args = append(args, column(l.ID), column(l.RelatedProductRefID), body)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(licences)), ", ")
	return t.exec("INSERT INTO partner_licence (id, fleet, body) VALUES "+rows+
		" ON CONFLICT (id) DO UPDATE SET body = excluded.body", args...)
}

func (t *durableTx) PutAnswer(key string, a answer) {
	t.put(func() error {
		return t.exec("INSERT INTO partner_answer (key, status, body) VALUES (?, ?, ?)", column(key), a.Status, a.Body)
	})
}

func (t *durableTx) PutCustomer(c customer) {
	t.put(func() error {
		var reference any
		if c.Reference != (wire.Reference{}) {
			reference = referenceColumn(c.Reference)
		}
		body, err := json.Marshal(c)
		if err != nil {
			return err
		}
		return t.exec(`INSERT INTO partner_customer (id, reference, body) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body`, column(c.ID), reference, body)
	})
}

func (t *durableTx) PutFleet(f fleet) {
	t.put(func() error {
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		return t.exec(`INSERT INTO partner_fleet (id, customer, body) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body`, column(f.ID), column(f.Customer), body)
	})
}

func (t *durableTx) PutLicence(l wire.UserService) {
	// A statement that meets a row twice is an error on PostgreSQL; the last one put counts.
	if i := slices.IndexFunc(t.licences, func(put wire.UserService) bool { return put.ID == l.ID }); i >= 0 {
		t.licences[i] = l
		return
	}
	t.licences = append(t.licences, l)
}

func (t *durableTx) PutJob(j job) {
	t.put(func() error {
		body, err := json.Marshal(j)
		if err != nil {
			return err
		}
		return t.store.jobs.Add(t.ctx, t.sql, outbox.Task{ID: column(j.ID), Lane: column(j.Lane), Body: body, Delay: j.delay})
	})
}

func (t *durableTx) DropJob(j job) {
	t.put(func() error { return t.store.jobs.Done(t.ctx, t.sql, j.task) })
}

func (t *durableTx) PutDelivery(d Delivery) {
	t.put(func() error {
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		return t.store.events.Add(t.ctx, t.sql, outbox.Task{ID: column(d.ID), Lane: column(d.Lane), Body: body})
	})
}

func (t *durableTx) DropDelivery(d Delivery) {
	t.put(func() error { return t.store.events.Done(t.ctx, t.sql, d.task) })
}
