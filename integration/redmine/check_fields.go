package redmine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"suivi/domain/tracker"
)

// checkFixed looks at what every issue has.
func (c *checker) checkFixed(ctx context.Context) (bool, error) {
	fixed := c.at.Mirror.Fixed
	for _, word := range sortedKeys(fixed) {
		if !slices.Contains([]string{FixedTracker, FixedPriority, FixedExternalID, FixedResolution, FixedReportedBy, FixedFormatting}, word) {
			c.say("unknown-word", "fixed."+word, "Take it out.", "Redmine's mirror knows nothing of %q.", word)
		}
	}
	if err := c.checkFormatting(ctx); err != nil {
		return false, err
	}
	c.checkTracker("fixed."+FixedTracker, fixed[FixedTracker])
	var err error
	if c.fields, err = c.client.CustomFields(ctx); err != nil && !hasStatus(err, http.StatusForbidden) {
		return false, err
	}
	if fixed[FixedPriority] != "" {
		if err := c.checkPriority(ctx, "fixed."+FixedPriority, fixed[FixedPriority]); err != nil {
			return false, err
		}
	}
	for _, word := range []string{FixedResolution, FixedReportedBy} {
		if fixed[word] != "" {
			c.customField("fixed."+word, fixed[word])
		}
	}
	c.checkRequired()
	return true, c.checkExternalID(ctx)
}

func (c *checker) checkTracker(where, text string) {
	id, _ := number(text)
	if !slices.ContainsFunc(c.project.Trackers, func(t Ref) bool { return t.ID == id }) {
		c.say("tracker-unknown", where, "Choose one of "+offer(c.project.Trackers)+".", "The project %s has no tracker %q: Redmine would take its first one without a word.", c.project.Name, text)
	}
}

func (c *checker) checkPriority(ctx context.Context, where, text string) error {
	all, err := c.client.Priorities(ctx)
	id, _ := number(text)
	if err == nil && !slices.ContainsFunc(all, func(p Priority) bool { return p.ID == id }) {
		c.say("priority-unknown", where, "Choose one of "+offer(all)+".", "Redmine has no priority %q.", text)
	}
	return err
}

// customField finds a custom field that the mapping names. Whether it is there is
// told to administrators alone; for others it is known is false.
func (c *checker) customField(where, text string) (field CustomField, known bool) {
	id, ok := number(text)
	i := slices.IndexFunc(c.fields, func(f CustomField) bool { return f.ID == id })
	switch {
	case ok && i >= 0:
		c.checkFieldTrackers(where, c.fields[i])
		return c.fields[i], true
	case !ok || c.me.Admin:
		c.say("field-missing", where, "In Redmine: Administration → Custom fields → Issues; the number stands in the field's address.", "Redmine has no custom field of issues %q.", text)
	}
	return CustomField{}, false
}

func (c *checker) checkFieldTrackers(where string, field CustomField) {
	id, _ := number(c.at.Mirror.Fixed[FixedTracker])
	if !slices.ContainsFunc(field.Trackers, func(t Ref) bool { return t.ID == id }) {
		c.say("field-not-used", where, "In Redmine: Administration → Custom fields → “"+field.Name+"” → tick the tracker.", "The custom field “%s” is not used by the tracker %d.", field.Name, id)
	}
}

// checkRequired finds what Redmine wants and nobody gives.
func (c *checker) checkRequired() {
	given := map[int]bool{}
	for _, text := range c.at.Mirror.Fixed {
		id, _ := number(text)
		given[id] = true
	}
	for _, to := range c.at.Mirror.Fields {
		id, _ := number(to.ID)
		given[id] = given[id] || to.As == AsField
	}
	id, _ := number(c.at.Mirror.Fixed[FixedTracker])
	for _, field := range c.fields {
		if field.Required && !given[field.ID] && slices.ContainsFunc(field.Trackers, func(t Ref) bool { return t.ID == id }) {
			c.say("field-required", "fields", "Map a field to it, or take “Required” away from it in Redmine.", "Redmine wants a value of the custom field “%s” (%d), which no field is mapped to.", field.Name, field.ID)
		}
	}
}

