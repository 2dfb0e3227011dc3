package readapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// unseenField is what tracker.Tracker.Unseen says of the field $n and the ticket
// t; a test holds the two together. Its answers are then like none.
const unseenField = `(NOT $2 AND EXISTS (SELECT 1 FROM fields h WHERE h.tracker = t.tracker AND h.code = $n AND h.hidden)
	AND t.tracker NOT IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_internal))`

// What a ticket t answers to the field $n, twice given, as the asker sees it: the
// answer, and what numbers and days sort by.
const (
	seenAnswer = `CASE WHEN ` + unseenField + ` THEN '' ELSE COALESCE(t.answers ->> $n, '') END`
	seenKey    = `CASE WHEN ` + unseenField + ` THEN '' ELSE COALESCE(t.answer_keys ->> $n, '') END`
)

// severalOptions tells whether the field $n takes several options in the tracker of t.
const severalOptions = `EXISTS (SELECT 1 FROM fields f WHERE f.tracker = t.tracker AND f.code = $n AND f.type IN ('multiselect', 'checkbox'))`

// answer is what a custom field must say.
type answer struct {
	Code  string `json:"code"`
	Value string `json:"value"` // empty: that it says nothing
	From  string `json:"from"`  // keys of numbers or days; empty: no bound
	To    string `json:"to"`
}

// where adds the condition. Of a field with several options the answer must have
// all that are named; else it must be the same.
func (a answer) where(s *statement) {
	if a.From != "" {
		_, end := tracker.KeyBounds(a.From)
		s.add("AND "+seenKey+" >= $n AND "+seenKey+" < $n", a.Code, a.Code, a.From, a.Code, a.Code, end)
	}
	if a.To != "" {
		first, _ := tracker.KeyBounds(a.To)
		s.add("AND "+seenKey+" <= $n AND "+seenKey+" >= $n", a.Code, a.Code, a.To, a.Code, a.Code, first)
	}
	if a.From+a.To != "" {
		return
	}
	s.add("AND ("+seenAnswer+" = $n", a.Code, a.Code, a.Value)
	if codes := tracker.Checkbox.Codes(a.Value); len(codes) > 0 {
		s.add("OR "+severalOptions, a.Code)
		for _, code := range codes[:min(len(codes), tracker.MaxOptions)] {
			s.add("AND ',' || "+seenAnswer+" || ',' <> REPLACE(',' || "+seenAnswer+" || ',', ',' || $n || ',', '')",
				a.Code, a.Code, a.Code, a.Code, code)
		}
	}
	s.add(")")
}

// answers reads the parameters "field.<code>", and for numbers and days
// "field.<code>.from" and "field.<code>.to".
func (p *params) answers() []answer {
	var answers []answer
	for name, value := range p.given {
		code, ok := strings.CutPrefix(name, fieldPrefix)
		if !ok {
			continue
		}
		code, bound, ranged := strings.Cut(code, ".")
		if !fieldCode.MatchString(code) || ranged && bound != "from" && bound != "to" {
			p.add(name, "bad-code", "no field can have this code")
			continue
		}
		a := answer{Code: code, Value: value}
		if ranged {
			a = p.bound(name, code, bound, value)
		}
		answers = append(answers, a)
	}
	slices.SortFunc(answers, func(a, b answer) int {
		return strings.Compare(a.Code+"."+a.From+"."+a.To, b.Code+"."+b.From+"."+b.To)
	})
	return answers
}

func (p *params) bound(name, code, bound, value string) answer {
	key := ""
	for _, kind := range []tracker.FieldType{tracker.Number, tracker.Date} {
		if canonical, wrong := (tracker.Tracker{}).Answer(tracker.Field{Type: kind}, value, ""); wrong == (tracker.Wrong{}) && key == "" {
			key = tracker.OrderKey(canonical)
		}
	}
	if key == "" {
		p.add(name, "bad-bound", "a number as in -12.5, or a day as in 2026-11-23")
	}
	if bound == "from" {
		return answer{Code: code, From: key}
	}
	return answer{Code: code, To: key}
}

// sortsByKey tells whether the field is a number or a day wherever the asker sees
// it, in the tracker that is asked for if it is one alone.
func (a *API) sortsByKey(ctx context.Context, actor domain.Actor, asked []domain.TrackerKey, code string) (bool, error) {
	var in domain.TrackerKey
	if len(asked) == 1 {
		in = asked[0]
	}
	var types []tracker.FieldType
	if err := a.db.Read.SelectContext(ctx, &types, fieldTypes, actor.ID, actor.Admin, code, in); err != nil {
		return false, fmt.Errorf("find the types of the field %s: %w", code, err)
	}
	return len(types) > 0 && !slices.ContainsFunc(types, func(t tracker.FieldType) bool { return t != tracker.Number && t != tracker.Date }), nil
}

const fieldTypes = `SELECT DISTINCT f.type FROM fields f
WHERE f.code = $3 AND (f.tracker = $4 OR $4 = '') AND ($2 OR f.tracker IN
	(SELECT m.tracker FROM members m WHERE m.person = $1 AND (m.sees_internal OR NOT f.hidden)))
LIMIT 20`

// typed is the question's order, with numbers and days sorted as such.
func (a *API) typed(ctx context.Context, actor domain.Actor, q question) (order, error) {
	if q.order.field == "" {
		return q.order, nil
	}
	keyed, err := a.sortsByKey(ctx, actor, q.filter.Tracker, q.order.field)
	if err != nil || !keyed {
		return q.order, err
	}
	return q.order.byKey(), nil
}
