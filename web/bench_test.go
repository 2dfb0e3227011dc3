package web_test

import (
	"bytes"
	"log/slog"
	"net"
	"testing"

	"suivi/internal/testdb"
	"suivi/web"
)

// BenchmarkAuthenticatedRoute is the least that a request costs: all middleware,
// a real token, a short answer, over kept connections, with a client that costs
// next to nothing.
func BenchmarkAuthenticatedRoute(b *testing.B) {
	benchmarkGet(b, "/api/v1/me", `"createdAt"`)
}

// BenchmarkHealth is the same without a token, for comparison.
func BenchmarkHealth(b *testing.B) { benchmarkGet(b, "/health/live", `{"status":"live"}`) }

func benchmarkGet(b *testing.B, path, want string) {
	b.Helper()
	s := newSite(b, testdb.SQLite(b), web.Config{Logger: slog.New(slog.DiscardHandler)})
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + s.admin + "\r\n\r\n")
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answer := make([]byte, 4096) // an answer comes in one piece
		for p.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			n, err := conn.Read(answer)
			if err != nil || !bytes.Contains(answer[:n], []byte(want)) {
				b.Errorf("%v: %s", err, answer[:n])
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
