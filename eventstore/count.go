package eventstore

import "context"

// Count counts the events after a position that the filter chooses, up to most.
func (s *Store) Count(ctx context.Context, after Position, filter Filter, most uint64) (uint64, error) {
	var n uint64
	for _, err := range s.ReadAll(ctx, after, filter) {
		if err != nil {
			return 0, err
		}
		n++
		if n == most {
			break
		}
	}
	return n, nil
}
