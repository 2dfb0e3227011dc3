package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shapes are how a language writes numbers, dates and sizes.
type shapes struct {
	thousands, point string
	months           [12]string
	day, moment      string // of day, month, year, time
	clock            string
	units            [4]string
}

// thin is the narrow no-break space of French typography.
const thin = "\u202f"

func shapesOf(code string) shapes {
	if code == "fr" {
		return shapes{
			thousands: thin, point: ",",
			months: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
			day:    "%d\u00a0%s\u00a0%d", moment: "%s à\u00a0%s", clock: "15:04",
			units: [4]string{"o", "ko", "Mo", "Go"},
		}
	}
	return shapes{
		thousands: ",", point: ".",
		months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		day:    "%d\u00a0%s\u00a0%d", moment: "%s, %s", clock: "15:04",
		units: [4]string{"B", "kB", "MB", "GB"},
	}
}

// number groups the digits by three.
func (s shapes) number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + s.thousands + digits[i:]
	}
	return sign + digits
}

// decimal writes a canonical number answer, as in -12.5.
func (s shapes) decimal(answer string) string {
	wholePart, fraction, has := strings.Cut(answer, ".")
	n, err := strconv.ParseInt(wholePart, 10, 64)
	if err != nil {
		return answer
	}
	text := s.number(n)
	if n == 0 && strings.HasPrefix(wholePart, "-") {
		text = "−0"
	}
	if has {
		text += s.point + fraction
	}
	return text
}

func (s shapes) date(t time.Time) string {
	return fmt.Sprintf(s.day, t.Day(), s.months[t.Month()-1], t.Year())
}

func (s shapes) dateTime(t time.Time) string {
	return fmt.Sprintf(s.moment, s.date(t), t.Format(s.clock))
}

// size writes a number of bytes.
func (s shapes) size(bytes int64) string {
	const step = 1024
	value, unit := float64(bytes), 0
	for value >= step && unit < len(s.units)-1 {
		value /= step
		unit++
	}
	text := strconv.FormatInt(bytes, 10)
	if unit > 0 {
		text = strings.Replace(strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0"), ".", s.point, 1)
	}
	return text + "\u00a0" + s.units[unit]
}

// when is a moment as pages show it.
type when struct {
	ISO   string // for machines
	Short string // how long ago, or the day
	Full  string // the moment
}

// when shows a moment in the language and the zone; a zero one is nothing.
func (s *speech) when(t, now time.Time, zone *time.Location) when {
	if t.IsZero() {
		return when{}
	}
	t, now = t.In(zone), now.In(zone)
	return when{ISO: t.UTC().Format(time.RFC3339), Short: s.ago(t, now), Full: s.shapes.dateTime(t)}
}

// ago is how long ago it was as long as that tells more than the day.
func (s *speech) ago(t, now time.Time) string {
	const day = 24 * time.Hour
	switch past := now.Sub(t); {
	case past < -time.Minute:
		return s.shapes.date(t)
	case past < time.Minute:
		return s.say("when.now")
	case past < time.Hour:
		return s.say("when.minutes", "n", int64(past/time.Minute))
	case past < day:
		return s.say("when.hours", "n", int64(past/time.Hour))
	case past < 7*day:
		return s.say("when.days", "n", int64(past/day))
	}
	return s.shapes.date(t)
}
