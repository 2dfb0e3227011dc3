package readapi

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// mostValues bounds how many values one filter takes.
const mostValues = 50

// anyOf reads values with commas between, in a fixed order. Those that read
// refuses are noted once, with the code and the sentence.
func anyOf[T ~string](p *params, name string, read func(string) (T, bool), code, sentence string) []T {
	text, given := p.take(name)
	if !given {
		return nil
	}
	parts := strings.Split(text, ",")
	if len(parts) > mostValues {
		p.add(name, "too-many", "at most "+strconv.Itoa(mostValues))
		return nil
	}
	values := make([]T, len(parts))
	for i, part := range parts {
		var ok bool
		if values[i], ok = read(part); !ok {
			p.add(name, code, sentence)
			return nil
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func (p *params) trackers() []domain.TrackerKey {
	return anyOf(p, "tracker", func(text string) (domain.TrackerKey, bool) {
		key := domain.TrackerKey(text)
		return key, key.Valid()
	}, "bad-key", "a capital, then 1 to 9 capitals or digits")
}

func (p *params) states() []tracker.State {
	return anyOf(p, "state", func(text string) (tracker.State, bool) {
		state := tracker.State(text)
		return state, state.Valid()
	}, "unknown-state", "one of the eleven states, or some with commas between")
}

// people reads ids; "me" is the asker, and nobody is the word for none, where there is one.
func (p *params) people(name string, nobody ...string) []domain.UserID {
	return anyOf(p, name, func(text string) (domain.UserID, bool) {
		switch user := domain.UserID(text); {
		case slices.Contains(nobody, text):
			return "", true
		case text == "me":
			return p.me, true
		default:
			return user, user.Valid()
		}
	}, "bad-user", "a person's id, usr_…, or "+strings.Join(append(nobody, "me"), ", "))
}

var fieldCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
