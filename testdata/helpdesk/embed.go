// Package helpdesklog is the log of a real help desk, in the program: `suivi serve
// --demo` fills a site with it. SOURCE.md tells where it is from.
package helpdesklog

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed helpdesk.csv.gz
var file []byte

// Open reads the file, which is gzipped.
func Open() io.Reader { return bytes.NewReader(file) }
