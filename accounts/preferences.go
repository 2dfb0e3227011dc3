package accounts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Preferences are what a person, or the whole site, has chosen for the watches
// that are still to come. Watches that are there never change by them.
type Preferences struct {
	Watch    *[]domain.Topic                      // nil: nothing chosen
	Trackers map[domain.TrackerKey][]domain.Topic // chosen for single trackers
}

// Site stands in place of a person for what holds when they have chosen nothing.
const Site domain.UserID = ""

type watchDefault struct {
	Person  domain.UserID     `db:"person"`
	Tracker domain.TrackerKey `db:"tracker"`
	Topics  string            `db:"topics"`
}

func (w watchDefault) topics() []domain.Topic {
	topics := []domain.Topic{}
	for topic := range strings.FieldsSeq(w.Topics) {
		topics = append(topics, domain.Topic(topic))
	}
	return topics
}

func newWatchDefault(person domain.UserID, key domain.TrackerKey, topics []domain.Topic) watchDefault {
	words := make([]string, len(topics))
	for i, topic := range topics {
		words[i] = string(topic)
	}
	return watchDefault{person, key, strings.Join(words, " ")}
}

// MaxPreferences is for how many trackers a person may choose apart.
const MaxPreferences = 200

// Preferences are those of a person, or of the Site.
func (a *Accounts) Preferences(ctx context.Context, person domain.UserID) (Preferences, error) {
	var rows []watchDefault
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT person, tracker, topics FROM watch_defaults WHERE person = $1 ORDER BY tracker LIMIT $2`, person, MaxPreferences+1)
	if err != nil {
		return Preferences{}, fmt.Errorf("read preferences: %w", err)
	}
	p := Preferences{Trackers: map[domain.TrackerKey][]domain.Topic{}}
	for _, row := range rows {
		topics := row.topics()
		if row.Tracker == "" {
			p.Watch = &topics
		} else {
			p.Trackers[row.Tracker] = topics
		}
	}
	return p, nil
}

// SetPreferences puts them in place of those that the person, or the Site, had. What is
// changed of the Site is recorded.
func (a *Accounts) SetPreferences(ctx context.Context, by domain.By, person domain.UserID, p Preferences) error {
	var rows []watchDefault
	if p.Watch != nil {
		rows = append(rows, newWatchDefault(person, "", *p.Watch))
	}
	for _, key := range slices.Sorted(maps.Keys(p.Trackers)) {
		rows = append(rows, newWatchDefault(person, key, p.Trackers[key]))
	}
	return a.inTx(ctx, "set preferences", func(tx *sqlx.Tx) error {
		if person == Site {
			if err := a.recordWatch(ctx, tx, by, rows); err != nil {
				return err
			}
		}
		if _, err := changed(ctx, tx, "set preferences", `DELETE FROM watch_defaults WHERE person = $1`, person); err != nil {
			return err
		}
		for _, row := range rows {
			// Another request may set them at the same time: the last one holds.
			_, err := changed(ctx, tx, "set preferences", `
				INSERT INTO watch_defaults (person, tracker, topics) VALUES ($1, $2, $3)
				ON CONFLICT (person, tracker) DO UPDATE SET topics = excluded.topics`, row.Person, row.Tracker, row.Topics)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// recordWatch notes what the site's watches become; "" when nothing is chosen.
func (a *Accounts) recordWatch(ctx context.Context, tx *sqlx.Tx, by domain.By, rows []watchDefault) error {
	var before []string
	err := tx.SelectContext(ctx, &before, `SELECT topics FROM watch_defaults WHERE person = $1 AND tracker = '' LIMIT 1`, Site)
	if err != nil {
		return fmt.Errorf("set preferences: %w", err)
	}
	after := Change{What: "watch"}
	if len(before) > 0 {
		after.From = cmp.Or(before[0], "none")
	}
	if len(rows) > 0 {
		after.To = cmp.Or(rows[0].Topics, "none")
	}
	if after.From == after.To {
		return nil
	}
	return a.Record(ctx, tx, Deed{Kind: SiteChanged, By: by, About: About{Changes: []Change{after}}})
}

// WatchDefaults is what each of the people hears of when they come to watch a
// ticket of the tracker: their choice for it, else for all, else the site's. Who
// is missing has none of these.
func (a *Accounts) WatchDefaults(ctx context.Context, key domain.TrackerKey, people []domain.UserID) (map[domain.UserID][]domain.Topic, error) {
	defaults := make(map[domain.UserID][]domain.Topic, len(people))
	if len(people) == 0 {
		return defaults, nil
	}
	// The nearest comes last.
	query, args, err := sqlx.In(`SELECT person, tracker, topics FROM watch_defaults
		WHERE person IN (?) AND tracker IN (?, '') OR person = '' AND tracker = ''
		ORDER BY person, tracker LIMIT ?`, people, key, 2*len(people)+1)
	if err != nil {
		return nil, fmt.Errorf("read watch defaults: %w", err)
	}
	var rows []watchDefault
	if err := a.db.Read.SelectContext(ctx, &rows, a.db.Read.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("read watch defaults: %w", err)
	}
	for _, row := range rows {
		if row.Person != "" {
			defaults[row.Person] = row.topics()
			continue
		}
		for _, person := range people {
			defaults[person] = row.topics()
		}
	}
	return defaults, nil
}
