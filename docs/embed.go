// Package docs is the documents for people, in the program: its pages show them.
package docs

import (
	"embed"
	"io/fs"
)

//go:embed guide user.md admin.md glossary.md
var files embed.FS

// Files are the guides with their pictures, and what they lead to, by their paths in this folder.
func Files() fs.FS { return files }
