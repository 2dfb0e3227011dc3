package readapi

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"suivi/database"
	"suivi/domain"
)

// mostWords bounds what one search may look for.
const mostWords = 24

// search is what the parameter "q" looks for; a ticket must have all of it, each in any of its texts.
type search []term

// term is one word, or some that must stand side by side: a quoted phrase, or what is
// written without a space, as an address. No words at all is what no ticket has.
type term struct {
	Words     []string        `json:"words"`
	Beginning bool            `json:"beginning"` // of the last word is enough
	ID        domain.TicketID `json:"id"`        // it may also be this ticket's number
	Number    int64           `json:"number"`    // or one in any tracker
}

// search reads the parameter "q".
func (p *params) search() search {
	text, _ := p.take("q")
	all := searchFor(text)
	words := 0
	for _, t := range all {
		words += len(t.Words)
	}
	if words > mostWords {
		p.add("q", "too-many-words", "at most "+strconv.Itoa(mostWords)+" words")
	}
	return all
}

// searchFor reads what a person types. Only letters, digits and quotation marks
// mean anything. Nothing but blanks looks for nothing.
func searchFor(text string) search {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var all search
	for i, part := range quotes.Split(text, -1) {
		if i%2 == 1 {
			all = append(all, term{Words: database.Words(part)})
			continue
		}
		for chunk := range strings.FieldsSeq(part) {
			all = append(all, typed(chunk))
		}
	}
	if len(all) > 0 && !closed.MatchString(text) {
		all[len(all)-1].Beginning = true // it may not be typed to its end
	}
	all = slices.DeleteFunc(all, func(t term) bool { return len(t.Words) == 0 })
	if len(all) == 0 {
		return search{{}}
	}
	return all
}

// closed says that the last word is typed to its end.
var closed = regexp.MustCompile(`["“”„«»]\s*$`)

// quotes are the quotation marks of both languages.
var quotes = regexp.MustCompile(`["“”„«»]`)

// typed is a term that is not quoted.
func typed(chunk string) term {
	t := term{Words: database.Words(chunk)}
	parts := numberForm.FindStringSubmatch(chunk)
	if parts == nil {
		return t
	}
	n, err := strconv.ParseInt(parts[2], 10, 64)
	switch key := domain.TrackerKey(strings.ToUpper(parts[1])); {
	case err != nil || n == 0:
	case key == "":
		t.Number = n
	default:
		t.ID = domain.NewTicketID(key, n)
	}
	return t
}

// The tables that projections keep the words in.
const (
	texts     database.WordIndex = "texts"
	noteTexts database.WordIndex = "note_texts"
)

const (
	phrase = "AND ' ' || s.words || ' ' LIKE $n"
	// seesNotes is for what is found in the notes s of a ticket; who asks for those alone is asked the same.
	seesNotes = `AND ($2 OR s.ticket IN (SELECT b.id FROM tickets b JOIN members m ON m.tracker = b.tracker WHERE m.person = $1 AND m.sees_internal))`
)

// seesText is for what is found in the texts s of a ticket: answers to hidden fields
// are only for those who may see such where the ticket is, also to fields of
// trackers that it was in before.
const seesText = `AND ($2 OR s.part NOT LIKE 'field.%' OR NOT EXISTS (
	SELECT 1 FROM tickets b JOIN fields h ON h.tracker = b.tracker
	WHERE b.id = s.ticket AND h.hidden AND 'field.' || h.code = s.part
		AND b.tracker NOT IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_internal)))
	AND ($2 OR s.part NOT LIKE 'from.%' OR NOT EXISTS (
	SELECT 1 FROM tickets b CROSS JOIN fields h
	WHERE b.id = s.ticket AND h.hidden AND 'from.' || h.tracker || '.' || h.code = s.part
		AND b.tracker NOT IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_internal)))`

// where adds the condition that the ticket t is found.
func (s search) where(to *statement) {
	looks := false
	for i, t := range s {
		switch {
		case len(t.Words) == 0:
			to.add("AND 1 = 0")
		case to.common[i]:
			t.read(to)
		default:
			looks = true
		}
	}
	if looks && !to.found {
		to.add("AND t.id IN (")
		s.look(to)
		to.add(")")
	}
}

// look finds the tickets that have all terms that are looked up by the index of words; there are some.
func (s search) look(to *statement) {
	first := true
	for i, t := range s {
		if len(t.Words) == 0 || to.common[i] {
			continue
		}
		if !first {
			to.add("INTERSECT")
		}
		first = false
		to.add("SELECT s.ticket FROM (")
		t.look(to)
		to.add(") s")
	}
}

// look finds the term by the index of words.
func (t term) look(to *statement) {
	t.from(to, texts)
	to.add(seesText)
	if to.notes {
		to.add("UNION ALL")
		t.from(to, noteTexts)
		to.add(seesNotes)
	}
	if t.ID != "" {
		to.add("UNION ALL SELECT b.id FROM tickets b WHERE b.id = $n", t.ID)
	}
	if t.Number != 0 {
		to.add("UNION ALL SELECT b.id FROM tickets b WHERE b.number = $n", t.Number)
	}
}

// from finds the tickets in whose texts the term stands.
func (t term) from(to *statement, index database.WordIndex) {
	to.add("SELECT s.ticket "+index.From(to.dialect), index.Looking(to.dialect, t.Words, t.Beginning))
	if len(t.Words) > 1 {
		to.add(phrase, t.pattern())
	}
}

