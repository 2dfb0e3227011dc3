package web

import (
	"bufio"
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/readapi"
)

// SendExport answers with a table for spreadsheets, as it is written. An error after
// its beginning cuts the answer off, so that nobody takes a part for the whole.
func SendExport(c *fiber.Ctx, export *readapi.Export) error {
	conn := c.Context().Conn()
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="tickets.csv"`)
	pour(c, func(ctx context.Context, _ func(), w *bufio.Writer) {
		flush := func() error {
			if conn != nil {
				_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // on a closed connection the write tells as much
			}
			return w.Flush()
		}
		if err := export.Write(ctx, w, flush); err != nil && conn != nil {
			_ = conn.Close()
		}
	})
	return nil
}
