package readapi

import "context"

// SetFew says up to how many visible tickets lists and counts go by way of them.
func (a *API) SetFew(n int) { a.few = n }

// SetMany says which words searches look for in one ticket after the other; 0: all.
func (a *API) SetMany(n int) { a.many = n }

// Common tells which terms of a search are looked for in one ticket after the other.
func (a *API) Common(ctx context.Context, q string) ([]bool, error) {
	return a.common(ctx, searchFor(q))
}