// checkExternalID tries the field by which issues are found again.
func (c *checker) checkExternalID(ctx context.Context) error {
	const where = "fixed." + FixedExternalID
	const create = "In Redmine: Administration → Custom fields → New → Issues → Text, “External ticket id”, with “Used as a filter” and all trackers; then write its number, which stands in its address."
	text := c.at.Mirror.Fixed[FixedExternalID]
	if text == "" {
		c.say("external-id-missing", where, create, "Redmine needs a custom field that carries the ticket's id; without it an issue could be made twice.")
		return nil
	}
	field, known := c.customField(where, text)
	id, ok := number(text)
	switch {
	case !ok:
		return nil
	case !known && c.me.Admin:
		return nil
	case known && (field.Format != "string" || field.Multiple):
		c.say("external-id-format", where, create, "The custom field “%s” is of the format %s; it must be one line of text.", field.Name, field.Format)
		return nil
	case known && field.MaxLength > 0 && field.MaxLength < longestID:
		c.say("external-id-short", where, "Raise its maximum length.", "The custom field “%s” takes %d characters; a ticket's id may have %d.", field.Name, field.MaxLength, longestID)
	case known && !field.Filter:
		c.say("external-id-no-filter", where, "In Redmine: Administration → Custom fields → “"+field.Name+"” → tick “Used as a filter”.", "The custom field “%s” is no filter, so that issues cannot be found by it.", field.Name)
		return nil
	}
	return c.tryFilter(ctx, id)
}

// longestID is how long a ticket's id is at most: a key and a number.
const longestID = 10 + 1 + 19

// tryFilter sees whether Redmine filters by the field for this key: of a filter
// that it does not know, it says nothing and lists all.
func (c *checker) tryFilter(ctx context.Context, id int) error {
	var answer struct {
		Issues []Issue `json:"issues"`
	}
	query := url.Values{"project_id": {c.at.Mirror.Project}, "status_id": {"*"}, "limit": {"1"}, "cf_" + strconv.Itoa(id): {"no ticket has this id"}}
	if err := c.client.get(ctx, "/issues.json", query, &answer); err != nil {
		return err
	}
	if len(answer.Issues) > 0 {
		c.say("external-id-no-filter", "fixed."+FixedExternalID, "In Redmine: Administration → Custom fields → tick “Used as a filter”, and make it visible to the role of the key's person.",
			"Redmine does not filter by the custom field %d: it is not there, no filter, or hidden from the key's person.", id)
	}
	return nil
}

// checkFields looks at what fields are mapped to.
func (c *checker) checkFields(ctx context.Context) (bool, error) {
	for _, code := range sortedKeys(c.at.Mirror.Fields) {
		to, where := c.at.Mirror.Fields[code], "fields."+code
		field, _ := c.at.Tracker.Ever(code)
		switch to.As {
		case AsField:
			if custom, known := c.customField(where, to.ID); known {
				c.checkValues(where, field, to, custom)
			}
		case AsPriority, AsTracker:
			if err := c.checkAnswers(ctx, where, field, to); err != nil {
				return false, err
			}
		default:
			c.say("unknown-word", where, "Write "+AsField+", "+AsPriority+" or "+AsTracker+".", "Redmine's mirror knows nothing of fields as %q.", to.As)
		}
	}
	return true, nil
}

// checkValues sees whether a list there has what the options here become.
func (c *checker) checkValues(where string, field tracker.Field, to tracker.FieldMapping, custom CustomField) {
	for _, option := range field.Options {
		value := cmp.Or(to.Answers[option.Code], label(option.Label, option.Code))
		if !custom.takes(value) {
			c.say("value-unknown", where+".answers."+option.Code, "Add the value in Redmine, or map the option to one of: "+custom.values()+".",
				"The list “%s” has no value “%s”.", custom.Name, value)
		}
	}
}

func (f CustomField) values() string {
	values := make([]string, len(f.Options))
	for i, option := range f.Options {
		values[i] = option.Value
	}
	return strings.Join(values, ", ")
}

// checkAnswers sees whether each option is a priority, or a tracker, there.
func (c *checker) checkAnswers(ctx context.Context, where string, field tracker.Field, to tracker.FieldMapping) error {
	var all error
	for _, option := range field.Options {
		at, id := where+".answers."+option.Code, to.Answers[option.Code]
		switch {
		case id == "":
			c.say("answer-unmapped", at, "Map each option of the field.", "The option “%s” is no %s in Redmine.", label(option.Label, option.Code), to.As)
		case to.As == AsTracker:
			c.checkTracker(at, id)
		default:
			all = errors.Join(all, c.checkPriority(ctx, at, id))
		}
	}
	return all
}

func sortedKeys[K cmp.Ordered, V any](of map[K]V) []K { return slices.Sorted(maps.Keys(of)) }

// number is the number that the text is.
func number(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

// label is the text for people of an option. The twin is in one language: English
// where there is one.
func label(l tracker.Label, code string) string { return cmp.Or(l.EN, l.FR, code) }
