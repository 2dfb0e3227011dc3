package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/eventstore"
)

// Report is what Verify found.
type Report struct {
	Equal       bool       `json:"equal"`
	Projections []Verified `json:"projections"`
}

// Verified is what Verify found about one projection.
type Verified struct {
	Name        string   `json:"name"`
	Events      int64    `json:"events"` // that the rows are made of
	Rows        int64    `json:"rows"`
	Equal       bool     `json:"equal"`
	Differences []string `json:"differences"` // the first few, in words
}

// Verify builds all read models once more beside the live ones and compares the
// two, both ways. The live ones go on meanwhile. Differences are no error.
func (p *Projections) Verify(ctx context.Context, progress func(done, total uint64)) (Report, error) {
	if err := p.prepare(ctx); err != nil {
		return Report{}, err
	}
	release, err := p.peers.lockBuilds(ctx, verify)
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	defer release()
	b, err := p.newBuild(ctx, models(), verify, progress)
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	report, err := b.verify(ctx)
	// The tables go also when ctx has ended.
	if err := errors.Join(err, b.discard(context.WithoutCancel(ctx))); err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	return report, nil
}

func (b *build) verify(ctx context.Context) (Report, error) {
	at, err := b.resume(ctx)
	if err != nil {
		return Report{}, err
	}
	if !at.IsZero() { // zero would mean all
		if err := b.fill(ctx, at); err != nil {
			return Report{}, err
		}
	}
	snapshot, err := b.snapshot(ctx)
	if err != nil {
		return Report{}, err
	}
	b.tell(eventstore.Position{}, true)
	report, err := b.compare(ctx, snapshot)
	return report, errors.Join(err, rollback(snapshot))
}

// snapshot is a view of the tables at a moment when the build and the live
// tables have the same events.
func (b *build) snapshot(ctx context.Context) (*sqlx.Tx, error) {
	b.applying.Lock()
	defer b.applying.Unlock()
	release, err := b.peers.hold(ctx, names(b.models))
	if err != nil {
		return nil, err
	}
	defer release()
	at, err := b.together(ctx)
	if err != nil {
		return nil, err
	}
	rest, err := b.rest(ctx, at)
	if err != nil {
		return nil, err
	}
	if err := b.apply(ctx, rest); err != nil {
		return nil, err
	}
	tx, err := b.db.Read.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin a reading transaction: %w", err)
	}
	if _, err := liveCheckpoints(ctx, tx); err != nil { // the first look fixes the view
		return nil, errors.Join(err, rollback(tx))
	}
	return tx, nil
}

// together is the position of all live tables. Just after a rebuild of one that
// was behind they may differ for a moment.
func (b *build) together(ctx context.Context) (eventstore.Position, error) {
	at, err := liveCheckpoints(ctx, b.db.Read)
	if err != nil {
		return eventstore.Position{}, err
	}
	common, err := b.common(at)
	if err != nil {
		return eventstore.Position{}, err
	}
	for name, c := range at {
		if c.position() != common {
			return eventstore.Position{}, domain.Errorf(domain.Unavailable, "read-model-behind", "%s is ahead of the other projections; try again when they are level", name)
		}
	}
	return common, nil
}

func (b *build) compare(ctx context.Context, tx *sqlx.Tx) (Report, error) {
	at, err := liveCheckpoints(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	report := Report{Equal: true}
	for _, m := range b.models {
		v := Verified{Name: m.name(), Events: at[m.name()].Events, Differences: []string{}}
		for _, t := range m.tables() {
			rows, differences, err := t.compare(ctx, tx)
			if err != nil {
				return Report{}, fmt.Errorf("compare the table %s: %w", t.name, err)
			}
			v.Rows += rows
			v.Differences = append(v.Differences, differences...)
		}
		v.Equal = len(v.Differences) == 0
		report.Equal = report.Equal && v.Equal
		report.Projections = append(report.Projections, v)
	}
	return report, nil
}
