package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveMetrics serves what monitoring asks for until ctx ends: /metrics for
// Prometheus, /health/live (the process answers) and /health/ready (200 as long as
// healthy has nothing to say). It is of its own address, since it is not for users.
func serveMetrics(ctx context.Context, listen string, healthy func(context.Context) error, parts ...prometheus.Collector) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --metrics-listen", err)
	}
	handler, err := metricsHandler(healthy, parts...)
	if err != nil {
		return err
	}
	return serveUntil(ctx, listener, handler)
}

func metricsHandler(healthy func(context.Context) error, parts ...prometheus.Collector) (http.Handler, error) {
	registry := prometheus.NewRegistry()
	for _, part := range append(parts, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})) {
		if err := registry.Register(part); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, r *http.Request) {
		if err := healthy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux, nil
}
