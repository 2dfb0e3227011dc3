package embedded

import (
	"github.com/prometheus/client_golang/prometheus"

	"suivi/eventstore/embedded/linker"
)

// projectionNumber is a number of each system projection that runs.
type projectionNumber struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(linker.Info) int64
}

func projectionNumbers() []projectionNumber {
	number := func(name, help string, kind prometheus.ValueType, value func(linker.Info) int64) projectionNumber {
		return projectionNumber{prometheus.NewDesc(metricsPrefix+"projection_"+name, help, []string{"projection"}, nil), kind, value}
	}
	return []projectionNumber{
		number("position", "Position up to which a system projection has linked all events.", prometheus.GaugeValue,
			func(i linker.Info) int64 { return i.Position }),
		number("links_total", "Links that a system projection has written since the start.", prometheus.CounterValue,
			func(i linker.Info) int64 { return i.Links }),
	}
}

func (s *Server) collectProjections(to chan<- prometheus.Metric) {
	for _, g := range projectionNumbers() {
		for _, info := range s.linker.Infos() {
			to <- prometheus.MustNewConstMetric(g.desc, g.kind, float64(g.value(info)), string(info.Projection))
		}
	}
}
