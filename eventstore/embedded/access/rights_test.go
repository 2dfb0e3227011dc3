package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Who calls, in the table of rights.
var callers = map[string]*Identity{
	"anonymous": nil,
	"nobody":    {Login: "nobody"},
	"ada":       {Login: "ada"},
	"bob":       {Login: "bob", Groups: []string{"desk"}},
	"ops":       {Login: "ops", Groups: []string{Ops}},
	"operator":  {Login: "carl", Groups: []string{Ops}},
	"admin":     {Login: "admin"}, // whatever its groups
	"root":      {Login: "root", Groups: []string{"desk", Admins}},
	"own":       own(),
}

// The ACLs of the table: who has the rights $r, $w, $d, $mr and $mw by them. A dash
// leaves a right to the defaults, a dot gives it to nobody.
var lists = map[string]struct{ json, r, w, d, mr, mw string }{
	"none":        {``, "-", "-", "-", "-", "-"},
	"empty":       {`{"$acl":{}}`, "-", "-", "-", "-", "-"},
	"one":         {`{"$acl":{"$r":"ada","$w":"bob","$d":"ada","$mr":"bob","$mw":"ada"}}`, "ada", "bob", "ada", "bob", "ada"},
	"groups":      {`{"$acl":{"$r":["desk"],"$w":["$ops","ada"],"$d":["desk","ada"],"$mr":"$ops","$mw":["desk"]}}`, "desk", "$ops ada", "desk ada", "$ops", "desk"},
	"nobody's":    {`{"$acl":{"$r":[],"$w":[],"$d":[],"$mr":[],"$mw":[]}}`, ".", ".", ".", ".", "."},
	"everybody's": {`{"$acl":{"$r":"$all","$w":["x","$all"],"$d":"$all","$mr":"$all","$mw":"$all"}}`, "$all", "$all", "$all", "$all", "$all"},
	"partly":      {`{"$acl":{"$w":"ada","$mw":"$admins"}}`, "-", "ada", "-", "-", "$admins"},
	"broken":      {`{"$acl":{"$r":"$all","$w":7}}`, ".", ".", ".", ".", "."},
}

// The settings of the table, in the same way, for the two kinds of streams.
var settings = map[string]struct{ json, user, system string }{
	"built in": {``, "$all", "$admins"},
	"closed":   {`{"$userStreamAcl":{"$r":"desk","$w":"desk","$d":"desk","$mr":"desk","$mw":"desk"}}`, "desk", "$admins"},
	"opened":   {`{"$systemStreamAcl":{"$r":"ada","$w":"ada","$d":"ada","$mr":"ada","$mw":"ada"}}`, "$all", "ada"},
	"half":     {`{"$userStreamAcl":{},"$systemStreamAcl":{"$r":[],"$w":[],"$d":[],"$mr":[],"$mw":[]}}`, "$all", "."},
}

// TestRights compares every caller, operation, ACL and setting with rules that are
// written down here once more, in the plainest way.
func TestRights(t *testing.T) {
	t.Parallel()
	for settingsName, setting := range settings {
		t.Run(settingsName, func(t *testing.T) {
			t.Parallel()
			log := openLog(t)
			c := control(t, log)
			closed, err := New(log, false)
			if err != nil {
				t.Fatal(err)
			}
			if setting.json != "" {
				write(t, log, "$settings", "$settings", setting.json)
			}
			for listName, list := range lists {
				for _, stream := range []string{"user-", "$system-"} {
					stream += listName
					if list.json != "" {
						setMetadata(t, log, stream, list.json)
					}
					byKind := setting.user
					if strings.HasPrefix(stream, "$") {
						byKind = setting.system
					}
					for who, id := range callers {
						for _, step := range []struct {
							op     Operation
							stream string
							word   string // the ACL's answer
						}{
							{Read, stream, list.r}, {Write, stream, list.w}, {Delete, stream, list.d},
							{Read, "$$" + stream, list.mr}, {Write, "$$" + stream, list.mw}, {Delete, "$$" + stream, "never"},
							{Consume, stream, list.r}, {Consume, "$$" + stream, list.mr},
						} {
							want := referenceACL(who, step.word, byKind) && (step.op != Consume || who != "anonymous")
							check(t, c, id, step.op, step.stream, want, who, listName)
							check(t, closed, id, step.op, step.stream, want && who != "anonymous", who+", none without a login", listName)
						}
					}
				}
			}
		})
	}
}

