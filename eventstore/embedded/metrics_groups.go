package embedded

import (
	"github.com/prometheus/client_golang/prometheus"

	"suivi/eventstore/embedded/groups"
)

// groupGauge is a number of each persistent subscription.
type groupGauge struct {
	desc  *prometheus.Desc
	value func(groups.Info) float64
}

func groupGauges() []groupGauge {
	gauge := func(name, help string, value func(groups.Info) float64) groupGauge {
		return groupGauge{prometheus.NewDesc(metricsPrefix+"group_"+name, help, []string{"source", "group"}, nil), value}
	}
	return []groupGauge{
		gauge("consumers", "Consumers of a persistent subscription.", func(i groups.Info) float64 { return float64(len(i.Consumers)) }),
		gauge("outstanding", "Events that consumers have and have not settled.", func(i groups.Info) float64 { return float64(i.Outstanding) }),
		gauge("waiting", "Events that were read and wait for a consumer.", func(i groups.Info) float64 { return float64(i.Buffered + i.Retrying) }),
		gauge("parked", "Events that were put aside.", func(i groups.Info) float64 { return float64(i.Parked) }),
		gauge("checkpoint", "Revision or position up to which all is settled; -1 for none.", func(i groups.Info) float64 { return float64(i.After) }),
	}
}

func (s *Server) collectGroups(to chan<- prometheus.Metric) {
	infos, err := s.groups.List("")
	if err != nil { // the server is closing
		return
	}
	for _, g := range groupGauges() {
		for _, info := range infos {
			to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value(info), info.Key.Source, info.Key.Group)
		}
	}
}
