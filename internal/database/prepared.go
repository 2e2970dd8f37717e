package database

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// The statements that a connection of SQLite keeps prepared: how many, and up to which length. What is longer is built for one
// import and does not come again.
const (
	statementsKept    = 64
	longestPrepared   = 8 << 10
	errUnusualPrepare = "the driver of SQLite prepares statements that cannot be used"
)

// preparing makes connections that keep their statements: SQLite takes as long to parse an insert and to plan a page as it takes to
// run them, and neither database/sql nor the driver remembers what it has parsed.
type preparing struct{ driver.Connector }

func (c preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite lacks a method"), conn.Close())
	}
	return &keepingConn{sqliteConn: full, kept: map[string]*list.Element{}, order: list.New()}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.Pinger
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.SessionResetter
	driver.Validator
}

// keepingConn is a connection with its statements, the one used last in front. database/sql uses a connection for one call at a
// time, so nothing is locked.
type keepingConn struct {
	sqliteConn
	kept  map[string]*list.Element
	order *list.List
}

var (
	_ driver.ExecerContext  = (*keepingConn)(nil)
	_ driver.QueryerContext = (*keepingConn)(nil)
)

// prepared is a kept statement; while busy, its rows are being read and it cannot be run again.
type prepared struct {
	query string
	stmt  preparedStmt
	busy  bool
}

type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare returns the statement of query, kept or to be closed by whoever asked.
func (c *keepingConn) prepare(ctx context.Context, query string) (p *prepared, kept bool, err error) {
	at, ok := c.kept[query]
	if ok && !at.Value.(*prepared).busy {
		c.order.MoveToFront(at)
		return at.Value.(*prepared), true, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, false, err
	}
	usable, full := stmt.(preparedStmt)
	if !full {
		return nil, false, errors.Join(errors.New(errUnusualPrepare), stmt.Close())
	}
	p = &prepared{query: query, stmt: usable}
	if ok || len(query) > longestPrepared {
		return p, false, nil
	}
	c.kept[query] = c.order.PushFront(p)
	return p, true, c.forget()
}

// forget closes the statements that were used longest ago.
func (c *keepingConn) forget() error {
	for at := c.order.Back(); at != nil && c.order.Len() > statementsKept; {
		p, before := at.Value.(*prepared), at.Prev()
		if !p.busy {
			c.order.Remove(at)
			delete(c.kept, p.query)
			if err := p.stmt.Close(); err != nil {
				return fmt.Errorf("closing a statement: %w", err)
			}
		}
		at = before
	}
	return nil
}

func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	p, kept, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := p.stmt.ExecContext(ctx, args)
	if !kept {
		err = errors.Join(err, p.stmt.Close())
	}
	return result, err
}

func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	p, kept, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := p.stmt.QueryContext(ctx, args)
	if err != nil {
		if !kept {
			err = errors.Join(err, p.stmt.Close())
		}
		return nil, err
	}
	p.busy = true
	return &keptRows{Rows: rows, of: p, kept: kept}, nil
}

// Close closes the connection and what it has prepared.
func (c *keepingConn) Close() error {
	var errs []error
	for at := c.order.Front(); at != nil; at = at.Next() {
		errs = append(errs, at.Value.(*prepared).stmt.Close())
	}
	c.order.Init()
	clear(c.kept)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// keptRows are rows that give their statement back when they are closed.
type keptRows struct {
	driver.Rows
	of   *prepared
	kept bool
}

func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	if !r.kept {
		err = errors.Join(err, r.of.stmt.Close())
	}
	return err
}
