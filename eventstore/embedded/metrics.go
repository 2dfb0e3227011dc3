package embedded

import (
	"github.com/prometheus/client_golang/prometheus"

	"suivi/eventstore/embedded/eventlog"
)

// metrics are what a server tells Prometheus of itself. docs/admin.md lists them.
type metrics struct {
	commits, failures, writes, events, bytes prometheus.Counter
	commitSeconds, commitWrites              prometheus.Histogram
	subscriptions                            *prometheus.GaugeVec
	fellBehind                               prometheus.Counter
	position, writable                       prometheus.GaugeFunc
}

const metricsPrefix = "suivi_eventstore_"

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: metricsPrefix + name, Help: help})
	}
	return &metrics{
		commits:  counter("commits_total", "Commits that reached the disk; each waits for one fsync."),
		failures: counter("commit_failures_total", "Commits that the disk refused."),
		writes:   counter("writes_total", "Appends and deletes that were answered, also those that were refused."),
		events:   counter("events_total", "Events written."),
		bytes:    counter("event_bytes_total", "Bytes of data, metadata and type of the events written."),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: metricsPrefix + "commit_seconds", Help: "How long a commit took, from its first write to the disk's answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}),
		commitWrites: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: metricsPrefix + "commit_writes", Help: "How many writes shared a commit.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		subscriptions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: metricsPrefix + "subscriptions", Help: "Catch-up subscriptions under way.",
		}, []string{"to"}),
		fellBehind: counter("subscriptions_fell_behind_total",
			"Times that a live subscription was too slow and had to read from the file again."),
	}
}

// watch adds what is asked of the log when it is wanted.
func (m *metrics) watch(log *eventlog.Log) {
	m.position = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: metricsPrefix + "position", Help: "Position of the newest event.",
	}, func() float64 { return float64(log.End()) })
	m.writable = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: metricsPrefix + "writable", Help: "1 while the disk takes commits, 0 while appends are refused.",
	}, func() float64 {
		if log.Failing() != nil {
			return 0
		}
		return 1
	})
}

// committed is told of every commit.
func (m *metrics) committed(c eventlog.Commit) {
	if c.Err != nil {
		m.failures.Inc()
		return
	}
	m.commits.Inc()
	m.writes.Add(float64(c.Writes))
	m.events.Add(float64(c.Events))
	m.bytes.Add(float64(c.Bytes))
	m.commitSeconds.Observe(c.Took.Seconds())
	m.commitWrites.Observe(float64(c.Writes))
}

// subscribed counts a subscription until the returned function is called.
func (m *metrics) subscribed(r *readRequest) (ended func()) {
	to := "stream"
	if r.all {
		to = "all"
	}
	gauge := m.subscriptions.WithLabelValues(to)
	gauge.Inc()
	return gauge.Dec
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.commits, m.failures, m.writes, m.events, m.bytes, m.commitSeconds, m.commitWrites,
		m.subscriptions, m.fellBehind, m.position, m.writable,
	}
}

// Describe makes a Server a prometheus.Collector.
func (s *Server) Describe(to chan<- *prometheus.Desc) {
	for _, c := range s.metrics.all() {
		c.Describe(to)
	}
	for _, g := range groupGauges() {
		to <- g.desc
	}
	for _, g := range projectionNumbers() {
		to <- g.desc
	}
}

// Collect makes a Server a prometheus.Collector.
func (s *Server) Collect(to chan<- prometheus.Metric) {
	for _, c := range s.metrics.all() {
		c.Collect(to)
	}
	s.collectGroups(to)
	s.collectProjections(to)
}
