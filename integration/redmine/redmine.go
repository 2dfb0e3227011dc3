// Package redmine keeps issues of a Redmine in step with tickets. It knows
// Redmine's REST API, versions 5.0 to 7.0, as it really behaves: what Redmine
// ignores without a word is found by reading back.
package redmine
