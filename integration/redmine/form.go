package redmine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"suivi/integration/mirror"
)

// The words of what there is to choose from.
const (
	directionChoices  = "direction"
	statusChoices     = "status"
	trackerChoices    = "tracker"
	priorityChoices   = "priority"
	fieldChoices      = "field"
	personChoices     = "person"
	formattingChoices = "formatting"
)

// Form is what there is to fill in.
func (*Tool) Form() mirror.Form {
	return mirror.Form{
		Fixed: []mirror.Blank{
			{Word: FixedTracker, Choices: trackerChoices, Needed: true}, {Word: FixedExternalID, Choices: fieldChoices, Needed: true},
			{Word: FixedPriority, Choices: priorityChoices}, {Word: FixedResolution, Choices: fieldChoices},
			{Word: FixedReportedBy, Choices: fieldChoices}, {Word: FixedFormatting, Choices: formattingChoices},
		},
		Kinds: []mirror.Blank{
			{Word: AsField, Choices: fieldChoices}, {Word: AsPriority, Answers: priorityChoices, Options: true},
			{Word: AsTracker, Answers: trackerChoices, Options: true},
		},
		Statuses: statusChoices, People: personChoices,
	}
}

// Projects lists the projects that the key's person sees, by name; closed ones are left out.
func (*Tool) Projects(ctx context.Context, at mirror.Place) ([]mirror.Choice, error) {
	client, err := NewClient(at.Mirror.Site, at.Secret.Reveal())
	if err != nil {
		return nil, mirror.Misconfigured("%w", err)
	}
	if _, err := client.Me(ctx); err != nil { // of a wrong key a list says nothing: it is empty
		return nil, ofMirror(err)
	}
	all, err := client.Projects(ctx)
	if err != nil {
		return nil, err
	}
	var offered []mirror.Choice
	for _, p := range all {
		if p.Status <= 1 {
			offered = append(offered, mirror.Choice{ID: p.Identifier, Name: p.Name})
		}
	}
	slices.SortFunc(offered, func(a, b mirror.Choice) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return offered, nil
}
