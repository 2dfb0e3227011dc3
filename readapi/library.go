package readapi

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
)

const theLibrary = `SELECT l.document, l.version FROM library l WHERE l.stream = '` + library.Stream + `'`

// configuresAny tells whether the asker may choose fields for any tracker.
const configuresAny = `SELECT $2 OR EXISTS (SELECT 1 FROM members m WHERE m.person = $1 AND m.configures)`

// usersOf takes no actor: only administrators ask, and commands.
const usersOf = `SELECT f.tracker, f.former FROM fields f WHERE f.code = $1 AND f.shared ORDER BY f.tracker LIMIT 10000`

// readLibrary is the definitions that trackers share, and its version; the zero Library when there are none.
func (a *API) readLibrary(ctx context.Context) (library.Library, uint64, error) {
	var l library.Library
	var row struct {
		Document []byte `db:"document"`
		Version  uint64 `db:"version"`
	}
	err := a.db.Read.GetContext(ctx, &row, theLibrary)
	if errors.Is(err, sql.ErrNoRows) {
		return l, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(row.Document, &l)
	}
	if err != nil {
		return l, 0, fmt.Errorf("read the library: %w", err)
	}
	return l, row.Version, nil
}

// whole gives the trackers the library's definitions in the fields that they share.
func (a *API) whole(ctx context.Context, trackers ...*tracker.Tracker) error {
	var shared tracker.Shared
	for _, t := range trackers {
		if !t.UsesShared() {
			continue
		}
		if shared == nil {
			l, _, err := a.readLibrary(ctx)
			if err != nil {
				return err
			}
			shared = l.Shared()
		}
		*t = t.With(shared)
	}
	return nil
}

// SharedBy lists the trackers that use the library's field, and those that have ever used it.
func (a *API) SharedBy(ctx context.Context, code string) (now, ever []domain.TrackerKey, err error) {
	var rows []struct {
		Tracker domain.TrackerKey `db:"tracker"`
		Former  bool              `db:"former"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, usersOf, code); err != nil {
		return nil, nil, fmt.Errorf("list the trackers that share the field %s: %w", code, err)
	}
	now = []domain.TrackerKey{}
	for _, row := range rows {
		ever = append(ever, row.Tracker)
		if !row.Former {
			now = append(now, row.Tracker)
		}
	}
	return now, ever, nil
}

// offered is the library as the asker may see it, and its version: whole for those
// who configure a tracker, else nothing.
func (a *API) offered(ctx context.Context, actor domain.Actor) (library.Library, uint64, error) {
	var configures bool
	if err := a.db.Read.GetContext(ctx, &configures, configuresAny, actor.ID, actor.Admin); err != nil {
		return library.Library{}, 0, fmt.Errorf("ask whether %s configures a tracker: %w", actor.ID, err)
	}
	l, version, err := a.readLibrary(ctx)
	if !configures {
		l = library.Library{}
	}
	return l, version, err
}

// SharedFields are the definitions of the library that the actor may use in a tracker.
func (a *API) SharedFields(ctx context.Context, actor domain.Actor) ([]library.Definition, error) {
	fields, _, err := a.usable(ctx, actor)
	return fields, err
}

func (a *API) usable(ctx context.Context, actor domain.Actor) ([]library.Definition, uint64, error) {
	l, version, err := a.offered(ctx, actor)
	fields := []library.Definition{}
	for _, d := range l.Definitions {
		if !d.Deleted {
			fields = append(fields, d)
		}
	}
	return fields, version, err
}

// sharedFields answers GET /fields: what a tracker may use.
func (to routes) sharedFields(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	fields, version, err := to.usable(c.UserContext(), to.who(c))
	if err != nil {
		return err
	}
	setETag(c, version)
	return c.JSON(fiber.Map{"fields": fields})
}

// sharedField answers GET /fields/{code}, and tells administrators who uses it.
func (to routes) sharedField(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	l, version, err := to.offered(c.UserContext(), to.who(c))
	if err != nil {
		return err
	}
	setETag(c, version)
	d, had := l.Definition(c.Params("code"))
	if !had || d.Deleted {
		return domain.Errorf(domain.NotFound, "field-not-found", "the library has no field %q", c.Params("code"))
	}
	answer := struct {
		library.Definition
		UsedBy []domain.TrackerKey `json:"usedBy,omitempty"`
	}{Definition: d}
	if to.who(c).Admin {
		if answer.UsedBy, _, err = to.SharedBy(c.UserContext(), d.Code); err != nil {
			return err
		}
	}
	return c.JSON(answer)
}

// Library is the fields that trackers share, for administrators.
func (a *API) Library(ctx context.Context, actor domain.Actor) (library.Library, error) {
	if !actor.Admin {
		return library.Library{}, domain.Errorf(domain.Forbidden, "admin-only", "this is for administrators")
	}
	l, _, err := a.readLibrary(ctx)
	return l, err
}
