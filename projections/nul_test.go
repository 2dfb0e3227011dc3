package projections_test

import "strings"

// replaceNUL replaces the JSON escape of U+0000; an escaped backslash before
// "u0000" is none.
func replaceNUL(json string) string {
	parts := strings.Split(json, `\\`)
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], `\u0000`, "\ufffd")
	}
	return strings.Join(parts, `\\`)
}
