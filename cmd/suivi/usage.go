package main

// usageError is a command line that cannot be understood; the program then ends with 2 instead of 1.
type usageError struct{ error }

// Unwrap gives the error itself, for errors.Is and errors.As.
func (e usageError) Unwrap() error { return e.error }
