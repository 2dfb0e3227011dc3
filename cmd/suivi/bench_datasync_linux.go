package main

import (
	"os"
	"syscall"
)

// datasync makes what was written to the file durable, without its times.
func datasync(file *os.File) error { return syscall.Fdatasync(int(file.Fd())) }
