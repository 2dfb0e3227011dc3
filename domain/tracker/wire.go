package tracker

import (
	"encoding/json"
	"fmt"
)

// The stored names. They are never changed; a new shape gets a new version.
const (
	createdV1       = "tracker.created.v1"
	configuredV1    = "tracker.configured.v1"
	memberSetV1     = "tracker.member_set.v1"
	memberRemovedV1 = "tracker.member_removed.v1"
	fieldSetV1      = "tracker.field_set.v1"
	fieldRemovedV1  = "tracker.field_removed.v1"
	fieldsOrderedV1 = "tracker.fields_ordered.v1"
	rightsSetV1     = "tracker.rights_set.v1"
	rightsResetV1   = "tracker.rights_reset.v1"
	archivedV1      = "tracker.archived.v1"
	unarchivedV1    = "tracker.unarchived.v1"
	rulesSetV1      = "tracker.rules_set.v1"
	rulesResetV1    = "tracker.rules_reset.v1"
	mirrorSetV1     = "tracker.mirror_set.v1"
	mirrorRemovedV1 = "tracker.mirror_removed.v1"
)

// Types are the stored names of all events of a tracker and of the tree.
func Types() []string {
	return []string{
		createdV1, configuredV1, memberSetV1, memberRemovedV1, fieldSetV1, fieldRemovedV1, fieldsOrderedV1, rightsSetV1, rightsResetV1,
		archivedV1, unarchivedV1, rulesSetV1, rulesResetV1, mirrorSetV1, mirrorRemovedV1, parentSetV1,
	}
}

// Encode gives the stored name and the JSON of an event.
func Encode(event Event) (name string, data []byte, err error) {
	switch event.(type) {
	case Created:
		name = createdV1
	case Configured:
		name = configuredV1
	case MemberSet:
		name = memberSetV1
	case MemberRemoved:
		name = memberRemovedV1
	case FieldSet:
		name = fieldSetV1
	case FieldRemoved:
		name = fieldRemovedV1
	case FieldsOrdered:
		name = fieldsOrderedV1
	case RightsSet:
		name = rightsSetV1
	case RightsReset:
		name = rightsResetV1
	case Archived:
		name = archivedV1
	case Unarchived:
		name = unarchivedV1
	case RulesSet:
		name = rulesSetV1
	case RulesReset:
		name = rulesResetV1
	case MirrorSet:
		name = mirrorSetV1
	case MirrorRemoved:
		name = mirrorRemovedV1
	default:
		return "", nil, fmt.Errorf("tracker: no stored name for %T", event)
	}
	data, err = json.Marshal(event)
	return name, data, err
}

// Decode reads a stored event of any version ever written.
func Decode(name string, data []byte) (Event, error) {
	switch name {
	case createdV1:
		return decode[Created](name, data)
	case configuredV1:
		return decode[Configured](name, data)
	case memberSetV1:
		return decode[MemberSet](name, data)
	case memberRemovedV1:
		return decode[MemberRemoved](name, data)
	case fieldSetV1:
		return decode[FieldSet](name, data)
	case fieldRemovedV1:
		return decode[FieldRemoved](name, data)
	case fieldsOrderedV1:
		return decode[FieldsOrdered](name, data)
	case rightsSetV1:
		return decode[RightsSet](name, data)
	case rightsResetV1:
		return decode[RightsReset](name, data)
	case archivedV1:
		return decode[Archived](name, data)
	case unarchivedV1:
		return decode[Unarchived](name, data)
	case rulesSetV1:
		return decode[RulesSet](name, data)
	case rulesResetV1:
		return decode[RulesReset](name, data)
	case mirrorSetV1:
		return decode[MirrorSet](name, data)
	case mirrorRemovedV1:
		return decode[MirrorRemoved](name, data)
	}
	return nil, fmt.Errorf("tracker: unknown event %q", name)
}

func decode[E Event](name string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("tracker: read %s: %w", name, err)
	}
	return e, nil
}
