package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// A direct is a connection without package sql in between, for one goroutine:
// the locks, contexts and conversions there took a tenth of what a statement of
// the writer takes.
type direct struct {
	conn  driver.Conn
	stmts map[string]statement // prepared once
	args  []driver.NamedValue  // of the statement that runs
}

// A statement is what every prepared statement of the driver can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func openDirect(d driver.Driver, name string) (*direct, error) {
	conn, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	return &direct{conn: conn, stmts: make(map[string]statement)}, nil
}

func (d *direct) close() error {
	for _, s := range d.stmts {
		s.Close()
	}
	return d.conn.Close()
}

// exec runs a statement and returns how many rows it changed.
func (d *direct) exec(query string, args ...any) (int64, error) {
	s, err := d.ready(query, args)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(context.Background(), d.args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one scans the first row of an answer and reports whether there was one.
func (d *direct) one(dest []any, query string, args ...any) (bool, error) {
	rows, err := d.open(query, args)
	if err != nil {
		return false, err
	}
	ok, err := rows.next()
	if ok {
		err = rows.Scan(dest...)
	}
	if e := rows.from.Close(); err == nil {
		err = e
	}
	return ok && err == nil, err
}

// query calls scan for each row of an answer.
func (d *direct) query(scan func(scanner) error, query string, args ...any) error {
	rows, err := d.open(query, args)
	if err != nil {
		return err
	}
	defer rows.from.Close()
	for {
		if ok, err := rows.next(); !ok || err != nil {
			return err
		}
		if err := scan(rows); err != nil {
			return err
		}
	}
}

func (d *direct) open(query string, args []any) (*directRows, error) {
	s, err := d.ready(query, args)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), d.args)
	if err != nil {
		return nil, err
	}
	return &directRows{rows, make([]driver.Value, len(rows.Columns()))}, nil
}

// ready returns a statement and puts what it is run with into d.args.
func (d *direct) ready(query string, args []any) (statement, error) {
	d.args = d.args[:0]
	for i, a := range args {
		v, err := value(a)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		d.args = append(d.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	if s := d.stmts[query]; s != nil {
		return s, nil
	}
	prepared, err := d.conn.Prepare(nameless(query, len(args)))
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(statement)
	if !ok {
		prepared.Close()
		return nil, errors.New("a driver whose statements need package sql")
	}
	d.stmts[query] = s
	return s, nil
}

// nameless is query with ? for $1 to $n where they come in this order and once
// each: the driver reads and parses every name at each run.
func nameless(query string, n int) string {
	var b strings.Builder
	rest := query
	for i := 1; i <= n; i++ {
		before, after, ok := strings.Cut(rest, "$")
		name := strconv.Itoa(i)
		if !ok || !strings.HasPrefix(after, name) {
			return query
		}
		if rest = after[len(name):]; rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return query
		}
		b.WriteString(before)
		b.WriteByte('?')
	}
	if strings.Contains(rest, "$") {
		return query
	}
	return b.String() + rest
}

// value is a as the driver takes it.
func value(a any) (driver.Value, error) {
	switch a := a.(type) {
	case nil, int64, string, []byte, bool:
		return a, nil
	case int:
		return int64(a), nil
	case sql.NullInt64:
		if a.Valid {
			return a.Int64, nil
		}
		return nil, nil
	}
	return driver.DefaultParameterConverter.ConvertValue(a)
}

// directRows is an answer, at one of its rows.
type directRows struct {
	from driver.Rows
	row  []driver.Value
}

func (r *directRows) next() (bool, error) {
	err := r.from.Next(r.row)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// Scan implements [scanner].
func (r *directRows) Scan(dest ...any) error {
	if len(dest) != len(r.row) {
		return fmt.Errorf("%d places for %d columns", len(dest), len(r.row))
	}
	for i, v := range r.row {
		if err := scanValue(dest[i], v); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// scanValue puts into dest, a pointer, what is stored: an integer, a text or
// bytes, and where dest takes it, NULL. A number is never made of a text, nor
// the other way round: columns are strict.
func scanValue(dest any, v driver.Value) error {
	if s, ok := dest.(sql.Scanner); ok {
		return s.Scan(v)
	}
	to := reflect.ValueOf(dest).Elem()
	switch v := v.(type) {
	case int64:
		switch {
		case to.CanInt() && !to.OverflowInt(v):
			to.SetInt(v)
			return nil
		case to.CanUint() && v >= 0 && !to.OverflowUint(uint64(v)):
			to.SetUint(uint64(v))
			return nil
		case to.Kind() == reflect.Bool:
			to.SetBool(v != 0)
			return nil
		}
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case []byte:
		if b, ok := dest.(*[]byte); ok { // the driver has made it for us
			*b = v
			return nil
		}
	case nil:
		if b, ok := dest.(*[]byte); ok {
			*b = nil
			return nil
		}
	}
	return fmt.Errorf("%T into %T", v, dest)
}
