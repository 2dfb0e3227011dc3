package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"suivi/eventstore/embedded/linker"
)

// systemProjections are the link streams that the embedded event store is to write.
type systemProjections struct {
	names  []string
	wanted []linker.Projection
}

// addFlag adds the flag; prefix tells that it is the event store's.
func (p *systemProjections) addFlag(flags *pflag.FlagSet, prefix string) {
	flags.StringSliceVar(&p.names, prefix+"projections", nil,
		"link streams that the embedded event store writes for its other clients: by_category, by_event_type, streams, stream_by_category, all (default: none)")
}

// read finds out what the flag named.
func (p *systemProjections) read(prefix string) (err error) {
	if p.wanted, err = linker.Parse(p.names); err != nil {
		return usageError{fmt.Errorf("--%sprojections: %w", prefix, err)}
	}
	return nil
}
