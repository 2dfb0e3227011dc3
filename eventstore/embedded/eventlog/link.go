package eventlog

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// LinkType is the type of an event that stands for another one: its data is
// "revision@stream".
const LinkType = "$>"

// Resolve finds the event that a link stands for. There is none when r is no link,
// or when what it names is gone or was never there.
func (l *Log) Resolve(ctx context.Context, r *Record) (target *Record, found bool, err error) {
	stream, rev, ok := parseLink(r)
	if !ok {
		return nil, false, nil
	}
	st, err := l.FindStream(ctx, stream)
	if err != nil || st.Tombstoned || !st.Readable() {
		return nil, false, err
	}
	first, oldest := st.Window(time.Now())
	if rev < first || rev > st.Last {
		return nil, false, nil
	}
	page, err := l.Revisions(ctx, st, rev, rev, false, 1)
	if err != nil || len(page) == 0 || page[0].Created < oldest {
		return nil, false, err
	}
	return page[0], true, nil
}

func parseLink(r *Record) (stream string, rev int64, ok bool) {
	if r.Type != LinkType {
		return "", 0, false
	}
	revision, stream, ok := strings.Cut(string(r.Data), "@")
	rev, err := strconv.ParseInt(revision, 10, 64)
	return stream, rev, ok && err == nil && rev >= 0
}
