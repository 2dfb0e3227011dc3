package ui

import (
	"testing"
	"time"
)

func TestNumbersSizesAndDatesAreWrittenAsInTheLanguage(t *testing.T) {
	t.Parallel()
	en, fr := shapesOf("en"), shapesOf("fr")
	at := time.Date(2026, time.February, 3, 9, 5, 0, 0, time.UTC)
	for name, c := range map[string]struct{ got, want string }{
		"a small number":         {en.number(999), "999"},
		"thousands":              {en.number(1234567), "1,234,567"},
		"thousands in French":    {fr.number(1234567), "1\u202f234\u202f567"},
		"below zero":             {en.number(-1234), "−1,234"},
		"a decimal":              {en.decimal("1234.5"), "1,234.5"},
		"a decimal in French":    {fr.decimal("-0.25"), "−0,25"},
		"more digits than fit":   {en.decimal("12345678901234567890"), "12345678901234567890"},
		"bytes":                  {en.size(9), "9\u00a0B"},
		"a size in French":       {fr.size(1536), "1,5\u00a0ko"},
		"a round size":           {fr.size(100 << 20), "100\u00a0Mo"},
		"a day":                  {en.date(at), "3\u00a0Feb\u00a02026"},
		"a day in French":        {fr.date(at), "3\u00a0févr.\u00a02026"},
		"a moment":               {en.dateTime(at), "3\u00a0Feb\u00a02026, 09:05"},
		"a moment in French":     {fr.dateTime(at), "3\u00a0févr.\u00a02026 à\u00a009:05"},
		"initials of two names":  {initials("Ada Lovelace"), "AL"},
		"initials of many":       {initials("Jean-Luc de La Tour"), "JT"},
		"initials with accents":  {initials("émile zola"), "ÉZ"},
		"initials of no letters": {initials("…"), "?"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestHowLongAgoIsToldAsLongAsItSaysMoreThanTheDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for past, want := range map[time.Duration]string{
		0: "just now", 59 * time.Second: "just now", time.Minute: "1 min ago", 3 * time.Hour: "3 h ago", 26 * time.Hour: "1 day ago", 3 * 24 * time.Hour: "3 days ago",
		8 * 24 * time.Hour: "18\u00a0Nov\u00a02026", -time.Hour: "26\u00a0Nov\u00a02026",
	} {
		if got := speeches(t)[0].when(now.Add(-past), now, paris); got.Short != want {
			t.Errorf("%v ago: got %q, want %q", past, got.Short, want)
		}
	}
	got := speeches(t)[1].when(now, now, paris)
	if want := (when{"2026-11-26T12:00:00Z", "à l’instant", "26\u00a0nov.\u00a02026 à\u00a013:00"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := speeches(t)[0].when(time.Time{}, now, paris); got != (when{}) {
		t.Errorf("no time: got %+v", got)
	}
}
