package tracker

import "slices"

// Source is where a constant's answers come from (mod_tracker.md §9.2).
type Source string

// The sources of constants.
const (
	SourceValue           Source = "value"             // the field's own value
	SourceSiteShortName   Source = "site-short-name"   // of this installation
	SourceSiteName        Source = "site-name"         // of this installation
	SourceTrackerKey      Source = "tracker-key"       // what an activity's id number was
	SourceCourseID        Source = "course-id"         // of the course that the tracker serves
	SourceCourseShortName Source = "course-short-name" // of that course
	SourceCourseName      Source = "course-name"       // of that course
)

// Sources is every source.
func Sources() []Source {
	return []Source{SourceValue, SourceSiteShortName, SourceSiteName, SourceTrackerKey, SourceCourseID, SourceCourseShortName, SourceCourseName}
}

// Valid tells whether there is such a source.
func (s Source) Valid() bool { return slices.Contains(Sources(), s) }

// Site is what this installation is called.
type Site struct{ ShortName, Name string }

// Course is what the tracker serves, where it serves one: texts of another system.
type Course struct {
	ID        string `json:"id"` // as that system knows it
	ShortName string `json:"shortName"`
	Name      string `json:"name"`
}

// Constant is what a constant field of the tracker says now.
func (t Tracker) Constant(f Field, site Site) string {
	switch f.Source {
	case SourceValue:
		return f.Value
	case SourceSiteShortName:
		return site.ShortName
	case SourceSiteName:
		return site.Name
	case SourceTrackerKey:
		return string(t.Key)
	case SourceCourseID:
		return t.Course.ID
	case SourceCourseShortName:
		return t.Course.ShortName
	case SourceCourseName:
		return t.Course.Name
	}
	return ""
}
