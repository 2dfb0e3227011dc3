package tracker

import (
	"strings"
	"time"
)

// OrderKey is a text by which databases sort numbers and days as such: canonical
// numbers from "n" to "p", days by "d", each of one length. It is "" for any
// other answer. It has digits and small letters alone, which every collation
// sorts alike.
func OrderKey(answer string) string {
	if parts := number.FindStringSubmatch(answer); parts != nil {
		if canonical, wrong := checkNumber(answer); wrong == (Wrong{}) && canonical == answer {
			return numberKey(answer)
		}
		return ""
	}
	if day, err := time.Parse(time.DateOnly, answer); err == nil {
		return "d" + day.Format("20060102")
	}
	return ""
}

// KeyBounds are the first key of the kind that the key is of, and the first after all of them.
func KeyBounds(key string) (first, end string) {
	if strings.HasPrefix(key, "d") {
		return "d", "e"
	}
	return "n", "q"
}

// numberKey is the digits with their zeros; those of a negative number are
// turned round, so that the greater comes first.
func numberKey(canonical string) string {
	negative := strings.HasPrefix(canonical, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(canonical, "-"), ".")
	digits := strings.Repeat("0", maxWhole-len(whole)) + whole + fraction + strings.Repeat("0", maxFraction-len(fraction))
	if !negative {
		return "p" + digits
	}
	return "n" + strings.Map(func(r rune) rune { return '0' + '9' - r }, digits)
}
