package readapi

import (
	"github.com/gofiber/fiber/v2"
)

// window is which part of a list in one fixed order is asked for: at most limit
// rows after a key that counts up.
type window struct {
	of    string // the question that cursors belong to
	after int64
	limit int
}

// window reads "limit" and "cursor".
func (p *params) window(of string) window {
	w := window{of: of, limit: p.limit()}
	p.cursor(of, &w.after)
	return w
}

// cut takes the row off that was read only to know whether there are more.
func cut[T any](rows []T, limit int) (page []T, more bool) {
	if len(rows) > limit {
		return rows[:limit], true
	}
	return rows, false
}

// page answers with the rows under their name, of which one more than the limit
// was read, and a cursor when there are more.
func page[T, K any](c *fiber.Ctx, name string, rows []T, w window, key func(T) K) error {
	return pageWhere(c, name, rows, w, key, func(T) bool { return true })
}

// pageWhere is page with those rows alone that are kept: a page may have fewer
// rows than its limit, or none, and a next one all the same.
func pageWhere[T, K any](c *fiber.Ctx, name string, rows []T, w window, key func(T) K, keep func(T) bool) error {
	rows, more := cut(rows, w.limit)
	kept := make([]T, 0, len(rows))
	for _, row := range rows {
		if keep(row) {
			kept = append(kept, row)
		}
	}
	answer := fiber.Map{name: kept}
	if more {
		next, err := nextCursor(w.of, key(rows[len(rows)-1]), "")
		if err != nil {
			return err
		}
		answer["next"] = next
	}
	return c.JSON(answer)
}

// pageByText is page for a list whose key is a text.
func pageByText[T any](c *fiber.Ctx, name string, rows []T, of string, limit int, key func(T) string) error {
	rows, more := cut(rows, limit)
	answer := fiber.Map{name: rows}
	if more {
		next, err := nextCursor(of, key(rows[len(rows)-1]), "")
		if err != nil {
			return err
		}
		answer["next"] = next
	}
	return c.JSON(answer)
}
