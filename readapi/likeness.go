package readapi

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"suivi/domain"
)

const (
	mostLikeWords = 16  // of a summary and a description that are looked for
	enoughAlike   = 0.5 // of the weight of the summary's words: less is no likeness
	mostMore      = 0.2 // of that weight is what the description's words can add to it
	inDescription = 0.5 // how much a word counts that is not in the summary, on either side
	unheard       = 0.5 // the weight of a word that no ticket has
	rare          = 3   // tickets may have a word that is all that a summary says
)

// likeness is what tickets are compared with: the words of a summary and a description.
type likeness struct{ words []likeWord }

type likeWord struct {
	stem  string
	share float64 // 1 in the summary
	have  int     // tickets that have it, as far as they were counted
}

// likeText is a ticket's part in a comparison: the stems of its texts.
type likeText struct{ summary, description map[string]bool }

func newLikeness(summary, description string) *likeness {
	l := &likeness{}
	known := map[string]bool{}
	add := func(words []string, share float64) {
		for _, word := range words {
			if s := stem(word); !known[s] && len(l.words) < mostLikeWords {
				known[s] = true
				l.words = append(l.words, likeWord{stem: s, share: share})
			}
		}
	}
	add(wordsOf(summary), 1)
	if len(l.words) > 0 {
		rest := wordsOf(description)
		slices.SortStableFunc(rest, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // long ones tell more
		add(rest, inDescription)
	}
	return l
}

func (t *likeText) take(part, words string) {
	stems := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		stems[stem(word)] = true
	}
	if part == "summary" {
		t.summary = stems
	} else {
		t.description = stems
	}
}

// has is how much of a word counts for the ticket.
func (t *likeText) has(stem string) float64 {
	switch {
	case t.summary[stem]:
		return 1
	case t.description[stem]:
		return inDescription
	}
	return 0
}

// count notes how many of the tickets have each word, where these are all there are.
func (l *likeness) count(all map[domain.TicketID]*likeText) {
	for i := range l.words {
		l.words[i].have = 0
		for _, t := range all {
			if t.has(l.words[i].stem) > 0 {
				l.words[i].have++
			}
		}
	}
}

// weight is the less the more tickets have the word.
func (w likeWord) weight() float64 {
	if w.have == 0 {
		return unheard * w.share
	}
	return w.share / (1 + math.Log(float64(w.have)))
}

// beginning tells whether what begins so is looked for as well: with another ending.
func (w likeWord) beginning() bool { return utf8.RuneCountInString(w.stem) >= 5 }

// best are the tickets that are alike, at most so many, the most alike first.
func (l *likeness) best(all map[domain.TicketID]*likeText, most int) []domain.TicketID {
	alike, total, said := map[domain.TicketID]float64{}, 0.0, 0
	for _, w := range l.words {
		if w.share == 1 {
			total += w.weight()
			said++
		}
	}
	for id, t := range all {
		score, more, shared, telling := 0.0, 0.0, 0, false
		for _, w := range l.words {
			has := t.has(w.stem)
			switch {
			case has == 0:
				continue
			case w.share == 1:
				score += has * w.weight()
			default:
				more += has * w.weight()
			}
			shared++
			telling = telling || w.have <= rare
		}
		if score+min(more, mostMore*total) >= enoughAlike*total && (shared > 1 || said == 1 && telling) {
			alike[id] = score + more
		}
	}
	return heaviest(alike, most)
}

// heaviest are the ids of the greatest weights, the newest first where those are the same.
func heaviest(weights map[domain.TicketID]float64, most int) []domain.TicketID {
	ids := slices.SortedFunc(maps.Keys(weights), func(a, b domain.TicketID) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(b.Number(), a.Number()), cmp.Compare(a, b))
	})
	return ids[:min(len(ids), most)]
}

// stem is the word without the ending of a plural in French or English.
func stem(word string) string {
	if short := strings.TrimRight(word, "sx"); utf8.RuneCountInString(short) >= 3 {
		return short
	}
	return word
}

// saysNothing tells of words that any text has, and of letters alone.
func saysNothing(word string) bool {
	if utf8.RuneCountInString(word) < 2 && !strings.ContainsFunc(word, unicode.IsNumber) {
		return true
	}
	_, common := slices.BinarySearch(commonWords(), word)
	return common
}

// commonWords are words of French and English that tell nothing of what a text is about, sorted.
func commonWords() []string {
	return []string{
		"about", "after", "again", "ai", "all", "alors", "am", "an", "and", "any", "apres", "are", "as", "at", "au", "aucun", "aussi", "aux", "avant",
		"avec", "avoir", "avons", "be", "been", "before", "bien", "bonjour", "but", "by", "ca", "can", "cannot", "car", "ce", "cela", "ces", "cet",
		"cette", "chez", "comme", "comment", "could", "dans", "de", "deja", "depuis", "des", "did", "do", "does", "doesn", "don", "done", "dont", "du",
		"elle", "elles", "en", "encore", "est", "et", "ete", "etre", "faire", "fait", "faut", "fonctionne", "fonctionnent", "fonctionner", "for", "from",
		"get", "had", "has", "have", "hello", "help", "her", "here", "his", "how", "if", "il", "ils", "in", "into", "is", "isn", "it", "its", "je", "la",
		"le", "les", "leur", "lui", "ma", "mais", "marche", "marchent", "marcher", "me", "merci", "mes", "mon", "more", "my", "ne", "need", "no", "non",
		"nos", "not", "notre", "nous", "of", "on", "or", "ou", "our", "out", "par", "pas", "peut", "peux", "please", "plus", "pour", "pourquoi", "pouvez",
		"problem", "probleme", "quand", "que", "quel", "quelle", "qui", "sa", "sans", "se", "ses", "should", "si", "so", "some", "son", "sont", "still",
		"suis", "sur", "ta", "tes", "thank", "thanks", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "tous", "tout",
		"toute", "tres", "un", "une", "us", "vers", "vos", "votre", "vous", "want", "was", "we", "were", "what", "when", "where", "which", "who", "why",
		"will", "with", "work", "working", "works", "would", "wrong", "you", "your",
	}
}
