package redmine

import (
	"context"
	"slices"
	"strconv"

	"suivi/domain/ticket"
)

// alignRelations has the issues of prerequisites block this one. Of those that
// people there have made, these stay that were not heard: where nobody listens, and between others' issues.
func (a *aligner) alignRelations(ctx context.Context) error {
	wanted := map[int]bool{}
	for _, neighbour := range a.want.Prerequisites {
		id, ok := number(neighbour.Twin.ID)
		if !ok {
			continue
		}
		wanted[id] = true
		if err := a.relate(ctx, id, string(neighbour.Ticket)); err != nil {
			return err
		}
	}
	for _, r := range a.issue.Relations {
		if r.Type != Blocks || r.To != a.id || wanted[r.Issue] || !a.knowsRelation(r) {
			continue
		}
		d := difference{what: "relation to #" + strconv.Itoa(r.Issue), want: "removed", found: r.Type}
		if a.Look {
			a.drift(d, "")
			continue
		}
		a.writes()
		if err := a.announce(ctx, sumOf(relationDetail, blockedBy, "-", strconv.Itoa(r.Issue))); err != nil {
			return err
		}
		if err := a.refusal(a.site.Unrelate(ctx, r.ID), d); err != nil {
			return err
		}
	}
	return nil
}

func (a *aligner) blockedBy(id int) (Relation, bool) {
	i := slices.IndexFunc(a.issue.Relations, func(r Relation) bool { return r.Type == Blocks && r.To == a.id && r.Issue == id })
	if i < 0 {
		return Relation{}, false
	}
	return a.issue.Relations[i], true
}

func (a *aligner) relate(ctx context.Context, id int, name string) error {
	d := difference{what: "relation to #" + strconv.Itoa(id), want: Blocks + " (" + name + ")", found: "none"}
	if _, there := a.blockedBy(id); !there {
		if a.Look {
			a.drift(d, "")
			return nil
		}
		if err := a.addRelation(ctx, id, d); err != nil {
			return err
		}
	}
	if relation, there := a.blockedBy(id); there {
		return a.match(ctx, ticket.Part{ID: relationPart + a.issue.relationKey(relation)})
	}
	return nil
}

func (a *aligner) addRelation(ctx context.Context, id int, d difference) error {
	if err := a.heardAll(ctx); err != nil { // somebody there may just have taken it away
		return err
	}
	a.writes()
	if err := a.announce(ctx, sumOf(relationDetail, blockedBy, "=", strconv.Itoa(id))); err != nil {
		return err
	}
	if err := a.refusal(a.site.Relate(ctx, id, a.id, Blocks), d); err != nil {
		return err
	}
	return a.read(ctx)
}

// alignWatchers has those watch whom the mapping knows. Redmine makes watchers by
// itself, and people there do; only those go whom we made.
func (a *aligner) alignWatchers(ctx context.Context) error {
	wanted := map[int]bool{}
	for _, user := range a.want.Watchers {
		id, ok := number(a.at.Mirror.People[user])
		if !ok || wanted[id] {
			continue
		}
		wanted[id] = true
		if slices.ContainsFunc(a.issue.Watchers, func(r Ref) bool { return r.ID == id }) {
			continue
		}
		d := difference{what: "watcher " + strconv.Itoa(id), want: "watching", found: "not watching"}
		if a.Look {
			a.drift(d, "")
			continue
		}
		a.writes()
		if err := a.refusal(a.site.Watch(ctx, a.id, id), d); err != nil {
			return err
		}
		if err := a.match(ctx, ticket.Part{ID: partID(watcherPart, id)}); err != nil {
			return err
		}
	}
	for _, watcher := range a.issue.Watchers {
		if wanted[watcher.ID] || !a.Twin.Has(partID(watcherPart, watcher.ID)) {
			continue
		}
		d := difference{what: "watcher " + strconv.Itoa(watcher.ID), want: "not watching", found: "watching"}
		if a.Look {
			a.drift(d, "")
			continue
		}
		a.writes()
		if err := a.refusal(a.site.Unwatch(ctx, a.id, watcher.ID), d); err != nil {
			return err
		}
	}
	return nil
}
