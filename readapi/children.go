package readapi

import (
	"context"
	"fmt"
	"strings"

	"suivi/domain"
)

// maxChildren bounds the children shown of one page of trackers.
const maxChildren = 10_000

// addChildren adds to the trackers those right below them that the actor may see.
func (a *API) addChildren(ctx context.Context, actor domain.Actor, trackers ...*Shown) error {
	if len(trackers) == 0 {
		return nil
	}
	byKey, keys := map[domain.TrackerKey]*Shown{}, []any{}
	for _, t := range trackers {
		byKey[t.Key] = t
		keys = append(keys, t.Key)
	}
	s := newStatement(actor)
	s.add("SELECT k.parent, k.key FROM trackers k WHERE " + seesTracker)
	s.add("AND k.parent IN ($n"+strings.Repeat(", $n", len(keys)-1)+")", keys...)
	s.add("ORDER BY k.parent, k.key LIMIT $n", maxChildren)
	var rows []struct {
		Parent domain.TrackerKey `db:"parent"`
		Key    domain.TrackerKey `db:"key"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return fmt.Errorf("list the children of trackers: %w", err)
	}
	for _, row := range rows {
		byKey[row.Parent].Children = append(byKey[row.Parent].Children, row.Key)
	}
	return nil
}
