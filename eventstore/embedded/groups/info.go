package groups

import (
	"slices"
	"time"
)

// maxLatencies is how many of the newest are measured.
const maxLatencies = 1000

// Info is what can be seen of a group.
type Info struct {
	Key           Key
	Settings      Settings
	After         int64 // up to where all is settled; -1 when nothing is
	Known         int64 // up to where it has read; -1 when nothing is
	Buffered      int
	Retrying      int
	Outstanding   int
	Parked        int64
	Delivered     int64
	SinceMeasured int64 // delivered since somebody looked last
	PerSecond     int
	Consumers     []ConsumerInfo
}

// ConsumerInfo is what can be seen of a consumer.
type ConsumerInfo struct {
	Client        Client
	Delivered     int64
	SinceMeasured int64
	PerSecond     int
	Free          int // events that it could take now
	InFlight      int
	Latencies     []Measurement // with extra statistics
}

// Measurement is a quantile of how long a consumer took, in milliseconds.
type Measurement struct {
	Name  string
	Value int64
}

func (g *group) info() Info {
	now := time.Now()
	info := Info{
		Key: g.key, Settings: g.settings, After: g.checkpoint, Known: g.source.read(),
		Buffered: len(g.buffer), Retrying: len(g.retries), Outstanding: len(g.outstanding), Parked: g.parked.count(),
		Delivered: g.delivered, SinceMeasured: g.delivered - g.measured,
	}
	info.PerSecond = rate(info.SinceMeasured, now.Sub(g.measuredAt))
	for _, c := range g.consumers {
		seen := ConsumerInfo{
			Client: c.client, Delivered: c.delivered, SinceMeasured: c.delivered - c.measured,
			Free: c.room - c.inFlight, InFlight: c.inFlight, Latencies: measure(c.latencies),
			PerSecond: rate(c.delivered, now.Sub(c.joined)),
		}
		c.measured = c.delivered
		info.Consumers = append(info.Consumers, seen)
	}
	g.measured, g.measuredAt = g.delivered, now
	return info
}

func rate(n int64, in time.Duration) int {
	if in <= 0 {
		return 0
	}
	return int(float64(n) / in.Seconds())
}

func measure(latencies []time.Duration) []Measurement {
	if len(latencies) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(latencies))
	var sum time.Duration
	for _, l := range sorted {
		sum += l
	}
	at := func(share float64) int64 { return sorted[int(share*float64(len(sorted)-1))].Milliseconds() }
	return []Measurement{
		{"Mean", (sum / time.Duration(len(sorted))).Milliseconds()}, {"Median", at(0.5)}, {"Fastest", at(0)},
		{"Quintile 1", at(0.2)}, {"Quintile 2", at(0.4)}, {"Quintile 3", at(0.6)}, {"Quintile 4", at(0.8)}, {"Quintile 5", at(1)},
		{"90%", at(0.9)}, {"95%", at(0.95)}, {"99%", at(0.99)}, {"99.5%", at(0.995)}, {"99.9%", at(0.999)}, {"Highest", at(1)},
	}
}
