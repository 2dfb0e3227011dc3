package mirror

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/ticket"
)

// looks is how many tickets are compared with their twins at a time.
const looks = 4

// Report is what a look at all tickets of a tracker has found.
type Report struct {
	Tickets int       `json:"tickets"`
	InStep  int       `json:"inStep"`
	Create  int       `json:"create"` // that have no twin: an import makes one
	Link    int       `json:"link"`   // that have a twin which is not known yet
	Change  int       `json:"change"` // whose twins differ
	Failed  int       `json:"failed"` // that could not be looked at
	Found   []Finding `json:"found"`  // at most maxFindings, by ticket
	More    bool      `json:"more"`   // there are others
}

// Finding is what is not in step.
type Finding struct {
	Ticket domain.TicketID `json:"ticket"`
	Twin   string          `json:"twin,omitempty"`
	What   string          `json:"what"` // create, link, change or failed
	Drifts []Drift         `json:"drifts,omitempty"`
	Error  string          `json:"error,omitempty"`
}

const maxFindings = 1000

// failed is what a finding is of a ticket that could not be looked at.
const failed = "failed"

func (m *Mirror) mirrored(ctx context.Context, key domain.TrackerKey) (Place, error) {
	place, has, err := m.find(ctx, key)
	if err == nil && !has {
		err = domain.Errorf(domain.NotFound, "mirror-not-found", "%s has no mirror of the tool %q", key, m.name)
	}
	return place, err
}

// Look compares all tickets of the tracker with their twins, and changes nothing on either side.
func (m *Mirror) Look(ctx context.Context, key domain.TrackerKey, progress func(done, total uint64)) (Report, error) {
	return m.lookAll(ctx, key, progress, m.looking)
}

// Verify is Look with the Verifier that the tool is.
func (m *Mirror) Verify(ctx context.Context, key domain.TrackerKey, progress func(done, total uint64)) (Report, error) {
	verifier, ok := m.cfg.Tool.(Verifier)
	if !ok {
		return Report{}, errNoVerifier(m.name)
	}
	return m.lookAll(ctx, key, progress, verifier.Verify)
}

func errNoVerifier(tool string) error {
	return domain.Errorf(domain.Refused, "no-verifier", "there is no second reading of twins in %s; look at them instead", tool)
}

// comparing tells in what a twin differs from its ticket.
type comparing func(context.Context, Place, ticket.Twin, Wanted) ([]Drift, error)

func (m *Mirror) lookAll(ctx context.Context, key domain.TrackerKey, progress func(done, total uint64), compare comparing) (Report, error) {
	report := Report{Found: []Finding{}}
	place, err := m.mirrored(ctx, key)
	if err != nil {
		return report, err
	}
	if place.Secret, _, err = m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Tracker.Key, place.Mirror.Site); err != nil {
		return report, err
	}
	err = m.walk(ctx, key, func(ctx context.Context, ids []domain.TicketID) error {
		findings := make([]*Finding, len(ids))
		var group errgroup.Group
		group.SetLimit(looks)
		for i, id := range ids {
			group.Go(func() error {
				findings[i] = m.lookAt(ctx, place, id, compare)
				return ctx.Err()
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, f := range findings {
			report.add(f)
		}
		progress(uint64(report.Tickets), 0)
		return nil
	})
	return report, err
}

// add takes in what was found of a ticket; nil: it is in step, or has no need of a twin.
func (r *Report) add(f *Finding) {
	r.Tickets++
	if f == nil {
		r.InStep++
		return
	}
	switch f.What {
	case "create":
		r.Create++
	case "link":
		r.Link++
	case "change":
		r.Change++
	default:
		r.Failed++
	}
	if len(r.Found) == maxFindings {
		r.More = true
		return
	}
	r.Found = append(r.Found, *f)
}

// walkPage is how many tickets are listed at a time.
const walkPage = 100

func (m *Mirror) walk(ctx context.Context, key domain.TrackerKey, visit func(context.Context, []domain.TicketID) error) error {
	for after := domain.TicketID(""); ; {
		ids, err := m.cfg.TicketsOf(ctx, key, after, walkPage)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := visit(ctx, ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

func (m *Mirror) lookAt(ctx context.Context, place Place, id domain.TicketID, compare comparing) *Finding {
	found, err := m.compare(ctx, place, id, compare)
	if err != nil {
		return &Finding{Ticket: id, What: failed, Error: place.Secret.Redact(err.Error())}
	}
	return found
}

func (m *Mirror) compare(ctx context.Context, place Place, id domain.TicketID, compare comparing) (*Finding, error) {
	whole, err := m.cfg.Commands.Whole(ctx, id)
	if err != nil || !whole.Exists() || whole.Inner.Deleted {
		return nil, err
	}
	twin, has := whole.Inner.Twin(m.name)
	if !has || twin.Site != place.Mirror.Site {
		ref, ok, err := m.cfg.Tool.Find(ctx, place, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			return &Finding{Ticket: id, What: "create"}, nil
		}
		return &Finding{Ticket: id, Twin: ref.ID, What: "link"}, nil
	}
	want, err := m.want(ctx, whole, twin.Site)
	if err != nil {
		return nil, err
	}
	drifts, err := compare(ctx, place, twin, want)
	switch {
	case errors.Is(err, ErrTwinLost):
		return &Finding{Ticket: id, Twin: twin.ID, What: "create", Error: err.Error()}, nil
	case err != nil || len(drifts) == 0:
		return nil, err
	}
	return &Finding{Ticket: id, Twin: twin.ID, What: "change", Drifts: hushDrifts(place, drifts)}, nil
}

func lookOnly(context.Context, ...ticket.Part) error {
	return errors.New("a look writes nothing down")
}
