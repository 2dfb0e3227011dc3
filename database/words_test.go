package database_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/database"
	"suivi/internal/testdb"
)

func TestWordsAreSmallAndWithoutAccents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                         nil,
		" ?! ":                     nil,
		"L’Élève a reçu 12 €":      {"l", "eleve", "a", "recu", "12"},
		"e\u0301te\u0301 ÉTÉ été":  {"ete", "ete", "ete"},
		"cœur ŒUVRE æther Straße":  {"coeur", "oeuvre", "aether", "strasse"},
		"Øre Łódź ΣΑΣ σας":         {"ore", "lodz", "σασ", "σασ"},
		"ﬁle x² Ⅷ":                 {"file", "x2", "viii"},
		"sou\u00adris zero\u200bx": {"souris", "zerox"},
		"a.b@c-d_e/f'g\"h\\i*j:k":  {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"},
		"日本 हिन्दी":                {"日本", "हिनदी"},
		strings.Repeat("É", 70):    {strings.Repeat("e", 64)},
	} {
		if diff := cmp.Diff(want, database.Words(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// Whatever the texts are: both databases find the rows that have the words, and
// keep finding them while rows come, change and go.
func TestBothDatabasesFindTheSameWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		exec := func(text string, args ...any) {
			t.Helper()
			if _, err := db.Write.ExecContext(t.Context(), text, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`CREATE TABLE things (id INTEGER PRIMARY KEY, words TEXT NOT NULL, gone BOOLEAN NOT NULL)`)
		exec(`INSERT INTO things (id, words, gone) VALUES (-1, 'there before', false), (-2, 'there not', true)`)
		index := database.WordIndex("things")
		for _, text := range index.Create(db.Dialect) {
			exec(strings.ReplaceAll(text, "@@", ""))
		}
		rows := map[int64][]string{-1: {"there", "before"}}
		write := func(r *rapid.T) {
			id, words, gone := rapid.Int64Range(1, 9).Draw(r, "id"), database.Words(someText.Draw(r, "text")), rapid.IntRange(0, 3).Draw(r, "gone") == 0
			exec(`INSERT INTO things (id, words, gone) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET words = excluded.words, gone = excluded.gone`,
				id, strings.Join(words, " "), gone)
			rows[id] = words
			if gone {
				delete(rows, id)
			}
		}
		erase := func(r *rapid.T) {
			id := rapid.Int64Range(1, 9).Draw(r, "id")
			exec(`DELETE FROM things WHERE id = $1`, id)
			delete(rows, id)
		}
		look := func(r *rapid.T) {
			words, beginning := database.Words(someText.Draw(r, "look for")), rapid.Bool().Draw(r, "beginning")
			if len(words) == 0 {
				return
			}
			var got, want []int64
			query := strings.Replace("SELECT s.id "+index.From(db.Dialect)+" ORDER BY s.id", "$n", "$1", 1)
			if err := db.Read.SelectContext(t.Context(), &got, query, index.Looking(db.Dialect, words, beginning)); err != nil {
				r.Fatalf("%q: %v", words, err)
			}
			for id, has := range rows {
				if hasWords(has, words, beginning) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				r.Errorf("%q (beginning: %v): %s", words, beginning, diff)
			}
		}
		rapid.Check(t, func(r *rapid.T) {
			r.Repeat(map[string]func(*rapid.T){"write": write, "erase": erase, "look": look})
		})
	})
}

// someText is of few words, so that they meet, or of any letters at all.
var someText = rapid.OneOf(
	rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"there", "before", "Été", "e", "12", "123", "not", "OR", "near", "l'a", "日本", "NULL", "\"", "*", "&", "'"}), 0, 4),
		func(words []string) string { return strings.Join(words, " ") }),
	rapid.String(),
)

func hasWords(has, words []string, beginning bool) bool {
	for i, w := range words {
		if !slices.ContainsFunc(has, func(h string) bool {
			return h == w || beginning && i == len(words)-1 && strings.HasPrefix(h, w)
		}) {
			return false
		}
	}
	return true
}
