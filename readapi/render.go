package readapi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/markdown"
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
func (a *API) render(ctx context.Context, s Sight, rows []Remark) error {
	bodies := make([]*string, len(rows))
	answers := make([]*string, len(rows))
	for i := range rows {
		bodies[i], answers[i] = &rows[i].Body, &rows[i].HTML
	}
	return a.html(ctx, s, bodies, answers)
}

func (a *API) renderRevisions(ctx context.Context, s Sight, rows []Revision) error {
	bodies := make([]*string, len(rows))
	answers := make([]*string, len(rows))
	for i := range rows {
		bodies[i], answers[i] = &rows[i].Body, &rows[i].HTML
	}
	return a.html(ctx, s, bodies, answers)
}

// html renders each of the bodies, which stand on the ticket, into the answer at its place.
func (a *API) html(ctx context.Context, s Sight, bodies, answers []*string) error {
	var about markdown.Known
	var err error
	if about.Names, err = a.mentioned(ctx, bodies); err != nil {
		return err
	}
	if about.Files, err = a.shownIn(ctx, s, bodies); err != nil {
		return err
	}
	for i, body := range bodies {
		if err := ctx.Err(); err != nil { // a page of long texts may take longer than people wait
			return fmt.Errorf("render texts: %w", err)
		}
		*answers[i] = a.markdown.HTML(*body, about)
	}
	return nil
}

// shownIn are the files of the ticket that the asker may see, and whether each is a
// picture, if any of the texts may name one.
func (a *API) shownIn(ctx context.Context, s Sight, bodies []*string) (map[string]bool, error) {
	if !slices.ContainsFunc(bodies, func(body *string) bool { return strings.Contains(*body, "att_") }) {
		return nil, nil //nolint:nilnil // no file is shown, which is a value here
	}
	files, err := a.Attachments(ctx, s)
	if err != nil {
		return nil, err
	}
	shown := make(map[string]bool, len(files))
	for _, file := range files {
		shown[string(file.ID)] = file.Thumbnail != ""
	}
	return shown, nil
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
