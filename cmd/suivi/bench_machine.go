package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is where a bench ran. What cannot be found out is empty or 0.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory uint64 `json:"memory"` // bytes
	Disk   string `json:"disk"`   // file system and device of the scratch folder
	System string `json:"system"`
	Go     string `json:"go"`
}

// thisMachine looks into /proc; elsewhere than on Linux little is found.
func thisMachine(folder string) machine {
	m := machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Disk: fileSystem(folder)}
	m.CPU = procField("/proc/cpuinfo", "model name")
	m.Memory, _ = kilobytes(procField("/proc/meminfo", "MemTotal"))
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(release))
	}
	return m
}

// residentBytes is how much of the process is in memory.
func residentBytes(pid int) (bytes uint64, ok bool) {
	return kilobytes(procField("/proc/"+strconv.Itoa(pid)+"/status", "VmRSS"))
}

// procField is the value of the first line "name: value" of a file.
func procField(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func kilobytes(text string) (bytes uint64, ok bool) {
	n, err := strconv.ParseUint(strings.TrimSuffix(text, " kB"), 10, 64)
	return n << 10, err == nil
}

// fileSystem is the type and device of the mount that holds the folder.
func fileSystem(folder string) string {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return ""
	}
	best, found := "", ""
	for line := range strings.Lines(string(mounts)) {
		parts := strings.Fields(line) // device, mount point, type
		if len(parts) < 3 || len(parts[1]) < len(best) {
			continue
		}
		if at := strings.TrimSuffix(parts[1], "/"); folder == at || strings.HasPrefix(folder, at+"/") {
			best, found = parts[1], parts[2]+" on "+parts[0]
		}
	}
	return found
}
