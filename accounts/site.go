package accounts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// SiteSettings are what an administrator has chosen for how pages begin. What is there,
// and what programs send, they do not change.
type SiteSettings struct {
	// ClosedPanels are the panels of a ticket's page that are closed at first.
	ClosedPanels []string
	// NewFields are the flags that a field has when a tracker begins to use it.
	NewFields []string
}

// Panels are what can be closed on a ticket's page.
func Panels() []string {
	return []string{PanelComments, PanelHistory, PanelDependencies, PanelWatchers}
}

// The panels.
const (
	PanelComments     = "comments" // and internal notes
	PanelHistory      = "history"
	PanelDependencies = "dependencies"
	PanelWatchers     = "watchers"
)

// FieldFlags are the flags that new fields can have. Without any they are asked, of everybody who
// posts, and need no answer.
func FieldFlags() []string { return []string{FieldInactive, FieldMandatory, FieldHidden} }

// The flags.
const (
	FieldInactive  = "inactive"
	FieldMandatory = "mandatory"
	FieldHidden    = "hidden"
)

// SiteChanges says what of the settings is to change; nil leaves what is there.
type SiteChanges struct{ ClosedPanels, NewFields *[]string }

const (
	closedPanels = "closed-panels"
	newFields    = "new-fields"
)

// SiteSettings are those of the site; without a choice nothing is closed, and new fields have no
// flag. The answer may be up to a second old.
func (a *Accounts) SiteSettings(ctx context.Context) (SiteSettings, error) {
	asked := a.clock()
	if known, ok := a.site.get(Site, asked); ok {
		return known, nil
	}
	s, err := siteSettings(ctx, a.db.Read)
	if err == nil {
		a.site.put(Site, s, asked)
	}
	return s, err
}

func siteSettings(ctx context.Context, db sqlx.QueryerContext) (SiteSettings, error) {
	var rows []struct {
		Name  string `db:"name"`
		Words string `db:"words"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, `SELECT name, words FROM site_settings ORDER BY name LIMIT 100`); err != nil {
		return SiteSettings{}, fmt.Errorf("read the settings of the site: %w", err)
	}
	s := SiteSettings{ClosedPanels: []string{}, NewFields: []string{}}
	for _, row := range rows {
		switch row.Name {
		case closedPanels:
			s.ClosedPanels = append(s.ClosedPanels, strings.Fields(row.Words)...)
		case newFields:
			s.NewFields = append(s.NewFields, strings.Fields(row.Words)...)
		}
	}
	return s, nil
}

// ChangeSiteSettings changes what is named, and nothing else, and answers all.
func (a *Accounts) ChangeSiteSettings(ctx context.Context, by domain.By, c SiteChanges) (after SiteSettings, err error) {
	var problems domain.Problems
	c.ClosedPanels = chosenOf(c.ClosedPanels, Panels(), "closedPanels", "unknown-panel", &problems)
	c.NewFields = chosenOf(c.NewFields, FieldFlags(), "newFields", "unknown-flag", &problems)
	if c.NewFields != nil && slices.Contains(*c.NewFields, FieldMandatory) && slices.Contains(*c.NewFields, FieldHidden) {
		problems.Add("newFields", "hidden", "who does not see a field cannot be made to answer it")
	}
	if err := problems.Err(); err != nil {
		return SiteSettings{}, err
	}
	err = a.inTx(ctx, "change the settings of the site", func(tx *sqlx.Tx) error {
		before, err := siteSettings(ctx, tx)
		if err != nil {
			return err
		}
		after = before
		var changes []Change
		for _, one := range []struct {
			name, what string
			to         *[]string
			is         *[]string
		}{{closedPanels, "closedPanels", c.ClosedPanels, &after.ClosedPanels}, {newFields, "newFields", c.NewFields, &after.NewFields}} {
			if one.to == nil || slices.Equal(*one.to, *one.is) {
				continue
			}
			changes = append(changes, Change{one.what, strings.Join(*one.is, " "), strings.Join(*one.to, " ")})
			*one.is = *one.to
			_, err := changed(ctx, tx, "change the settings of the site", `
				INSERT INTO site_settings (name, words) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET words = excluded.words`,
				one.name, strings.Join(*one.to, " "))
			if err != nil {
				return err
			}
		}
		if len(changes) == 0 {
			return nil
		}
		return a.Record(ctx, tx, Deed{Kind: SiteChanged, By: by, About: About{Changes: changes}})
	})
	a.site.forget()
	return after, err
}

// chosenOf are the chosen ones in the order of all, each once; what is not among these is a problem.
func chosenOf(chosen *[]string, all []string, field, code string, problems *domain.Problems) *[]string {
	if chosen == nil {
		return nil
	}
	for _, one := range *chosen {
		if !slices.Contains(all, one) {
			problems.Add(field, code, "one of %s", strings.Join(all, ", "))
		}
	}
	tidy := slices.Clone(*chosen)
	slices.SortFunc(tidy, func(a, b string) int { return cmp.Compare(slices.Index(all, a), slices.Index(all, b)) })
	tidy = slices.Compact(tidy)
	return &tidy
}
