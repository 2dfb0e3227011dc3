package main

import (
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/helpdesk"
)

// demoDesk is a tracker of the demo, and which cases of the log are its: those of its products.
type demoDesk struct {
	key      domain.TrackerKey
	body     map[string]any
	fields   map[string]map[string]any
	parent   domain.TrackerKey
	topics   []demoTopic
	products []string // of the log
}

// demoTopic is what a case may be about. Kind and room answer the tracker's fields.
type demoTopic struct{ summary, description, kind, room string }

// demoDesks are the desks, parents first; the first one takes what is no other's.
func demoDesks() []demoDesk {
	option := func(code, fr, en string) map[string]any {
		return map[string]any{"code": code, "label": map[string]string{"fr": fr, "en": en}}
	}
	kind := func(options ...map[string]any) map[string]any {
		return map[string]any{"type": "dropdown", "listable": true, "label": map[string]string{"fr": "Type", "en": "Kind"}, "options": options}
	}
	room := map[string]any{"type": "text", "listable": true, "label": map[string]string{"fr": "Salle", "en": "Room"}}
	cost := map[string]any{"type": "number", "hidden": true, "label": map[string]string{"fr": "Coût estimé", "en": "Estimated cost"}}
	states := []tracker.State{
		tracker.Posted, tracker.Open, tracker.Working, tracker.Blocked, tracker.Waiting, tracker.Testing,
		tracker.Resolved, tracker.Validated, tracker.Abandoned,
	}
	desk := func(key, name string, mode domain.Mode, fr, en string) map[string]any {
		return map[string]any{
			"key": key, "name": name, "mode": mode, "workflow": tracker.Relaxed, "states": states, "intro": map[string]string{"fr": fr, "en": en},
		}
	}
	return []demoDesk{
		{
			key:  "HELP",
			body: desk("HELP", "Assistance informatique", domain.Ticketing, "Dites-nous ce qui ne marche pas, et où. Nous répondons en général le jour même.", "Tell us what does not work, and where. We mostly answer the same day."),
			fields: map[string]map[string]any{
				"kind": kind(option("hardware", "Matériel", "Hardware"), option("network", "Réseau", "Network"), option("account", "Compte", "Account")),
				"room": room, "cost": cost,
			}, topics: demoHelp(),
		},
		{
			key:    "LABO",
			body:   desk("LABO", "Salles de travaux pratiques", domain.Ticketing, "Matériel et logiciels des salles de TP.", "Equipment and software of the laboratories."),
			fields: map[string]map[string]any{"room": room}, parent: "HELP", topics: demoLabo(),
			products: []string{"Value 4", "Value 5", "Value 6"},
		},
		{
			key:    "PEDA",
			body:   desk("PEDA", "Outils pédagogiques", domain.Bugtracker, "La plate-forme de cours et ses outils. Tout le monde voit tous les tickets.", "The course platform and its tools. Everybody sees all tickets."),
			fields: map[string]map[string]any{"kind": kind(option("bug", "Défaut", "Bug"), option("wish", "Souhait", "Wish"), option("question", "Question", "Question"))}, topics: demoPeda(),
			products: []string{"Value 3"},
		},
	}
}

// demoRoles are those of the staff in every tracker: of the manager, of the developer, and of the others.
func demoRoles(name string) []domain.Role {
	switch name {
	case demoManager:
		return []domain.Role{domain.Manager, domain.Resolver}
	case demoDeveloper:
		return []domain.Role{domain.Developer}
	}
	return []domain.Role{domain.Developer, domain.Resolver}
}

// deskOf is the desk of a case.
func deskOf(desks []demoDesk, c helpdesk.Case) demoDesk {
	i := slices.IndexFunc(desks, func(d demoDesk) bool { return slices.Contains(d.products, c.Rows[0].Values["product"]) })
	return desks[max(i, 0)]
}

// demoCases are the cases of the log as far as they had come at its end, the oldest
// first: those of the last half year, with which the site is alive, and those before.
func demoCases(log *helpdesk.Log, end time.Time) (recent, older []helpdesk.Case) {
	const halfYear = 26 * week
	for _, c := range log.Cases {
		after := slices.IndexFunc(c.Rows, func(row helpdesk.Row) bool { return row.At.After(end) })
		if after >= 0 {
			c.Rows = c.Rows[:after]
		}
		switch {
		case len(c.Rows) == 0:
		case c.Rows[len(c.Rows)-1].At.After(end.Add(-halfYear)):
			recent = append(recent, c)
		default:
			older = append(older, c)
		}
	}
	for _, cases := range [][]helpdesk.Case{recent, older} {
		slices.SortStableFunc(cases, func(a, b helpdesk.Case) int { return a.Rows[0].At.Compare(b.Rows[0].At) })
	}
	return recent, older
}
