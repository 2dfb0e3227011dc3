package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// serveFake starts a fiber server that is not Suivi but answers as the test says.
func serveFake(t *testing.T, routes func(app *fiber.App)) *client {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	routes(app)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(app.Shutdown(), <-served); err != nil {
			t.Error(err)
		}
	})
	c := newClient("http://"+listener.Addr().String(), "sui_test", "data/admin.token")
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

func problemJSON(c *fiber.Ctx, status int, body string) error {
	c.Set("Content-Type", "application/problem+json")
	return c.Status(status).SendString(body)
}

func TestClientErrorsSayWhatWhereAndWhatToDo(t *testing.T) {
	t.Parallel()
	c := serveFake(t, func(app *fiber.App) {
		app.Get("/api/v1/401", func(c *fiber.Ctx) error {
			return problemJSON(c, 401, `{"code":"token-unknown","detail":"this token is not valid"}`)
		})
		app.Get("/api/v1/403", func(c *fiber.Ctx) error {
			return problemJSON(c, 403, `{"code":"admin-only","detail":"this is for administrators"}`)
		})
		app.Get("/api/v1/422", func(c *fiber.Ctx) error {
			return problemJSON(c, 422, `{"code":"invalid-input","detail":"summary: 1 to 255 characters","errors":[{"field":"summary","code":"bad-length"}]}`)
		})
		app.Get("/api/v1/500", func(c *fiber.Ctx) error {
			return problemJSON(c, 500, `{"code":"internal","detail":"something went wrong","requestId":"abc"}`)
		})
		app.Get("/api/v1/html", func(c *fiber.Ctx) error { return c.Status(404).SendString("<h1>nginx</h1>") })
		app.Get("/api/v1/text", func(c *fiber.Ctx) error { return c.SendString("hello") })
	})
	tests := map[string]string{
		"/401":  "GET /401: this token is not valid (401 token-unknown); " + c.server + " does not accept the token of data/admin.token: make one with `suivi token create` and give it with --token",
		"/403":  "GET /403: this is for administrators (403 admin-only); give an administrator's token with --token",
		"/422":  "GET /422: summary: 1 to 255 characters (422 invalid-input; summary: bad-length)",
		"/500":  "GET /500: something went wrong (500 internal), request abc; the service's log tells more under this request",
		"/html": "GET /html: " + c.server + " answered 404 Not Found and not like Suivi; is --server right?",
		"/text": "GET /text: read the answer: invalid character 'h' looking for beginning of value",
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var into map[string]any
			if err := c.get(t.Context(), path, nil, &into); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestClientSendsTokenHeadersAndBody(t *testing.T) {
	t.Parallel()
	c := serveFake(t, func(app *fiber.App) {
		app.Put("/api/v1/echo", func(c *fiber.Ctx) error {
			return c.JSON(map[string]string{"token": c.Get("Authorization"), "type": c.Get("Content-Type"), "key": c.Get("Idempotency-Key"),
				"q": c.Query("q"), "body": string(c.Body())})
		})
	})
	var got map[string]string
	_, err := c.do(t.Context(), call{method: "PUT", path: "/echo", query: map[string][]string{"q": {"a b"}},
		headers: map[string]string{"Idempotency-Key": "helpdesk:HELP:Case 1:1:post"}, body: map[string]int{"n": 1}}, &got)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"token": "Bearer sui_test", "type": "application/json", "key": "helpdesk:HELP:Case 1:1:post", "q": "a b", "body": `{"n":1}`}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: got %q want %q", name, got[name], want[name])
		}
	}
}

