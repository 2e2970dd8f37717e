package database

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Dialect is the SQL that a database speaks.
type Dialect string

// The two engines.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// Rebind turns each ? outside of quotes into the engine's own placeholder.
func (d Dialect) Rebind(query string) string {
	if d != PostgreSQL || !strings.Contains(query, "?") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 16)
	var quote byte
	n := 0
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// In says that column is one of values, whatever their number, by one argument. No values match nothing.
func In[T int64 | int32 | string](d Dialect, column string, values []T) (condition string, arg any) {
	if values == nil {
		values = []T{}
	}
	if d == PostgreSQL {
		return column + " = ANY(?)", values
	}
	list, err := json.Marshal(values)
	if err != nil {
		list = []byte("[]")
	}
	return column + " IN (SELECT value FROM json_each(?))", string(list)
}

// ForUpdate ends a SELECT whose rows the transaction will change. SQLite needs none: its writer is alone.
func (d Dialect) ForUpdate() string {
	if d == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}

// IsUnique says whether err is a row that a unique or an exclusion constraint refused.
func IsUnique(err error) bool {
	code := postgresCode(err)
	return code == codeUnique || code == codeExclusion || sqliteUnique(err)
}

// IsOverflow says whether err is a number that does not fit its column.
func IsOverflow(err error) bool { return postgresCode(err) == codeOutOfRange || sqliteOverflow(err) }
