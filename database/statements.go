package database

import (
	"context"
	"database/sql/driver"
	"errors"
)

// maxKept is how many statements a connection keeps ready. There are fewer texts than
// that, but for lists with filters and for rows that are written together.
const maxKept = 128

// keeping is SQLite's driver with connections that keep their statements ready:
// most of what short queries cost is reading their texts.
type keeping struct {
	driver driver.Driver
	dsn    string
}

// Driver implements driver.Connector.
func (k keeping) Driver() driver.Driver { return k.driver }

// Connect implements driver.Connector.
func (k keeping) Connect(context.Context) (driver.Conn, error) {
	opened, err := k.driver.Open(k.dsn)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(errLessAble, opened.Close())
	}
	return &keepingConn{sqliteConn: conn, kept: map[string]*statement{}}, nil
}

var errLessAble = errors.New("the SQLite driver can do less than it could")

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is used by one goroutine at a time, as every driver's connection.
type keepingConn struct {
	sqliteConn
	kept map[string]*statement // by text
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type statement struct {
	stmt sqliteStmt
	busy bool // its rows are being read
}

// ready is the statement of the text; nil when its rows are being read, as may
// happen within a transaction.
func (c *keepingConn) ready(ctx context.Context, query string) (*statement, error) {
	if s, ok := c.kept[query]; ok {
		if s.busy {
			return nil, nil //nolint:nilnil // none is a value here
		}
		return s, nil
	}
	if len(c.kept) >= maxKept {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, errors.Join(errLessAble, prepared.Close())
	}
	s := &statement{stmt: stmt}
	c.kept[query] = s
	return s, nil
}

// forget closes all statements but those in use.
func (c *keepingConn) forget() error {
	var errs []error
	for query, s := range c.kept {
		if !s.busy {
			errs = append(errs, s.stmt.Close())
			delete(c.kept, query)
		}
	}
	return errors.Join(errs...)
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.ready(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: s}, nil
}

// ExecContext implements driver.ExecerContext. Texts without arguments are run as they
// are: those are the many statements of migrations, each once.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := c.ready(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// Close implements driver.Conn.
func (c *keepingConn) Close() error {
	return errors.Join(c.forget(), c.sqliteConn.Close())
}

// keptRows give their statement back at their end.
type keptRows struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
