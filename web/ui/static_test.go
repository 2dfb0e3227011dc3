package ui

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

// htmxSum is of htmx 2.0.11, dist/htmx.min.js as npm has it.
const htmxSum = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"

func TestHtmxIsTheOneThatWasLookedAt(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("static/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(script)
	if got := hex.EncodeToString(sum[:]); got != htmxSum || !bytes.Contains(script, []byte(`version:"2.0.11"`)) {
		t.Errorf("got %s, want %s, which is version 2.0.11", got, htmxSum)
	}
	licence, err := os.ReadFile("static/htmx.LICENSE")
	if err != nil || !bytes.Contains(licence, []byte("Zero-Clause BSD")) {
		t.Errorf("its licence is missing: %v", err)
	}
}

func TestStaticFilesAreNamedAfterTheirContent(t *testing.T) {
	t.Parallel()
	s, err := readStatic()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ui.css", "ui.js", "htmx.min.js", "icon.svg"} {
		if s.urls[name] == "" {
			t.Errorf("%s is not served", name)
		}
	}
	if s.urls["htmx.LICENSE"] != "" {
		t.Error("a licence is served")
	}
	if a, b := hashedName("ui.css", []byte("a")), hashedName("ui.css", []byte("b")); a == b || a != hashedName("ui.css", []byte("a")) {
		t.Errorf("got %s and %s", a, b)
	}
}
