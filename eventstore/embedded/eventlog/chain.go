package eventlog

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"
)

// Each event carries a link of a chain over the log up to and with it:
//
//	link(n) = SHA-256(link(n-1) ‖ digest(n))
//
// where digest is over everything that the event says and its place, and the
// chain of a log begins with the log's own id. So no event can be altered, left
// out, put in or moved without changing every link after it. When an event is
// scavenged, its digest stays, and the chain holds.

// link is a value of the chain.
type link = [sha256.Size]byte

const (
	chainContext  = "suivi event log, version 1\n"
	digestContext = "suivi event, version 1\n"
)

func firstLink(logID uuid.UUID) link {
	return sha256.Sum256(append([]byte(chainContext), logID[:]...))
}

func nextLink(before link, digest [sha256.Size]byte) link {
	var both [2 * sha256.Size]byte
	copy(both[:], before[:])
	copy(both[sha256.Size:], digest[:])
	return sha256.Sum256(both[:])
}

// digest is over the event and its place. Parts of no fixed size have their
// length before them, so that no two events are digested alike.
func (r *Record) digest() [sha256.Size]byte {
	b := make([]byte, 0, 1024)
	b = append(b, digestContext...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Pos))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Rev))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Created))
	b = append(b, r.ID[:]...)
	if r.JSON {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = appendSized(b, r.Stream)
	b = appendSized(b, r.Type)
	b = appendSized(b, r.Data)
	b = appendSized(b, r.Metadata)
	return sha256.Sum256(b)
}

func appendSized[T string | []byte](b []byte, part T) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(part))), part...)
}