//nolint:revive // a line of the table
func check(t *testing.T, c *Control, id *Identity, op Operation, stream string, want bool, who, list string) {
	t.Helper()
	got, err := c.Allowed(t.Context(), id, op, stream)
	if err != nil || got != want {
		t.Errorf("%s, operation %d on %s with the ACL %q: got %v, %v, want %v", who, op, stream, list, got, err, want)
	}
}

// referenceACL answers from words: who has a right by the stream's list, or else by
// the default's.
func referenceACL(who, word, byKind string) bool {
	if word == "never" {
		return false
	}
	if who == "admin" || who == "root" || who == "own" {
		return true
	}
	if word == "-" {
		word = byKind
	}
	roles := map[string]string{"anonymous": "", "nobody": "nobody", "ada": "ada", "bob": "bob desk", "ops": "ops $ops", "operator": "carl $ops"}
	for named := range strings.FieldsSeq(word) {
		if named == "$all" || slices.Contains(strings.Fields(roles[who]), named) {
			return true
		}
	}
	return false
}

func TestOperationsOnTheServer(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	for who, id := range callers {
		operator := who == "ops" || who == "operator" || who == "admin" || who == "root" || who == "own"
		check(t, c, id, Administer, "", operator, who, "")
		check(t, c, id, Inspect, "", who != "anonymous", who, "")
	}
}

func TestAllEventsAreForAdministratorsUntilTheyAreOpened(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	admin, ada := callers["admin"], callers["ada"]
	check(t, c, admin, Read, "$all", true, "admin", "none")
	check(t, c, ada, Read, "$all", false, "ada", "none")
	setMetadata(t, log, "$all", `{"$acl":{"$r":"ada","$w":"ada","$d":"ada"}}`)
	check(t, c, ada, Read, "$all", true, "ada", "own")
	check(t, c, ada, Consume, "$all", true, "ada", "own")
	for _, op := range []Operation{Write, Delete} {
		check(t, c, ada, op, "$all", false, "ada", "own")
		check(t, c, admin, op, "$all", false, "admin", "own")
	}
}

func TestAnACLCanNameADefault(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	setMetadata(t, log, "secret", `{"$acl":"$systemStreamAcl"}`)
	setMetadata(t, log, "$open", `{"$acl":"$userStreamAcl"}`)
	check(t, c, callers["ada"], Read, "secret", false, "ada", "system's")
	check(t, c, callers["ada"], Read, "$open", true, "ada", "user's")
}

// Rights change with the next call after a write, also when the memory is full of
// others or when more was written than it can look through.
func TestRightsFollowTheLog(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	ada := callers["ada"]
	for round := range 3 {
		if round == 2 {
			log.LimitTail(8, 1<<20)
		}
		for i := range 20 {
			open := i%2 == 0
			setMetadata(t, log, "s", fmt.Sprintf(`{"$acl":{"$r":%q}}`, map[bool]string{true: "ada", false: "bob"}[open]))
			for range 20 * round {
				write(t, log, "other", "x", `{}`)
			}
			check(t, c, ada, Read, "s", open, "ada", "changing")
			check(t, c, ada, Read, "s", open, "ada", "remembered")
		}
	}
	write(t, log, "$settings", "$settings", `{"$userStreamAcl":{"$r":"bob"}}`)
	check(t, c, ada, Read, "t", false, "ada", "settings")
	write(t, log, "$settings", "$settings", `{"$userStreamAcl":{"$r":"ada"}}`)
	check(t, c, ada, Read, "t", true, "ada", "settings")
}

// A big ACL is obeyed, though it is not remembered.
func TestABigACLIsObeyed(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	names := strings.Repeat(`"somebody",`, 10_000)
	setMetadata(t, log, "s", `{"$acl":{"$r":[`+names+`"ada"]}}`)
	check(t, c, callers["ada"], Read, "s", true, "ada", "big")
	check(t, c, callers["bob"], Read, "s", false, "bob", "big")
	if c.memory.acls.Len() != 0 {
		t.Error("it is remembered")
	}
}