// read finds the term in the texts of one ticket after the other, which is quicker
// where it stands in many: a page of tickets that have it is soon full.
func (t term) read(to *statement) {
	to.add("AND (EXISTS (SELECT 1 FROM texts s WHERE s.ticket = t.id AND NOT s.gone")
	to.add(phrase, t.pattern())
	to.add(seesText + ")")
	if to.notes {
		to.add("OR EXISTS (SELECT 1 FROM note_texts s WHERE s.ticket = t.id AND NOT s.gone")
		to.add(phrase, t.pattern())
		to.add(seesNotes + ")")
	}
	if t.ID != "" {
		to.add("OR t.id = $n", t.ID)
	}
	if t.Number != 0 {
		to.add("OR t.number = $n", t.Number)
	}
	to.add(")")
}

// pattern is what LIKE finds the term by, in words with a space around each: they
// are letters and digits, which mean nothing else to it.
func (t term) pattern() string {
	pattern := "% " + strings.Join(t.Words, " ")
	if !t.Beginning {
		pattern += " "
	}
	return pattern + "%"
}

// sampledAt in how many places of the texts, and sampled how many there, tell whether a term is common.
const (
	sampledAt = 16
	sampled   = 25
)

// guess is in how many texts a term may stand, of how many, when there were so many tickets.
type guess struct{ hits, texts, tickets float64 }

// common tells of each term whether it stands in so many texts, of whatever ticket, that reading
// the tickets of a list one after the other is quicker than finding all of these texts.
func (a *API) common(ctx context.Context, all search) ([]bool, error) {
	common := make([]bool, len(all))
	for i, t := range all {
		if len(t.Words) == 0 {
			continue
		}
		g, err := a.guess(ctx, t)
		if err != nil {
			return nil, err
		}
		// What finding costs grows with how many have it, and reading with how many have not.
		common[i] = g.hits*g.hits >= float64(a.many)*g.texts
	}
	return common, nil
}

// guess guesses from some texts of all times: FTS5 puts the texts of every word with a beginning together before it
// gives the first. What was guessed is remembered until there are a tenth more tickets, so that a word is looked for in the
// same way from page to page.
func (a *API) guess(ctx context.Context, t term) (guess, error) {
	pattern, tickets := t.pattern(), float64(a.lives.Len())
	if g, known := a.guesses.Get(pattern); known && tickets <= g.tickets*1.1 {
		return g, nil
	}
	s := &statement{}
	s.add("SELECT COALESCE((SELECT MAX(s.id) FROM texts s), 0) AS texts, COUNT(*) AS looked, COALESCE(SUM(CASE WHEN ' ' || s.words || ' ' LIKE $n THEN 1 ELSE 0 END), 0) AS hits FROM (", pattern)
	for place := range sampledAt {
		if place > 0 {
			s.add("UNION ALL")
		}
		s.add("SELECT s.words FROM (SELECT s.words FROM texts s WHERE s.id > (SELECT MAX(s.id) FROM texts s) * $n / $n ORDER BY s.id LIMIT $n) s", place, sampledAt, sampled)
	}
	s.add(") s")
	var found struct {
		Texts  float64 `db:"texts"` // about how many there are
		Looked float64 `db:"looked"`
		Hits   float64 `db:"hits"`
	}
	if err := a.db.Read.GetContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return guess{}, fmt.Errorf("look for %q in some texts: %w", t.Words, err)
	}
	g := guess{found.Hits / max(found.Looked, 1) * found.Texts, found.Texts, tickets}
	a.guesses.Add(pattern, g)
	return g, nil
}

const seesAnyNotes = `SELECT EXISTS (SELECT 1 FROM members m WHERE m.person = $1 AND m.sees_internal)`

// seeing is what somebody's statements about the tickets of a filter begin with: it is found
// out once, however many there are.
type seeing struct {
	actor   domain.Actor
	few     []any // as visibleFew has it
	dialect database.Dialect
	notes   bool
	common  []bool            // which terms are looked for in one ticket after the other
	found   []domain.TicketID // those that have the other terms; nil: there are none such
}

// seeing is for a filter that may search. The words of internal notes are only looked up
// for those who may see such somewhere.
func (a *API) seeing(ctx context.Context, actor domain.Actor, f filter) (seeing, error) {
	by := seeing{actor: actor, dialect: a.db.Dialect, notes: actor.Admin}
	var err error
	if by.few, err = a.visibleFew(ctx, actor, f); err != nil || len(f.Search) == 0 {
		return by, err
	}
	if by.common, err = a.common(ctx, f.Search); err != nil {
		return by, err
	}
	if !actor.Admin {
		if err := a.db.Read.GetContext(ctx, &by.notes, seesAnyNotes, actor.ID); err != nil {
			return by, fmt.Errorf("ask whether %s sees notes: %w", actor.ID, err)
		}
	}
	if by.looksFor(f, false) {
		by.found, err = a.find(ctx, by, f.Search)
	}
	return by, err
}

// find finds the tickets that have all the terms that are not common, in texts that the asker may see.
func (a *API) find(ctx context.Context, by seeing, all search) ([]domain.TicketID, error) {
	found := []domain.TicketID{}
	if slices.ContainsFunc(all, func(t term) bool { return len(t.Words) == 0 }) {
		return found, nil
	}
	s := by.statement()
	all.look(s)
	s.add("LIMIT $n", mostFolded)
	if err := a.db.Read.SelectContext(ctx, &found, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("look for words: %w", err)
	}
	return found, nil
}

func (by seeing) statement() *statement {
	s := newStatement(by.actor)
	s.dialect, s.notes, s.common = by.dialect, by.notes, by.common
	return s
}
