package projections

// The tables beside tickets itself.

func commentsTable() table { return remarksTable("comments", "comment") }

// notesTable is apart from comments, so that no query on those can show a note.
func notesTable() table { return remarksTable("notes", "note") }

// remarksTable has texts that are numbered on each ticket.
func remarksTable(name, number string) table {
	return table{
		name: name,
		create: `CREATE TABLE ` + name + `@ (
			ticket TEXT NOT NULL,
			` + number + ` BIGINT NOT NULL,
			version BIGINT NOT NULL,
			author TEXT NOT NULL,
			body TEXT NOT NULL,
			occurred_at TIMESTAMP NOT NULL,
			edited_at TIMESTAMP,
			edited_by TEXT NOT NULL,
			deleted_at TIMESTAMP,
			deleted_by TEXT NOT NULL,
			PRIMARY KEY (ticket, ` + number + `)
		)`,
		key:     []string{"ticket", number},
		columns: []string{"ticket", number, "version", "author", "body", "occurred_at", "edited_at", "edited_by", "deleted_at", "deleted_by"},
	}
}

func watchersTable() table {
	return table{
		name: "watchers",
		create: `CREATE TABLE watchers@ (
			ticket TEXT NOT NULL,
			person TEXT NOT NULL,
			topics JSONB NOT NULL,
			PRIMARY KEY (ticket, person)
		)`,
		indexes: []string{`CREATE INDEX watchers_person@@ ON watchers@ (person, ticket)`},
		key:     []string{"ticket", "person"},
		columns: []string{"ticket", "person", "topics"},
	}
}

func branchesTable() table {
	return table{
		name: "branches",
		create: `CREATE TABLE branches@ (
			ticket TEXT NOT NULL PRIMARY KEY,
			origin TEXT NOT NULL,
			comment BIGINT NOT NULL
		)`,
		indexes: []string{`CREATE INDEX branches_origin@@ ON branches@ (origin, ticket)`},
		key:     []string{"ticket"},
		columns: []string{"ticket", "origin", "comment"},
	}
}
