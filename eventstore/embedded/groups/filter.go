package groups

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"suivi/eventstore/embedded/eventlog"
)

// Filter chooses events of $all: by type or else by stream, with a regular
// expression or else with prefixes.
type Filter struct {
	ByType   bool     `json:"byType,omitempty"`
	Regex    string   `json:"regex,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
}

// Matcher is a filter made ready. A nil one shows all but the server's own accounts.
type Matcher struct {
	filter Filter
	regex  *regexp.Regexp
}

// Compile makes a filter ready. Its regular expressions are Go's: those of .NET that
// look around or refer back are refused.
func (f Filter) Compile() (*Matcher, error) {
	m := &Matcher{filter: f}
	switch {
	case f.Regex != "":
		var err error
		if m.regex, err = regexp.Compile(f.Regex); err != nil {
			return nil, fmt.Errorf("the filter's regular expression is not supported: %w", err)
		}
	case len(f.Prefixes) == 0:
		return nil, errors.New("the filter has neither a regular expression nor prefixes")
	}
	return m, nil
}

// Matches tells whether an event of $all is shown.
func (m *Matcher) Matches(r *eventlog.Record) bool {
	if hiddenFromAll(r.Stream) {
		return false
	}
	if m == nil {
		return true
	}
	text := r.Stream
	if m.filter.ByType {
		text = r.Type
	}
	if m.regex != nil {
		return m.regex.MatchString(text)
	}
	for _, prefix := range m.filter.Prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// hiddenFromAll names the streams in which a server keeps its own accounts of $all.
func hiddenFromAll(stream string) bool {
	if !strings.HasPrefix(stream, "$") {
		return false
	}
	return stream == "$epoch-information" ||
		strings.HasPrefix(stream, "$persistentsubscription-$all::") &&
			(strings.HasSuffix(stream, "-checkpoint") || strings.HasSuffix(stream, "-parked"))
}