func TestClientTriesAgainWhileTheServiceIsBusy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		call  call
		tries int32
		fails bool
	}{
		{"a read", call{method: "GET", path: "/busy"}, 3, false},
		{"a write with a key", call{method: "POST", path: "/busy", headers: map[string]string{"Idempotency-Key": "k"}}, 3, false},
		{"a post without a key might be done twice", call{method: "POST", path: "/busy"}, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			c := serveFake(t, func(app *fiber.App) {
				app.All("/api/v1/busy", func(c *fiber.Ctx) error {
					if tries.Add(1) < 3 {
						c.Set("Retry-After", "0")
						return problemJSON(c, 503, `{"code":"read-model-behind","detail":"behind"}`)
					}
					return c.JSON(map[string]bool{"ok": true})
				})
			})
			_, err := c.do(t.Context(), tt.call, nil)
			if (err != nil) != tt.fails || tries.Load() != tt.tries {
				t.Errorf("got %v after %d tries, want failure %v after %d", err, tries.Load(), tt.fails, tt.tries)
			}
			if tt.fails && !hasCode(err, "read-model-behind") {
				t.Errorf("got %v, want the code read-model-behind", err)
			}
		})
	}
}

func TestClientStopsWaitingWhenToldTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := serveFake(t, func(app *fiber.App) {
		app.Get("/api/v1/busy", func(c *fiber.Ctx) error {
			cancel()
			c.Set("Retry-After", "10")
			return problemJSON(c, 503, `{"code":"too-busy","detail":"busy"}`)
		})
	})
	if err := c.get(ctx, "/busy", nil, nil); err == nil {
		t.Error("got no error")
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	c := newClient("http://"+freeAddress(t), "sui_test", "")
	err := c.get(t.Context(), "/me", nil, nil)
	want := "is Suivi running? Start it with `suivi serve`, or name another service with --server"
	if err == nil || !strings.Contains(err.Error(), "cannot reach "+c.server) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v want … %s", err, want)
	}
}

func TestLongWorkTellsProgressAndEndsInAResultOrAnError(t *testing.T) {
	t.Parallel()
	c := serveFake(t, func(app *fiber.App) {
		said := func(path, text string) {
			app.Post("/api/v1"+path, func(c *fiber.Ctx) error { return c.SendString(text) })
		}
		said("/good", "{\"done\":0,\"total\":9}\n{\"done\":9,\"total\":9}\n{\"result\":{\"equal\":true}}\n")
		said("/bad", "{\"done\":0,\"total\":9}\n{\"error\":{\"status\":503,\"code\":\"event-store-unavailable\",\"detail\":\"it does not answer\"}}\n")
		said("/cut", "{\"done\":1,\"total\":9}\n")
	})
	var total int64
	var result struct{ Equal bool }
	err := longWork(t.Context(), c, "/good", func(_, n int64) { total = n }, &result)
	if err != nil || total != 9 || !result.Equal {
		t.Errorf("got %v, total %d, %+v", err, total, result)
	}
	wants := map[string]string{
		"/bad": "POST /bad: it does not answer (503 event-store-unavailable); `suivi doctor` looks at the service and its servers",
		"/cut": "POST /cut: the answer ended without a result; has the service been stopped?",
	}
	for path, want := range wants {
		if err := longWork(t.Context(), c, path, func(int64, int64) {}, nil); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestWhereTheServerAndTheTokenComeFrom(t *testing.T) {
	t.Parallel()
	data, empty := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("server.url", "http://127.0.0.1:4711\n")
	write("admin.token", "sui_local\n")
	tests := []struct {
		name          string
		flags         clientFlags
		server, token string
		wrong         string
	}{
		{"the service of the data folder", clientFlags{data: data}, "http://127.0.0.1:4711", "sui_local", ""},
		{"a local server", clientFlags{data: data, server: "http://localhost:1/"}, "http://localhost:1", "sui_local", ""},
		{"another machine", clientFlags{data: data, server: "https://desk.example", token: "sui_other"}, "https://desk.example", "sui_other", ""},
		{"the local token does not leave the machine", clientFlags{data: data, server: "https://desk.example"}, "", "", "give one of its API tokens with --token"},
		{"no URL", clientFlags{data: data, server: "desk.example"}, "", "", `--server wants a URL like http://127.0.0.1:8080, not "desk.example"`},
		{"no token", clientFlags{data: empty}, "", "", "there is no API token: " + filepath.Join(empty, "admin.token") + " does not exist; start the service there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := tt.flags.open()
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("got %v want … %s …", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.server != tt.server || c.token != tt.token {
				t.Errorf("got %s %s want %s %s", c.server, c.token, tt.server, tt.token)
			}
		})
	}
}
