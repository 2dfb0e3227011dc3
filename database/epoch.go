package database

// Epoch is the SQL for a TIMESTAMP as whole seconds since 1970, a BIGINT, so that
// durations can be counted and sorted in the same text on both databases.
func (d Dialect) Epoch(timestamp string) string {
	if d == Postgres {
		return `CAST(FLOOR(EXTRACT(EPOCH FROM ` + timestamp + `)) AS BIGINT)`
	}
	return `unixepoch(` + timestamp + `)`
}
