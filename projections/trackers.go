package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// trackers is the present of every tracker, who its members are, and which fields it has. As with
// tickets, a row is the fold of the tracker's events.
type trackers struct{}

func (trackers) name() string { return "trackers" }
func (trackers) version() int { return 6 }

func (trackers) tables() []table {
	return []table{{
		name: "trackers",
		create: `CREATE TABLE trackers@ (
			key TEXT NOT NULL PRIMARY KEY,
			name TEXT NOT NULL,
			mode TEXT NOT NULL,
			archived BOOLEAN NOT NULL,
			parent TEXT NOT NULL DEFAULT '',
			document JSONB NOT NULL,
			version BIGINT NOT NULL
		)`,
		indexes: []string{`CREATE INDEX trackers_parent@@ ON trackers@ (parent, key)`},
		key:     []string{"key"},
		columns: []string{"key", "name", "mode", "archived", "parent", "document", "version"},
	}, {
		name: "migrations", // the states from which tickets have to go
		create: `CREATE TABLE migrations@ (
			tracker TEXT NOT NULL,
			state TEXT NOT NULL,
			PRIMARY KEY (tracker, state)
		)`,
		key:     []string{"tracker", "state"},
		columns: []string{"tracker", "state"},
	}, {
		name: "members",
		create: `CREATE TABLE members@ (
			tracker TEXT NOT NULL,
			person TEXT NOT NULL,
			sees_all BOOLEAN NOT NULL,
			sees_rank BOOLEAN NOT NULL,
			sees_internal BOOLEAN NOT NULL,
			configures BOOLEAN NOT NULL,
			PRIMARY KEY (tracker, person)
		)`,
		indexes: []string{`CREATE INDEX members_person@@ ON members@ (person, sees_all, tracker)`},
		key:     []string{"tracker", "person"},
		columns: []string{"tracker", "person", "sees_all", "sees_rank", "sees_internal", "configures"},
	}, {
		// With the fields that are out of use: their answers stay, and stay hidden.
		name: "fields",
		create: `CREATE TABLE fields@ (
			tracker TEXT NOT NULL,
			code TEXT NOT NULL,
			type TEXT NOT NULL,
			hidden BOOLEAN NOT NULL,
			shared BOOLEAN NOT NULL,
			former BOOLEAN NOT NULL,
			PRIMARY KEY (tracker, code)
		)`,
		indexes: []string{`CREATE INDEX fields_code@@ ON fields@ (code, tracker)`},
		key:     []string{"tracker", "code"},
		columns: []string{"tracker", "code", "type", "hidden", "shared", "former"},
	}, {
		name: "library",
		create: `CREATE TABLE library@ (
			stream TEXT NOT NULL PRIMARY KEY,
			document JSONB NOT NULL,
			version BIGINT NOT NULL
		)`,
		key:     []string{"stream"},
		columns: []string{"stream", "document", "version"},
	}}
}

type trackerRow struct {
	Key      domain.TrackerKey `db:"key"`
	Name     string            `db:"name"`
	Mode     domain.Mode       `db:"mode"`
	Archived bool              `db:"archived"`
	Parent   domain.TrackerKey `db:"parent"`
	Document string            `db:"document"` // tracker.Tracker as JSON
	Version  uint64            `db:"version"`
}

type memberRow struct {
	Tracker      domain.TrackerKey `db:"tracker"`
	Person       domain.UserID     `db:"person"`
	SeesAll      bool              `db:"sees_all"`
	Ranks        bool              `db:"sees_rank"`
	SeesInternal bool              `db:"sees_internal"`
	Configures   bool              `db:"configures"`
}

type fieldRow struct {
	Tracker domain.TrackerKey `db:"tracker"`
	Code    string            `db:"code"`
	Type    tracker.FieldType `db:"type"`
	Hidden  bool              `db:"hidden"`
	Shared  bool              `db:"shared"`
	Former  bool              `db:"former"`
}

type migrationRow struct {
	Tracker domain.TrackerKey `db:"tracker"`
	State   tracker.State     `db:"state"`
}

// foldedTracker is a tracker of a batch.
type foldedTracker struct {
	tracker.Tracker
	version uint64
}

func (trackers) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	var keys []domain.TrackerKey
	folded := map[domain.TrackerKey]*foldedTracker{}
	for _, e := range events {
		if _, seen := folded[e.trackerKey]; !seen && e.ofTracker() {
			folded[e.trackerKey] = &foldedTracker{}
			keys = append(keys, e.trackerKey)
		}
	}
	shared := slices.ContainsFunc(events, func(e event) bool { return e.libraryEvent != nil })
	if len(keys) == 0 && !shared {
		return nil
	}
	library, err := readLibrary(ctx, tx, at)
	if err != nil {
		return err
	}
	if err := library.apply(events); err != nil {
		return err
	}
	if err := readTrackers(ctx, tx, at, keys, folded); err != nil {
		return err
	}
	for _, e := range events {
		if !e.ofTracker() {
			continue
		}
		if err := folded[e.trackerKey].evolve(e); err != nil {
			return err
		}
	}
	if err := writeTrackers(ctx, tx, at, keys, folded); err != nil {
		return err
	}
	return library.write(ctx, tx, at)
}

