package tracker

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

var mirror = Mirror{
	Tool: "redmine", Site: "https://r.example.org/sub", Secret: "key", Project: "support", Direction: Outwards, Deletion: KeepTwin,
	Mapping: Mapping{
		States: map[State]string{Open: "1"}, People: map[domain.UserID]string{helper.ID: "jane"}, Fixed: map[string]string{"type": "3"},
		Fields: map[string]FieldMapping{"product": {As: "priority", Answers: map[string]string{"a": "4"}}},
	},
}

func TestAMirrorIsConfiguredByWhoMayConfigure(t *testing.T) {
	t.Parallel()
	with := func(change func(*Mirror)) SetMirror {
		m := mirror
		change(&m)
		return SetMirror{m}
	}
	simple := with(func(m *Mirror) { m.Site += "/"; m.Direction, m.Deletion = "", "" })
	for name, c := range map[string]struct {
		given []Event
		when  Command
		by    domain.Actor
		then  []Event
		code  string
		field string
	}{
		"a manager sets it":                  {when: SetMirror{mirror}, then: []Event{MirrorSet{mirror}}},
		"outwards and keeping, unless named": {when: simple, then: []Event{MirrorSet{mirror}}},
		"the same is nothing":                {given: []Event{MirrorSet{mirror}}, when: simple},
		"another in its place":               {given: []Event{MirrorSet{mirror}}, when: with(func(m *Mirror) { m.Project = "p" }), then: []Event{with(func(m *Mirror) { m.Project = "p" }).event()}},
		"a developer does not":               {when: SetMirror{mirror}, by: helper, code: "right-missing"},
		"nor in an archived tracker":         {given: []Event{Archived{}}, when: SetMirror{mirror}, code: "tracker-archived"},
		"a tool has a name":                  {when: with(func(m *Mirror) { m.Tool = "Red mine" }), code: "bad-tool", field: "tool"},
		"a secret has a name":                {when: with(func(m *Mirror) { m.Secret = "" }), code: "bad-secret-name", field: "secret"},
		"a site is on the web":               {when: with(func(m *Mirror) { m.Site = "ftp://example.org" }), code: "bad-url", field: "site"},
		"and holds no login":                 {when: with(func(m *Mirror) { m.Site = "https://me:secret@example.org" }), code: "bad-url", field: "site"},
		"nor a key":                          {when: with(func(m *Mirror) { m.Site = "https://example.org?key=1" }), code: "bad-url", field: "site"},
		"a project is needed":                {when: with(func(m *Mirror) { m.Project = " " }), code: "required", field: "project"},
		"a direction is known":               {when: with(func(m *Mirror) { m.Direction = "in" }), code: "unknown-direction", field: "direction"},
		"so is a deletion":                   {when: with(func(m *Mirror) { m.Deletion = "burn" }), code: "unknown-deletion", field: "deletion"},
		"states are known":                   {when: with(func(m *Mirror) { m.States = map[State]string{"asleep": "1"} }), code: "unknown-state", field: "states.asleep"},
		"states are something there":         {when: with(func(m *Mirror) { m.States = map[State]string{Open: ""} }), code: "required", field: "states.open"},
		"people are known":                   {when: with(func(m *Mirror) { m.People = map[domain.UserID]string{"usr_none": "x"} }), code: "unknown-user", field: "people.usr_none"},
		"so is who stands for the others":    {when: with(func(m *Mirror) { m.Actor = "usr_none" }), code: "unknown-user", field: "actor"},
		"fields are known":                   {when: with(func(m *Mirror) { m.Fields = map[string]FieldMapping{"no": {As: "field"}} }), code: "unknown-field", field: "fields.no"},
		"fields are something there":         {when: with(func(m *Mirror) { m.Fields = map[string]FieldMapping{"room": {}} }), code: "required", field: "fields.room.as"},
		"options are known": {when: with(func(m *Mirror) {
			m.Fields = map[string]FieldMapping{"product": {As: "x", Answers: map[string]string{"z": "1"}}}
		}), code: "unknown-option", field: "fields.product.answers.z"},
		"what is fixed is something":          {when: with(func(m *Mirror) { m.Fixed = map[string]string{"type": ""} }), code: "required", field: "fixed.type"},
		"it ends":                             {given: []Event{MirrorSet{mirror}}, when: RemoveMirror{"redmine"}, then: []Event{MirrorRemoved{"redmine"}}},
		"one that is not there does not":      {when: RemoveMirror{"redmine"}, code: "mirror-not-found"},
		"a field may go and stays in the map": {given: []Event{FieldRemoved{"product"}}, when: SetMirror{mirror}, then: []Event{MirrorSet{mirror}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			by := c.by
			if by.ID == "" {
				by = boss
			}
			tracker := given(append(desk(FieldSet{product}, FieldSet{room}), c.given...)...)
			got, err := Decide(tracker, c.when, Facts{Actor: by, UnknownUsers: []domain.UserID{"usr_none"}})
			wrong, _ := err.(*domain.Error) //nolint:errorlint // nothing wraps it
			switch {
			case c.field != "":
				if wrong == nil || !cmp.Equal(wrong.Fields, []domain.FieldError{{Field: c.field, Code: c.code}}) {
					t.Errorf("got %v, %v; want %s of %s", got, err, c.code, c.field)
				}
			case c.code != "":
				if wrong == nil || wrong.Code != c.code {
					t.Errorf("got %v, %v; want %s", got, err, c.code)
				}
			default:
				if diff := cmp.Diff(c.then, got); err != nil || diff != "" {
					t.Errorf("%v\n%s", err, diff)
				}
			}
		})
	}
}

func (c SetMirror) event() Event { return MirrorSet(c) }

func TestOnlyWhoConfiguresSeesMirrors(t *testing.T) {
	t.Parallel()
	in := given(desk(FieldSet{product}, MirrorSet{mirror})...)
	for _, c := range []struct {
		who  domain.Actor
		want int
	}{{boss, 1}, {admin, 1}, {helper, 0}, {pupil, 0}, {visitor, 0}} {
		if got := in.SeenAs(c.who).Mirrors; len(got) != c.want {
			t.Errorf("%s sees %v", c.who.ID, got)
		}
	}
	if _, had := Evolve(in, MirrorRemoved{"redmine"}, domain.Meta{}).Mirror("redmine"); had {
		t.Error("it is still there")
	}
}

func TestASecretForOtherTrackersIsNotChosenAndMayBeLeftBehind(t *testing.T) {
	t.Parallel()
	off := mirror
	off.Paused = true
	other := off
	other.Secret = "another"
	for name, c := range map[string]struct {
		given []Event
		when  Mirror
		code  string
	}{
		"of a new mirror":                   {when: mirror, code: "secret-for-other-trackers"},
		"of one that had another":           {given: []Event{MirrorSet{other}}, when: mirror, code: "secret-for-other-trackers"},
		"one that had it can be turned off": {given: []Event{MirrorSet{mirror}}, when: off},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := given(append(desk(FieldSet{product}, FieldSet{room}), c.given...)...)
			got, err := Decide(in, SetMirror{c.when}, Facts{Actor: boss, SecretDenied: true})
			wrong, _ := err.(*domain.Error) //nolint:errorlint // nothing wraps it
			switch {
			case c.code == "" && (err != nil || !cmp.Equal(got, []Event{MirrorSet{c.when}})):
				t.Errorf("got %v, %v", got, err)
			case c.code != "" && (wrong == nil || !cmp.Equal(wrong.Fields, []domain.FieldError{{Field: "secret", Code: c.code}})):
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
