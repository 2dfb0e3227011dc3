package readapi

import (
	"strconv"
	"strings"

	"suivi/database"
	"suivi/domain"
)

// statement is a SQL text that grows by fixed fragments, with its arguments. No
// value ever becomes part of the text.
type statement struct {
	text    strings.Builder
	args    []any
	dialect database.Dialect
	notes   bool   // searches look into internal notes as well
	common  []bool // which terms of the search stand in many texts
	found   bool   // the tickets have been found by the other terms
}

// newStatement begins an empty text whose $1 and $2 are those of visible.go's predicates.
func newStatement(actor domain.Actor) *statement {
	return &statement{args: []any{actor.ID, actor.Admin}}
}

// add appends a fixed fragment. Each "$n" in it stands for the next of the arguments.
func (s *statement) add(fragment string, args ...any) {
	s.text.WriteByte('\n')
	for _, arg := range args {
		before, after, _ := strings.Cut(fragment, "$n")
		s.args = append(s.args, arg)
		s.text.WriteString(before + "$" + strconv.Itoa(len(s.args)))
		fragment = after
	}
	s.text.WriteString(fragment)
}
