package ui

import (
	"slices"
	"testing"

	"suivi/accounts"
	"suivi/domain/dependency"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func TestEveryDeedIsOfOneKindInTheAudit(t *testing.T) {
	t.Parallel()
	var got []accounts.DeedKind
	for _, k := range auditKinds() {
		got = append(got, k.deeds...)
	}
	want := accounts.DeedKinds()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the kinds have\n%v\nwant\n%v", got, want)
	}
}

func TestEveryEventIsOfOneKindInTheAudit(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range auditKinds() {
		got = append(got, typesOf(k.name)...)
	}
	want := slices.Concat(ticket.Types(), dependency.Types(), tracker.Types(), library.Types())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the kinds have\n%v\nwant\n%v", got, want)
	}
}
