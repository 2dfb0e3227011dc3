package tracker

import (
	"cmp"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"suivi/domain"
)

// Mirror says how another program, the tool, has twins of this tracker's tickets.
// What the outside ids mean is the tool's own; none of them is a secret.
type Mirror struct {
	Tool      string    `json:"tool"`    // its name, for ever: redmine
	Site      string    `json:"site"`    // the base URL, without a slash at its end
	Secret    string    `json:"secret"`  // the name of what Suivi signs in with there; never the secret itself
	Project   string    `json:"project"` // in which the twins are
	Direction Direction `json:"direction"`
	Deletion  Deletion  `json:"deletion"`         // of twins, when their tickets are deleted or leave the mirror
	Notes     bool      `json:"notes,omitempty"`  // internal notes go there too, as what the tool keeps private
	Paused    bool      `json:"paused,omitempty"` // nothing goes either way; what is due waits
	// Actor stands for people there who are nobody here; "": what they do is refused.
	Actor domain.UserID `json:"actor,omitempty"`
	Mapping
}

// Mapping says what has which name on the other side. What is not named has no
// counterpart there; what that means, the tool says.
type Mapping struct {
	States map[State]string         `json:"states,omitempty"`
	People map[domain.UserID]string `json:"people,omitempty"`
	Fields map[string]FieldMapping  `json:"fields,omitempty"` // by code
	Fixed  map[string]string        `json:"fixed,omitempty"`  // what every twin has: a word of the tool, as type, and an outside id
}

// FieldMapping is what a field is on the other side.
type FieldMapping struct {
	As      string            `json:"as"`                // a word of the tool: priority, category, field
	ID      string            `json:"id,omitempty"`      // of the outside field, where As names a kind of which there are many
	Answers map[string]string `json:"answers,omitempty"` // by option
}

// Direction is which way changes go.
type Direction string

// The directions.
const (
	Outwards Direction = "out"  // the twin follows the ticket
	BothWays Direction = "both" // and the ticket hears of changes of its twin
)

// Deletion is what becomes of a twin whose ticket is deleted or leaves the mirror.
type Deletion string

// The policies of deletion.
const (
	KeepTwin   Deletion = "keep" // it stays as it is, and is followed no longer
	CloseTwin  Deletion = "close"
	DeleteTwin Deletion = "delete"
)

// MirrorSet gives the tracker a mirror, or another one in place of that of the same tool.
type MirrorSet struct {
	Mirror Mirror `json:"mirror"`
}

// MirrorRemoved ends a mirror. Twins stay as they are.
type MirrorRemoved struct {
	Tool string `json:"tool"`
}

func (MirrorSet) trackerEvent()     {}
func (MirrorRemoved) trackerEvent() {}

// SetMirror adds a mirror or replaces that of the same tool.
type SetMirror struct{ Mirror Mirror }

// RemoveMirror ends the mirror of a tool.
type RemoveMirror struct{ Tool string }

func (SetMirror) trackerCommand()    {}
func (RemoveMirror) trackerCommand() {}

// Mirror is that of the tool, if the tracker has one.
func (t Tracker) Mirror(tool string) (Mirror, bool) {
	i := slices.IndexFunc(t.Mirrors, func(m Mirror) bool { return m.Tool == tool })
	if i < 0 {
		return Mirror{}, false
	}
	return t.Mirrors[i], true
}

func (t Tracker) withMirror(m Mirror) Tracker {
	t.Mirrors = slices.Clone(t.Mirrors)
	if i := slices.IndexFunc(t.Mirrors, func(had Mirror) bool { return had.Tool == m.Tool }); i >= 0 {
		t.Mirrors[i] = m
	} else {
		t.Mirrors = append(t.Mirrors, m)
	}
	return t
}

func (t Tracker) withoutMirror(tool string) Tracker {
	t.Mirrors = slices.DeleteFunc(slices.Clone(t.Mirrors), func(m Mirror) bool { return m.Tool == tool })
	if len(t.Mirrors) == 0 {
		t.Mirrors = nil
	}
	return t
}

