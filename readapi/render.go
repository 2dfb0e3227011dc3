package readapi

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
)

// Names tells the names of people by their ids; it leaves out whom it does not know.
type Names func(context.Context, []domain.UserID) (map[domain.UserID]string, error)

// WithNames is the API with people's names in the texts that mention them.
func (a *API) WithNames(names Names) *API {
	with := *a
	with.names = names
	return &with
}

// render fills in the HTML of what was said.
func (a *API) render(ctx context.Context, rows []remark) error {
	bodies := make([]*string, len(rows))
	answers := make([]*string, len(rows))
	for i := range rows {
		bodies[i], answers[i] = &rows[i].Body, &rows[i].HTML
	}
	return a.html(ctx, bodies, answers)
}

func (a *API) renderRevisions(ctx context.Context, rows []revision) error {
	bodies := make([]*string, len(rows))
	answers := make([]*string, len(rows))
	for i := range rows {
		bodies[i], answers[i] = &rows[i].Body, &rows[i].HTML
	}
	return a.html(ctx, bodies, answers)
}

// html renders each of the bodies into the answer at its place.
func (a *API) html(ctx context.Context, bodies, answers []*string) error {
	names, err := a.mentioned(ctx, bodies)
	if err != nil {
		return err
	}
	for i, body := range bodies {
		if err := ctx.Err(); err != nil { // a page of long texts may take longer than people wait
			return fmt.Errorf("render texts: %w", err)
		}
		*answers[i] = a.markdown.HTML(*body, names)
	}
	return nil
}

// mentioned are the names of those whom the texts mention.
func (a *API) mentioned(ctx context.Context, bodies []*string) (map[string]string, error) {
	people := map[domain.UserID]bool{}
	for _, body := range bodies {
		for _, person := range ticket.Mentions(*body) {
			people[person] = true
		}
	}
	if len(people) == 0 || a.names == nil {
		return nil, nil //nolint:nilnil // nobody is named, which is a value here
	}
	known, err := a.names(ctx, slices.Sorted(maps.Keys(people)))
	if err != nil {
		return nil, fmt.Errorf("find the names of those who are mentioned: %w", err)
	}
	names := make(map[string]string, len(known))
	for person, name := range known {
		names[string(person)] = name
	}
	return names, nil
}
