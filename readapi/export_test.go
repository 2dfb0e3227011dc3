package readapi

// SetFew says up to how many visible tickets lists and counts go by way of them.
func (a *API) SetFew(n int) { a.few = n }
