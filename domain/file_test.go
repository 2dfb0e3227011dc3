package domain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFileNamesAreOfAnyScriptAndLeadNowhere(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"photo.jpg":                          "photo.jpg",
		"Übersicht – 概要 (1).pdf":             "Übersicht – 概要 (1).pdf",
		"../../etc/passwd":                   "passwd",
		`C:\Users\ada\.ssh\id_rsa`:           "id_rsa",
		"..":                                 "file",
		"a/..":                               "file",
		"":                                   "file",
		" . ":                                "file",
		"/":                                  "file",
		".profile":                           ".profile",
		"a\r\nSet-Cookie: x\x00.txt":         "aSet-Cookie: x.txt",
		"invoice\u202egpj.exe":               "invoicegpj.exe",
		"bad\xff.txt":                        "bad.txt",
		`<img src=x onerror=alert(1)>.png`:   `<img src=x onerror=alert(1)>.png`,
		strings.Repeat("é", 150) + ".tar.gz": strings.Repeat("é", 98) + ".gz",
		strings.Repeat("x", 300):             strings.Repeat("x", 200),
	} {
		got := CleanFileName(given)
		if got != want || len(got) > maxFileName || !utf8.ValidString(got) || CleanFileName(got) != got {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestAttachmentIDs(t *testing.T) {
	t.Parallel()
	one, two := NewAttachmentID("", 0), NewAttachmentID("", 0)
	if one == two || !one.Valid() || !two.Valid() {
		t.Errorf("got %s and %s, want two", one, two)
	}
	same := NewAttachmentID("seed", 1)
	if same != NewAttachmentID("seed", 1) || same == NewAttachmentID("seed", 2) || same == NewAttachmentID("seek", 1) || !same.Valid() {
		t.Errorf("got %s: want one for each seed and number", same)
	}
	for _, wrong := range []AttachmentID{"", "att_", "att_../../../../../../../../x", "usr_" + one[4:], one + "A", one[:len(one)-1]} {
		if wrong.Valid() {
			t.Errorf("%q is valid", wrong)
		}
	}
}