func setMirror(t Tracker, c SetMirror, facts Facts) ([]Event, error) {
	m := c.Mirror.Tidy()
	var problems domain.Problems
	m.check(&problems)
	m.checkMapping(t, facts, &problems)
	if slices.Contains(facts.UnknownUsers, m.Actor) {
		problems.Add("actor", "unknown-user", "there is no such person")
	}
	had, ok := t.Mirror(m.Tool)
	if facts.SecretDenied && had.Secret != m.Secret { // one that it may use no more waits, and can still be turned off
		problems.Add("secret", "secret-for-other-trackers", "the secret %s is not for the tracker %s; an administrator says which may use it", m.Secret, t.Key)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if ok && reflect.DeepEqual(had, m) {
		return nil, nil
	}
	return []Event{MirrorSet{m}}, nil
}

// Tidy is the mirror with what holds unless something else is said.
func (m Mirror) Tidy() Mirror {
	m.Site = strings.TrimRight(m.Site, "/")
	m.Direction, m.Deletion = cmp.Or(m.Direction, Outwards), cmp.Or(m.Deletion, KeepTwin)
	return m
}

func removeMirror(t Tracker, c RemoveMirror) ([]Event, error) {
	if _, ok := t.Mirror(c.Tool); !ok {
		return nil, domain.Errorf(domain.NotFound, "mirror-not-found", "%s has no mirror of the tool %q", t.Key, c.Tool)
	}
	return []Event{MirrorRemoved(c)}, nil
}

// How long an outside id and a site are at most, in bytes.
const (
	maxOutside = 255
	maxSite    = 2000
)

// toolName is the form of the names of tools and secrets.
var toolName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// ValidToolName tells whether the name has the form of a tool's or a secret's.
func ValidToolName(name string) bool { return toolName.MatchString(name) }

// ValidSite tells whether the text is the base URL of a site: without a login, which
// would be a secret, a query or a fragment.
func ValidSite(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" &&
		u.Fragment == "" && !strings.HasSuffix(text, "/") && len(text) <= maxSite
}

func (m Mirror) check(problems *domain.Problems) {
	if !ValidToolName(m.Tool) {
		problems.Add("tool", "bad-tool", "a small letter, then 1 to 39 small letters, digits or hyphens")
	}
	if !ValidToolName(m.Secret) {
		problems.Add("secret", "bad-secret-name", "the name of a secret that administrators have set: a small letter, then 1 to 39 small letters, digits or hyphens")
	}
	if !ValidSite(m.Site) {
		problems.Add("site", "bad-url", "the tool's base URL, as in https://redmine.example.org, without a login, a query or a fragment")
	}
	if m.Direction != Outwards && m.Direction != BothWays {
		problems.Add("direction", "unknown-direction", "%s or %s, not %q", Outwards, BothWays, m.Direction)
	}
	if m.Deletion != KeepTwin && m.Deletion != CloseTwin && m.Deletion != DeleteTwin {
		problems.Add("deletion", "unknown-deletion", "%s, %s or %s, not %q", KeepTwin, CloseTwin, DeleteTwin, m.Deletion)
	}
	checkOutside("project", m.Project, problems)
}

// Person is who somebody there is here, if the mapping has them: the first by id.
func (m Mapping) Person(outside string) (domain.UserID, bool) {
	for _, user := range slices.Sorted(maps.Keys(m.People)) {
		if m.People[user] == outside {
			return user, true
		}
	}
	return "", false
}

func checkOutside(field, id string, problems *domain.Problems) {
	switch {
	case strings.TrimSpace(id) == "":
		problems.Add(field, "required", "what it is called on the other side")
	case len(id) > maxOutside:
		problems.Add(field, "too-long", "at most %d bytes", maxOutside)
	}
}

func (m Mapping) checkMapping(t Tracker, facts Facts, problems *domain.Problems) {
	for state, id := range m.States {
		if !state.Valid() {
			problems.Add("states."+string(state), "unknown-state", "there is no state %q", state)
		}
		checkOutside("states."+string(state), id, problems)
	}
	for user, id := range m.People {
		if slices.Contains(facts.UnknownUsers, user) {
			problems.Add("people."+string(user), "unknown-user", "there is no such person")
		}
		checkOutside("people."+string(user), id, problems)
	}
	for word, id := range m.Fixed {
		checkOutside("fixed."+word, word, problems)
		checkOutside("fixed."+word, id, problems)
	}
	for code, to := range m.Fields {
		t.checkFieldMapping("fields."+code, code, to, problems)
	}
}

func (t Tracker) checkFieldMapping(at, code string, to FieldMapping, problems *domain.Problems) {
	field, known := t.Ever(code)
	if !known {
		problems.Add(at, "unknown-field", "%s has no field %q", t.Key, code)
		return
	}
	checkOutside(at+".as", to.As, problems)
	if len(to.ID) > maxOutside {
		problems.Add(at+".id", "too-long", "at most %d bytes", maxOutside)
	}
	for option, id := range to.Answers {
		if !slices.ContainsFunc(field.Options, func(o Option) bool { return o.Code == option }) {
			problems.Add(at+".answers."+option, "unknown-option", "the field %s has no option %q", code, option)
		}
		checkOutside(at+".answers."+option, id, problems)
	}
}
