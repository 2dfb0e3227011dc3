package eventlog

import (
	"context"
	"database/sql"
	"errors"
)

// How many streams' heads the journal remembers; others cost a query.
const rememberedHeads = 1 << 16

// head is where a stream ends, as the open group sees it.
type head struct {
	name        string
	id          int64 // 0 while the stream has never been written
	last        int64 // last revision, noEvents, or tombstoneRevision
	softDeleted bool
}

// head finds where a stream ends. Only the group's own transaction is asked, so
// earlier members of the group count.
func (j *journal) head(ctx context.Context, stream string) (*head, error) {
	if h, ok := j.heads.Get(stream); ok {
		return h, nil
	}
	if err := j.flush(ctx); err != nil {
		return nil, err
	}
	h := &head{name: stream, last: NoEvents}
	err := j.stmts.head.QueryRowContext(ctx, stream).Scan(&h.id, &h.last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if _, isMeta := OriginalOf(stream); !isMeta {
		data, err := j.metadata(ctx, stream)
		if err != nil {
			return nil, err
		}
		h.softDeleted = parseMetadata(data).SoftDeleted()
	}
	j.heads.Add(stream, h)
	return h, nil
}

// Metadata reads a stream's metadata as it was written; nil when there is none.
func (j *journal) metadata(ctx context.Context, stream string) ([]byte, error) {
	if err := j.flush(ctx); err != nil {
		return nil, err
	}
	var data []byte
	err := j.stmts.metadata.QueryRowContext(ctx, MetastreamOf(stream)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return data, err
}

// Tombstoned tells whether a stream has ended for ever; a metastream ends with its stream.
func (j *journal) tombstoned(ctx context.Context, h *head) (bool, error) {
	original, isMeta := OriginalOf(h.name)
	if !isMeta {
		return h.last == TombstoneRevision, nil
	}
	of, err := j.head(ctx, original)
	if err != nil {
		return false, err
	}
	return of.last == TombstoneRevision, nil
}

// exists tells whether a stream has events or at least metadata.
func (j *journal) exists(ctx context.Context, h *head) (bool, error) {
	if h.last != NoEvents {
		return true, nil
	}
	meta, err := j.head(ctx, MetastreamOf(h.name))
	if err != nil {
		return false, err
	}
	return meta.last != NoEvents, nil
}