func readTrackers(ctx context.Context, tx *sqlx.Tx, at place, keys []domain.TrackerKey, into map[domain.TrackerKey]*foldedTracker) error {
	rows, err := selectIn[trackerRow](ctx, tx, at.sql(`SELECT key, name, mode, archived, parent, document, version FROM trackers@ WHERE key IN (?)`), keys)
	if err != nil {
		return fmt.Errorf("read trackers: %w", err)
	}
	for _, r := range rows {
		t := into[r.Key]
		t.version = r.Version
		if err := json.Unmarshal([]byte(r.Document), &t.Tracker); err != nil {
			return fmt.Errorf("read the tracker %s: %w", r.Key, err)
		}
	}
	return nil
}

func (e event) ofTracker() bool { return e.trackerEvent != nil || e.placed != nil }

func (t *foldedTracker) evolve(e event) error {
	if e.placed != nil {
		if !t.Exists() {
			return fmt.Errorf("the hierarchy places the tracker %s, which has not been created", e.trackerKey)
		}
		t.Parent = e.placed.Parent
		return nil
	}
	if t.version != e.Revision {
		return fmt.Errorf("the tracker %s is at version %d and cannot take event %d of its stream", e.trackerKey, t.version, e.Revision)
	}
	if _, created := e.trackerEvent.(tracker.Created); created != (e.Revision == 0) {
		return fmt.Errorf("event %d of the tracker %s is %s: a tracker is created first, and once", e.Revision, e.trackerKey, e.Type)
	}
	t.Tracker = tracker.Evolve(t.Tracker, e.trackerEvent, e.meta)
	t.version++
	if t.Key != e.trackerKey {
		return fmt.Errorf("the stream of the tracker %s tells of %q", e.trackerKey, t.Key)
	}
	return nil
}

func writeTrackers(ctx context.Context, tx *sqlx.Tx, at place, keys []domain.TrackerKey, folded map[domain.TrackerKey]*foldedTracker) error {
	if len(keys) == 0 {
		return nil
	}
	var rows []trackerRow
	for _, key := range keys {
		t := folded[key]
		document, err := json.Marshal(t.Tracker)
		if err != nil {
			return fmt.Errorf("write the tracker %s: %w", key, err)
		}
		rows = append(rows, trackerRow{key, t.Name, t.Mode, t.Archived, t.Parent, string(document), t.version})
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO trackers@ (key, name, mode, archived, parent, document, version)
		VALUES (:key, :name, :mode, :archived, :parent, :document, :version)
		ON CONFLICT (key) DO UPDATE SET name = excluded.name, mode = excluded.mode, archived = excluded.archived,
			parent = excluded.parent, document = excluded.document, version = excluded.version`), rows)
	if err != nil {
		return fmt.Errorf("write trackers: %w", err)
	}
	if err := writeMigrations(ctx, tx, at, keys, folded); err != nil {
		return fmt.Errorf("write migrations: %w", err)
	}
	if err := writeMembers(ctx, tx, at, keys, folded); err != nil {
		return fmt.Errorf("write members: %w", err)
	}
	if err := writeFields(ctx, tx, at, keys, folded); err != nil {
		return fmt.Errorf("write fields: %w", err)
	}
	return nil
}

func writeMigrations(ctx context.Context, tx *sqlx.Tx, at place, keys []domain.TrackerKey, folded map[domain.TrackerKey]*foldedTracker) error {
	var rows []migrationRow
	for _, key := range keys {
		for state := range folded[key].Migrations {
			rows = append(rows, migrationRow{key, state})
		}
	}
	if err := deleteIn(ctx, tx, at.sql(`DELETE FROM migrations@ WHERE tracker IN (?)`), keys); err != nil {
		return err
	}
	return insert(ctx, tx, at.sql(`INSERT INTO migrations@ (tracker, state) VALUES (:tracker, :state)`), rows)
}

func writeMembers(ctx context.Context, tx *sqlx.Tx, at place, keys []domain.TrackerKey, folded map[domain.TrackerKey]*foldedTracker) error {
	var rows []memberRow
	for _, key := range keys {
		policy := folded[key].Policy()
		for person, roles := range folded[key].Members {
			rows = append(rows, memberRow{key, person, policy.Holds(roles, domain.SeeAll), policy.Holds(roles, domain.SeeRank),
				policy.Holds(roles, domain.SeeInternal), policy.Holds(roles, domain.Configure)})
		}
	}
	if err := deleteIn(ctx, tx, at.sql(`DELETE FROM members@ WHERE tracker IN (?)`), keys); err != nil {
		return err
	}
	return insert(ctx, tx, at.sql(`INSERT INTO members@ (tracker, person, sees_all, sees_rank, sees_internal, configures)
		VALUES (:tracker, :person, :sees_all, :sees_rank, :sees_internal, :configures)`), rows)
}

func writeFields(ctx context.Context, tx *sqlx.Tx, at place, keys []domain.TrackerKey, folded map[domain.TrackerKey]*foldedTracker) error {
	var rows []fieldRow
	for _, key := range keys {
		for _, f := range folded[key].Fields {
			rows = append(rows, fieldRow{key, f.Code, f.Type, f.Hidden, f.Shared, false})
		}
		for _, f := range folded[key].Former {
			rows = append(rows, fieldRow{key, f.Code, f.Type, f.Hidden, f.Shared, true})
		}
	}
	if err := deleteIn(ctx, tx, at.sql(`DELETE FROM fields@ WHERE tracker IN (?)`), keys); err != nil {
		return err
	}
	return insert(ctx, tx, at.sql(`INSERT INTO fields@ (tracker, code, type, hidden, shared, former)
		VALUES (:tracker, :code, :type, :hidden, :shared, :former)`), rows)
}
