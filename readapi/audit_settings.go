package readapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
)

// settingsTold is an event of a tracker's settings, or of what trackers share, as the audit tells it.
func settingsTold(row feedRow, french bool) (Audited, error) {
	said, err := words{french: french}.settings(row)
	if err != nil {
		return Audited{}, fmt.Errorf("an event of %s at %d: %w", row.Other, row.Commit, err)
	}
	return Audited{Happened: Happened{
		Type: row.Type, Words: said, Actor: row.Actor, Source: row.Source, OccurredAt: row.OccurredAt.UTC(), RecordedAt: row.RecordedAt.UTC(),
		Position: row.position().String(), Data: json.RawMessage(row.Data),
	}, Tracker: domain.TrackerKey(row.Other)}, nil
}

// settings is the sentence for such an event.
func (w words) settings(row feedRow) (string, error) {
	switch {
	case slices.Contains(library.Types(), row.Type):
		event, err := library.Decode(row.Type, row.Data)
		return w.library(event), err
	case strings.HasPrefix(row.Type, "hierarchy."):
		placed, err := tracker.DecodeHierarchy(row.Type, row.Data)
		if placed.Parent == "" {
			return w.say("N’est plus sous un autre guichet.", "Stands below no other tracker any more."), err
		}
		return w.say("Placé sous %s.", "Placed below %s.", placed.Parent), err
	}
	event, err := tracker.Decode(row.Type, row.Data)
	return w.tracker(event), err
}

func (w words) library(event library.Event) string {
	switch e := event.(type) {
	case library.Defined:
		return w.say("Champ partagé défini : %s.", "Shared field defined: %s.", e.Field.Code)
	case library.Deleted:
		return w.say("Champ partagé supprimé : %s.", "Shared field deleted: %s.", e.Code)
	}
	return ""
}

func (w words) tracker(event tracker.Event) string {
	switch e := event.(type) {
	case tracker.Created:
		return w.say("Guichet créé : %s.", "Tracker created: %s.", e.Name)
	case tracker.Configured:
		return w.say("Réglages modifiés : %s.", "Settings changed: %s.", strings.Join(settingsNamed(e), ", "))
	case tracker.MemberSet:
		return w.say("Rôles de %s : %s.", "Roles of %s: %s.", e.User, w.roles(e.Roles))
	case tracker.MemberRemoved:
		return w.say("%s n’est plus membre.", "%s is no member any more.", e.User)
	case tracker.FieldSet:
		return w.say("Champ réglé : %s.", "Field set: %s.", e.Field.Code)
	case tracker.FieldRemoved:
		return w.say("Champ retiré : %s.", "Field taken out of use: %s.", e.Code)
	case tracker.FieldsOrdered:
		return w.say("Champs rangés : %s.", "Fields ordered: %s.", strings.Join(e.Codes, ", "))
	case tracker.RightsSet:
		return w.say("Droits modifiés : %s.", "Rights changed: %s.", w.roles([]domain.Role{e.Role}))
	case tracker.RightsReset:
		return w.say("Droits remis au préréglage : %s.", "Rights back to the preset: %s.", w.roles([]domain.Role{e.Role}))
	case tracker.RulesSet:
		return w.say("Règles du circuit écrites (%d).", "Rules of the workflow set (%d).", len(e.Rules))
	case tracker.RulesReset:
		return w.say("Règles du circuit remises au préréglage.", "Rules of the workflow back to the preset.")
	case tracker.MirrorSet:
		return w.say("Miroir réglé : %s.", "Mirror set: %s.", e.Mirror.Tool)
	case tracker.MirrorRemoved:
		return w.say("Miroir retiré : %s.", "Mirror removed: %s.", e.Tool)
	case tracker.Archived:
		return w.say("Archivé.", "Archived.")
	case tracker.Unarchived:
		return w.say("Rouvert.", "Opened again.")
	}
	return ""
}

func (w words) roles(roles []domain.Role) string {
	french := map[domain.Role]string{domain.Reporter: "rapporteur", domain.Developer: "développeur", domain.Resolver: "résolveur", domain.Manager: "gestionnaire"}
	var names []string
	for _, role := range roles {
		names = append(names, w.say("%s", "%s", role))
		if w.french {
			names[len(names)-1] = french[role]
		}
	}
	return strings.Join(names, ", ")
}

// settingsNamed are the settings that a change names, as the API calls them.
func settingsNamed(e tracker.Configured) []string {
	text, err := json.Marshal(e)
	var named map[string]json.RawMessage
	if err != nil || json.Unmarshal(text, &named) != nil {
		return nil
	}
	names := make([]string, 0, len(named))
	for name := range named {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
