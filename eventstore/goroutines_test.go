package eventstore_test

import (
	"bufio"
	"bytes"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// watchGoroutines makes the test fail if a goroutine outlives it that it started,
// itself or by others. Call it first: what is cleaned up later is seen to be clean.
func watchGoroutines(t *testing.T) {
	t.Helper()
	mark := uuid.NewString()
	pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(), pprof.Labels("test", mark)))
	t.Cleanup(func() {
		pprof.SetGoroutineLabels(t.Context()) // has none
		eventually(t, "no goroutine is left of "+t.Name(), func() bool { return len(marked(mark)) == 0 })
	})
}

// marked finds the stacks of goroutines with a label.
func marked(mark string) []string {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	var found []string
	var stack strings.Builder
	lines := bufio.NewScanner(&profile)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if lines.Text() != "" {
			stack.WriteString(lines.Text() + "\n")
			continue
		}
		if strings.Contains(stack.String(), mark) {
			found = append(found, stack.String())
		}
		stack.Reset()
	}
	if strings.Contains(stack.String(), mark) {
		found = append(found, stack.String())
	}
	return found
}
