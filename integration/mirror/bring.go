package mirror

import (
	"context"
	"errors"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// bring does what is due between the ticket, as it is now, and its twin.
func (m *Mirror) bring(ctx context.Context, id domain.TicketID, because cause) error {
	whole, err := m.cfg.Commands.Whole(ctx, id)
	if err != nil || !whole.Exists() {
		return err
	}
	place, mirrored, err := m.find(ctx, whole.Tracker)
	if err != nil {
		return err
	}
	twin, has := whole.Inner.Twin(m.name)
	if has && (!mirrored || place.Mirror.Site != twin.Site) {
		if err := m.leave(ctx, &whole, twin, mirrored, because); err != nil {
			return err
		}
	}
	if !mirrored {
		return nil
	}
	if err := m.enter(ctx, &place); err != nil {
		return err
	}
	if whole.Inner.Deleted {
		err = m.retireDeleted(ctx, place, whole, because)
	} else {
		err = m.align(ctx, place, whole, because)
	}
	if err != nil {
		return err
	}
	m.aligned.Add(id, whole.Events)
	return m.open(ctx, place)
}

// leave deals with a twin whose ticket is no longer in a mirror that it belongs to. If
// that mirror itself is gone, nobody can be asked any more: the twin stays as it is, and
// known, as the mirror may come again, unless the ticket is to have another one.
func (m *Mirror) leave(ctx context.Context, whole *ticket.Whole, twin ticket.Twin, another bool, because cause) error {
	place, known, err := m.former(ctx, *whole, twin)
	switch {
	case err != nil || !known && !another:
		return err
	case !known:
		place.Mirror.Deletion = tracker.KeepTwin
	default:
		if err := m.enter(ctx, &place); err != nil {
			return err
		}
	}
	whole.Ticket, err = m.retire(ctx, place, whole.ID, twin, ticket.TicketLeft, because)
	return err
}

// retireDeleted deals with the twin of a deleted ticket; also with one that was made just
// before a crash, and is not known yet.
func (m *Mirror) retireDeleted(ctx context.Context, place Place, whole ticket.Whole, because cause) error {
	twin, has := whole.Inner.Twin(m.name)
	if !has {
		if slices.ContainsFunc(whole.Inner.Twins, func(t ticket.Twin) bool { return t.Tool == m.name && t.Site == place.Mirror.Site }) {
			return nil // it was let go
		}
		found, ok, err := m.cfg.Tool.Find(ctx, place, whole.ID)
		if err != nil || !ok {
			return m.judge(place, err)
		}
		if twin, err = m.tie(ctx, place, whole.ID, found, because); err != nil {
			return err
		}
	}
	_, err := m.retire(ctx, place, whole.ID, twin, ticket.TicketDeleted, because)
	return err
}

// retire does with the twin what the policy says and lets it go; it gives the ticket after that.
func (m *Mirror) retire(ctx context.Context, place Place, id domain.TicketID, twin ticket.Twin, why ticket.Unmirror, because cause) (ticket.Ticket, error) {
	gone := false
	if policy := place.Mirror.Deletion; policy != tracker.KeepTwin {
		var err error
		if gone, err = m.cfg.Tool.Retire(ctx, place, id, Ref{ID: twin.ID, URL: twin.URL}, policy); err != nil {
			return ticket.Ticket{}, m.judge(place, err)
		}
	}
	if err := m.cfg.Base().SetDrifts(ctx, m.name, id, nil); err != nil {
		return ticket.Ticket{}, err
	}
	return m.write(ctx, id, ticket.Forget{Tool: m.name, Twin: twin.ID, Why: why, Gone: gone}, because)
}

// align sees to it that there is a twin and brings it into step. A twin that is gone is made anew, once.
func (m *Mirror) align(ctx context.Context, place Place, whole ticket.Whole, because cause) error {
	lost, unheard := false, 0
	for {
		twin, has := whole.Inner.Twin(m.name)
		if !has {
			var err error
			if twin, err = m.twin(ctx, place, whole, because); err != nil {
				return err
			}
		}
		drifts, err := m.hearAndAlign(ctx, place, &whole, &twin, because)
		if err == nil {
			return m.cfg.Base().SetDrifts(ctx, m.name, whole.ID, drifts)
		}
		if errors.Is(err, ErrUnheard) && unheard < mostUnheard {
			unheard++
			// What was written down meanwhile tells which of the news is Suivi's own.
			if whole, err = m.cfg.Commands.Whole(ctx, whole.ID); err != nil {
				return err
			}
			continue
		}
		if !errors.Is(err, ErrTwinLost) || lost {
			return m.judge(place, err)
		}
		lost = true
		if whole.Ticket, err = m.write(ctx, whole.ID, ticket.Forget{Tool: m.name, Twin: twin.ID, Why: ticket.TwinLost, Gone: true}, because); err != nil {
			return err
		}
	}
}

func (m *Mirror) hearAndAlign(ctx context.Context, place Place, whole *ticket.Whole, twin *ticket.Twin, because cause) ([]Drift, error) {
	if err := m.hear(ctx, place, whole, *twin, because); err != nil {
		return nil, err
	}
	if heard, has := whole.Inner.Twin(m.name); has {
		*twin = heard
	}
	return m.alignTwin(ctx, place, *whole, *twin, because)
}

// mostUnheard is how often a twin is heard anew at once, when people are at work on it just then.
const mostUnheard = 3

func (m *Mirror) alignTwin(ctx context.Context, place Place, whole ticket.Whole, twin ticket.Twin, because cause) ([]Drift, error) {
	want, err := m.want(ctx, whole, twin.Site)
	if err != nil {
		return nil, err
	}
	drifts, err := m.cfg.Tool.Align(ctx, place, Job{Twin: twin, Want: want, Match: m.matcher(whole.ID, twin, because), Content: m.cfg.Content})
	return hushDrifts(place, drifts), err
}

func (m *Mirror) matcher(id domain.TicketID, twin ticket.Twin, because cause) func(context.Context, ...ticket.Part) error {
	return func(ctx context.Context, parts ...ticket.Part) error {
		_, err := m.write(ctx, id, ticket.Match{Tool: m.name, Twin: twin.ID, Parts: parts}, because)
		return err
	}
}

// twin finds the ticket's twin, or makes it.
func (m *Mirror) twin(ctx context.Context, place Place, whole ticket.Whole, because cause) (ticket.Twin, error) {
	found, ok, err := m.cfg.Tool.Find(ctx, place, whole.ID)
	if err != nil {
		return ticket.Twin{}, m.judge(place, err)
	}
	if !ok {
		want, err := m.want(ctx, whole, place.Mirror.Site)
		if err != nil {
			return ticket.Twin{}, err
		}
		if found, err = m.cfg.Tool.Create(ctx, place, want); err != nil {
			return ticket.Twin{}, m.judge(place, err)
		}
	}
	return m.tie(ctx, place, whole.ID, found, because)
}

// tie writes down that there is a twin.
func (m *Mirror) tie(ctx context.Context, place Place, id domain.TicketID, found Ref, because cause) (ticket.Twin, error) {
	t, err := m.write(ctx, id, ticket.Mirror{Twin: ticket.Mirrored{Tool: m.name, Site: place.Mirror.Site, ID: found.ID, URL: found.URL}}, because)
	if err != nil {
		return ticket.Twin{}, err
	}
	twin, _ := t.Inner.Twin(m.name)
	return twin, nil
}

// want is the ticket as its twin is to be.
func (m *Mirror) want(ctx context.Context, whole ticket.Whole, site string) (Wanted, error) {
	want := Wanted{Whole: whole, URL: m.cfg.TicketURL(whole.ID)}
	for user := range whole.Inner.Watches {
		want.Watchers = append(want.Watchers, user)
	}
	slices.Sort(want.Watchers)
	before, err := m.cfg.Commands.Prerequisites(ctx, whole.ID)
	if err != nil {
		return want, err
	}
	for _, id := range before {
		t, err := m.cfg.Commands.Ticket(ctx, id)
		if err != nil {
			return want, err
		}
		if twin, has := t.Inner.Twin(m.name); has && twin.Site == site {
			want.Prerequisites = append(want.Prerequisites, Neighbour{Ticket: id, Twin: Ref{ID: twin.ID, URL: twin.URL}})
		}
	}
	return want, nil
}
