package database

import "strings"

// WordIndex finds rows of a table by the words of their texts, each database in its
// own way: SQLite by an FTS5 table beside it that triggers keep in step, Postgres by a GIN
// index. The value is the table's name, whose columns hold
//
//   - id INTEGER PRIMARY KEY, which never changes;
//   - words TEXT: the Words of the text with single spaces between;
//   - gone BOOLEAN: the row is not to be found.
//
// Markers in the name (projections') go into the statements as they are; the name
// of what belongs to one build ends in @@.
type WordIndex string

const (
	vector = `array_to_tsvector(string_to_array(words, ' '))`
	// The words have been prepared: "ascii" splits at spaces alone and changes nothing more.
	// No places are kept: whoever looks for a phrase compares the words themselves.
	virtualTable = `CREATE VIRTUAL TABLE {index} USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii')`
	fill         = `INSERT INTO {index} (rowid, words) SELECT id, words FROM {table} WHERE NOT gone`
	added        = `CREATE TRIGGER {name}_added@@ AFTER INSERT ON {table} WHEN NOT new.gone BEGIN
		INSERT INTO {index} (rowid, words) VALUES (new.id, new.words);
	END`
	changed = `CREATE TRIGGER {name}_changed@@ AFTER UPDATE ON {table} BEGIN
		DELETE FROM {index} WHERE rowid = old.id AND NOT old.gone;
		INSERT INTO {index} (rowid, words) SELECT new.id, new.words WHERE NOT new.gone;
	END`
	removed = `CREATE TRIGGER {name}_removed@@ AFTER DELETE ON {table} WHEN NOT old.gone BEGIN
		DELETE FROM {index} WHERE rowid = old.id;
	END`
)

// sql fills in the names. The index of a marked table carries the same mark.
func (i WordIndex) sql(text string) string {
	name, mark, marked := strings.Cut(string(i), "@")
	if marked {
		mark = "@" + mark
	}
	return strings.NewReplacer("{table}", string(i), "{index}", name+"_index"+mark, "{name}", name).Replace(text)
}

// Create is the statements that make the index of the rows that are there.
func (i WordIndex) Create(d Dialect) []string {
	if d == Postgres {
		return []string{i.sql(`CREATE INDEX {name}_words@@ ON {table} USING gin (` + vector + `) WHERE NOT gone`)}
	}
	return []string{i.sql(virtualTable), i.sql(fill), i.sql(added), i.sql(changed), i.sql(removed)}
}

// Drop is the statements that remove what is left of the index when its table is gone.
func (i WordIndex) Drop(d Dialect) []string {
	if d == Postgres {
		return nil
	}
	return []string{i.sql(`DROP TABLE IF EXISTS {index}`)}
}

// Rename is the statements that give the index the name that its table has got,
// to which another table's was dropped before.
func (i WordIndex) Rename(d Dialect, to WordIndex) []string {
	if d == Postgres {
		return nil
	}
	return []string{i.sql(`ALTER TABLE {index} RENAME TO `) + to.sql(`{index}`)}
}

// From is the part of a SELECT that finds the rows s; its one argument is what Looking writes.
// More conditions may follow with AND.
func (i WordIndex) From(d Dialect) string {
	if d == Postgres {
		return i.sql(`FROM {table} s WHERE ` + strings.Replace(vector, "words", "s.words", 1) + ` @@ CAST($n AS tsquery) AND NOT s.gone`)
	}
	return i.sql(`FROM {index} CROSS JOIN {table} s WHERE {index} MATCH $n AND s.id = {index}.rowid`)
}

// Looking is the argument that finds rows which have all of the words; of the last one, the
// beginning is enough if beginning says so. The words must come from Words, so that
// none of them means anything to a database, and there must be one.
func (WordIndex) Looking(d Dialect, words []string, beginning bool) string {
	quote, and, star := `"`, " ", "*"
	if d == Postgres {
		quote, and, star = "'", " & ", ":*"
	}
	text := quote + strings.Join(words, quote+and+quote) + quote
	if beginning {
		text += star
	}
	return text
}

// DialectOf is the dialect of what sqlx made: a DB, a Tx.
func DialectOf(db interface{ DriverName() string }) Dialect {
	if db.DriverName() == "postgres" {
		return Postgres
	}
	return SQLite
}
