package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
)

// ceilings measures what parts do alone on this machine: no service can be faster.
func (b *bencher) ceilings(ctx context.Context) error {
	for _, ceiling := range []func(context.Context, string, time.Duration) (load, error){diskCeiling, grpcCeiling, httpCeiling} {
		measured, err := ceiling(ctx, b.folder, b.duration)
		if err != nil {
			return err
		}
		b.say("%s: %.0f/s", measured.What, measured.PerSecond)
		b.report.Ceilings = append(b.report.Ceilings, measured)
	}
	return nil
}

// diskCeiling appends 400 bytes to a file and makes them durable, one append at a time.
func diskCeiling(ctx context.Context, folder string, duration time.Duration) (measured load, err error) {
	file, err := os.Create(filepath.Join(folder, "datasync"))
	if err != nil {
		return measured, fmt.Errorf("make a file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	record := bytes.Repeat([]byte("."), 400)
	return sustain(ctx, "append 400 bytes and fdatasync", 1, duration, func(context.Context, int) error {
		if _, err := file.Write(record); err != nil {
			return err
		}
		return datasync(file)
	})
}

// httpCeiling answers at once, with client and server in this process.
func httpCeiling(ctx context.Context, _ string, duration time.Duration) (measured load, err error) {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/api/v1/noop", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"ok": true}) })
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return measured, fmt.Errorf("listen: %w", err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	defer func() { err = errors.Join(err, app.Shutdown(), <-served) }()
	l, err := newLean(newClient("http://"+listener.Addr().String(), "none", ""))
	if err != nil {
		return measured, err
	}
	defer l.host.CloseIdleConnections()
	body := ticketBody(1)
	return sustain(ctx, "HTTP POST answered at once", 64, duration, func(context.Context, int) error {
		_, err := l.do(http.MethodPost, "/noop", body)
		return err
	})
}
