// Package helpdesk turns the log of another help desk, one CSV line per deed,
// into what Suivi must do to have the same history: for each case a list of
// steps (Plan) and, for all of them, the people and fields that they need
// (Desk). It is pure: cmd/suivi/import.go reads the file and sends the steps.
package helpdesk

import (
	"fmt"

	"suivi/domain/tracker"
)

// deed is what an activity of the log means here.
type deed struct {
	state tracker.State
	takes bool // who acts becomes the assignee
	// usual says that the activity is the one that the state makes one think of.
	// The others that lead to the same state are named in a comment.
	usual bool
}

// assignSeriousness is the activity from which on the seriousness columns count.
const assignSeriousness = "Assign seriousness"

// meaning is what the activity does to a ticket; an error for one that we do not know.
func meaning(activity string) (deed, error) {
	switch activity {
	case "Insert ticket":
		return deed{state: tracker.Posted, usual: true}, nil
	case assignSeriousness:
		return deed{state: tracker.Open, usual: true}, nil
	case "Take in charge ticket":
		return deed{state: tracker.Working, usual: true, takes: true}, nil
	case "Wait":
		return deed{state: tracker.Waiting, usual: true}, nil
	case "Require upgrade":
		return deed{state: tracker.Blocked, usual: true}, nil
	case "Create SW anomaly":
		return deed{state: tracker.Blocked}, nil
	case "Schedule intervention", "Resolve SW anomaly":
		return deed{state: tracker.Working}, nil
	case "Resolve ticket":
		return deed{state: tracker.Resolved, usual: true}, nil
	case "RESOLVED":
		return deed{state: tracker.Resolved}, nil
	case "Closed":
		return deed{state: tracker.Validated, usual: true}, nil
	case "VERIFIED":
		return deed{state: tracker.Validated}, nil
	case "INVALID":
		return deed{state: tracker.Abandoned, usual: true}, nil
	case "DUPLICATE":
		return deed{state: tracker.Abandoned}, nil
	}
	return deed{}, fmt.Errorf("unknown activity %q", activity)
}

// column is a column of the log that becomes a field of the tracker.
type column struct {
	cell    int    // of a line, from 0
	code    string // of the field
	kind    tracker.FieldType
	label   tracker.Label
	serious bool // counts from the first Assign seriousness on
}

// columns are those of a case's attributes, in the order of the file. The second
// "Variant" (cell 6) says the same as the first, which Read checks.
func columns() []column {
	return []column{
		{4, "variant", tracker.Text, tracker.Label{FR: "Variante", EN: "Variant"}, false},
		{5, "variant_index", tracker.Text, tracker.Label{FR: "Indice de variante", EN: "Variant index"}, false},
		{7, "seriousness", tracker.Dropdown, tracker.Label{FR: "Gravité", EN: "Seriousness"}, true},
		{8, "customer", tracker.Text, tracker.Label{FR: "Client", EN: "Customer"}, false},
		{9, "product", tracker.Dropdown, tracker.Label{FR: "Produit", EN: "Product"}, false},
		{10, "responsible_section", tracker.Dropdown, tracker.Label{FR: "Section responsable", EN: "Responsible section"}, false},
		{11, "seriousness_2", tracker.Dropdown, tracker.Label{FR: "Gravité (2)", EN: "Seriousness (2)"}, true},
		{12, "service_level", tracker.Dropdown, tracker.Label{FR: "Niveau de service", EN: "Service level"}, false},
		{13, "service_type", tracker.Dropdown, tracker.Label{FR: "Type de service", EN: "Service type"}, false},
		{14, "support_section", tracker.Dropdown, tracker.Label{FR: "Section de support", EN: "Support section"}, false},
		{15, "workgroup", tracker.Dropdown, tracker.Label{FR: "Groupe de travail", EN: "Workgroup"}, false},
	}
}
