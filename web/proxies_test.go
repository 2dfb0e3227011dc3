package web_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"suivi/web"
)

func TestOnlyTrustedProxiesAreBelievedWhatTheySayOfAClient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		proxies      string
		forwardedFor []string
		want         string // of a request that comes from 127.0.0.1 and says https
	}{
		{"", []string{"203.0.113.5"}, "127.0.0.1 false"},
		{"192.0.2.0/24", []string{"203.0.113.5"}, "127.0.0.1 false"},
		{"127.0.0.1", nil, "127.0.0.1 true"},
		{"127.0.0.1", []string{"203.0.113.5"}, "203.0.113.5 true"},
		{"127.0.0.1", []string{"10.9.9.9, 203.0.113.5"}, "203.0.113.5 true"}, // the first is what the client claims
		{"127.0.0.1", []string{"10.9.9.9", "203.0.113.5"}, "203.0.113.5 true"},
		{"127.0.0.0/8,10.0.0.0/8", []string{"198.51.100.1, 203.0.113.5, 10.1.2.3"}, "203.0.113.5 true"},
		{"127.0.0.0/8,10.0.0.0/8", []string{"10.1.2.3"}, "10.1.2.3 true"},
		{"127.0.0.1", []string{"2001:db8::1"}, "2001:db8::1 true"},
		{"127.0.0.1", []string{"::ffff:203.0.113.5"}, "203.0.113.5 true"},
		{"127.0.0.1", []string{"nonsense, unknown"}, "127.0.0.1 true"},
		{"127.0.0.1", []string{"203.0.113.5, unknown"}, "127.0.0.1 true"},
	}
	for _, tt := range tests {
		t.Run(tt.proxies+" "+strings.Join(tt.forwardedFor, "|"), func(t *testing.T) {
			t.Parallel()
			proxies, err := web.ReadProxies(strings.FieldsFunc(tt.proxies, func(r rune) bool { return r == ',' }))
			if err != nil {
				t.Fatal(err)
			}
			if got := asked(t, proxies, tt.forwardedFor); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	for _, wrong := range []string{"", "proxy.example.org", "10.0.0.0/33"} {
		if got, err := web.ReadProxies([]string{wrong}); err == nil || !strings.Contains(err.Error(), "10.0.0.0/8") {
			t.Errorf("%q: got %v, %v", wrong, got, err)
		}
	}
}

// asked is what the proxies make of a request from 127.0.0.1 that says it came by https.
func asked(t *testing.T, proxies web.Proxies, forwardedFor []string) string {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		address, https := proxies.Client(c)
		return c.SendString(fmt.Sprint(address, " ", https))
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["X-Forwarded-For"] = forwardedFor
	req.Header.Set("X-Forwarded-Proto", "https")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
