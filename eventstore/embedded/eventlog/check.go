package eventlog

import (
	"bytes"
	"context"
)

// verdict is what checkWrite decides: write, or answer with outcome.
type verdict struct {
	write   bool
	outcome Outcome
}

// checkWrite applies the server's table of expected revisions and idempotency.
// A write that repeats an earlier one succeeds with the earlier one's outcome.
func (j *journal) checkWrite(ctx context.Context, h *head, w *Write) (verdict, error) {
	gone, err := j.tombstoned(ctx, h)
	if err != nil {
		return verdict{}, err
	}
	if gone {
		return refuse(&DeletedError{Stream: h.name}), nil
	}
	switch {
	case w.Expected == ExpectStreamExists || w.Expected == ExpectAny:
		return j.checkUnnumbered(ctx, h, w)
	case w.Expected == h.last:
		return verdict{write: true}, nil
	case w.Expected > h.last:
		return refuse(wrongVersion(h, w)), nil
	default:
		return j.checkRepeated(ctx, h, w)
	}
}

// checkUnnumbered decides when no revision was given: only recent events can be recognised.
func (j *journal) checkUnnumbered(ctx context.Context, h *head, w *Write) (verdict, error) {
	if w.Expected == ExpectStreamExists {
		if h.softDeleted {
			return refuse(&DeletedError{Stream: h.name}), nil
		}
		exists, err := j.exists(ctx, h)
		if err != nil {
			return verdict{}, err
		}
		if !exists {
			return refuse(wrongVersion(h, w)), nil
		}
	}
	var last committed
	for i, event := range w.Events {
		known, ok := j.recent.find(event.ID)
		if !ok || known.streamID != h.id {
			if i == 0 {
				return verdict{write: true}, nil
			}
			return refuse(wrongVersion(h, w)), nil
		}
		last = known
	}
	if len(w.Events) == 0 {
		return verdict{write: true}, nil
	}
	return verdict{outcome: Outcome{Last: last.rev, Pos: last.pos}}, nil
}

// checkRepeated decides when the stream is beyond the expected revision: it is a
// repetition if just these events follow there.
func (j *journal) checkRepeated(ctx context.Context, h *head, w *Write) (verdict, error) {
	same, last, err := j.compareIDs(ctx, h, w.Expected, w.Events)
	if err != nil {
		return verdict{}, err
	}
	switch {
	case len(w.Events) > 0 && same == len(w.Events):
		return verdict{outcome: Outcome{Last: last.rev, Pos: last.pos}}, nil
	case len(w.Events) > 0 && same == 0 && w.Expected == ExpectNoStream && h.softDeleted:
		return verdict{write: true}, nil
	default:
		return refuse(wrongVersion(h, w)), nil
	}
}

// compareIDs counts how many of events stand in the stream right after a revision, one by one.
func (j *journal) compareIDs(ctx context.Context, h *head, after int64, events []Proposed) (same int, last committed, err error) {
	if err := j.flush(ctx); err != nil {
		return 0, last, err
	}
	rows, err := j.stmts.idsAfter.QueryContext(ctx, h.id, after, len(events))
	if err != nil {
		return 0, last, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		at := committed{streamID: h.id}
		if err := rows.Scan(&at.rev, &at.pos, &id); err != nil {
			return 0, last, err
		}
		if !bytes.Equal(id, events[same].ID[:]) {
			break
		}
		same, last = same+1, at
	}
	return same, last, rows.Err()
}

func wrongVersion(h *head, w *Write) error {
	return &VersionError{Stream: h.name, Expected: w.Expected, Actual: h.last}
}

func refuse(err error) verdict { return verdict{outcome: Outcome{err: err}} }
