//go:build !linux

package main

import "os"

// datasync makes what was written to the file durable.
func datasync(file *os.File) error { return file.Sync() }
