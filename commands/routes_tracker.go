package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// settingsBody is what POST and PATCH of a tracker share.
type settingsBody struct {
	Name            *string                         `json:"name"`
	Mode            *domain.Mode                    `json:"mode"`
	Workflow        *tracker.Workflow               `json:"workflow"`
	States          *[]tracker.State                `json:"states"`
	Labels          map[tracker.State]tracker.Label `json:"labels"`
	DefaultAssignee *domain.UserID                  `json:"defaultAssignee"`
	Intro           *tracker.Label                  `json:"intro"`
	ThankYou        *tracker.Label                  `json:"thankYou"`
	ContactURL      *string                         `json:"contactUrl"`
	CommentsOff     *bool                           `json:"commentsOff"`
	Assignment      *tracker.Assignment             `json:"assignment"`
	Migrate         map[tracker.State]tracker.State `json:"migrate"`
	NewTickets      *tracker.StackEnd               `json:"newTickets"`
	Course          *tracker.Course                 `json:"course"`
	BackReport      *tracker.BackReport             `json:"backReport"`
	ReportComments  *bool                           `json:"reportComments"`
}

func (to routes) createTracker(c *fiber.Ctx) error {
	var body struct {
		Key domain.TrackerKey `json:"key"`
		settingsBody
		Members map[domain.UserID][]domain.Role `json:"members"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	command := tracker.Create{Key: body.Key, Settings: tracker.Settings(body.settingsBody), Members: body.Members}
	out, err := to.ChangeTracker(c.UserContext(), caller, req, body.Key, command)
	if err != nil {
		return err
	}
	c.Location("/api/v1/trackers/" + string(out.State.Key))
	return answer(c.Status(fiber.StatusCreated), out, out.State)
}

func (to routes) configureTracker(c *fiber.Ctx) error {
	var body settingsBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.Configure{Settings: tracker.Settings(body)})
}

func (to routes) setParent(c *fiber.Ctx) error {
	var body struct {
		Parent domain.TrackerKey `json:"parent"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	if !body.Parent.Valid() {
		var problems domain.Problems
		problems.Add("parent", "bad-key", "the key of a tracker")
		return problems.Err()
	}
	return to.place(c, body.Parent)
}

func (to routes) removeParent(c *fiber.Ctx) error { return to.place(c, "") }

func (to routes) place(c *fiber.Ctx, parent domain.TrackerKey) error {
	return to.onTracker(c, func(caller Caller, req Request, key domain.TrackerKey) (Outcome[tracker.Tracker], error) {
		return to.SetParent(c.UserContext(), caller, req, key, parent)
	})
}

func (to routes) archive(c *fiber.Ctx) error { return to.change(c, tracker.Archive{}) }

func (to routes) unarchive(c *fiber.Ctx) error { return to.change(c, tracker.Unarchive{}) }

func (to routes) setRules(c *fiber.Ctx) error {
	var body struct {
		Rules []tracker.Rule `json:"rules"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.SetRules{Rules: body.Rules})
}

func (to routes) resetRules(c *fiber.Ctx) error { return to.change(c, tracker.ResetRules{}) }

func (to routes) setRights(c *fiber.Ctx) error {
	var body domain.RightChanges
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.SetRights{Role: domain.Role(c.Params("role")), RightChanges: body})
}

func (to routes) resetRights(c *fiber.Ctx) error {
	return to.change(c, tracker.ResetRights{Role: domain.Role(c.Params("role"))})
}

func (to routes) setMember(c *fiber.Ctx) error {
	var body struct {
		Roles []domain.Role `json:"roles"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.SetMember{User: domain.UserID(c.Params("user")), Roles: body.Roles})
}

func (to routes) removeMember(c *fiber.Ctx) error {
	return to.change(c, tracker.RemoveMember{User: domain.UserID(c.Params("user"))})
}

// fieldBody is a field without its code, which is in the path.
type fieldBody struct {
	Type      tracker.FieldType  `json:"type"`
	Label     tracker.Label      `json:"label"`
	Mandatory bool               `json:"mandatory"`
	Options   []tracker.Option   `json:"options"`
	Layout    string             `json:"layout"`
	Source    tracker.Source     `json:"source"`
	Value     string             `json:"value"`
	Help      tracker.Label      `json:"help"`
	Default   string             `json:"default"`
	Inactive  bool               `json:"inactive"`
	Hidden    bool               `json:"hidden"`
	Listable  bool               `json:"listable"`
	Condition *tracker.Condition `json:"condition"`
	Shared    bool               `json:"shared"` // then what it is comes from the library
}

func (b fieldBody) field(code string) tracker.Field {
	return tracker.Field{
		Code: code, Type: b.Type, Label: b.Label, Mandatory: b.Mandatory, Options: b.Options, Layout: b.Layout,
		Source: b.Source, Value: b.Value, Help: b.Help, Default: b.Default,
		Inactive: b.Inactive, Hidden: b.Hidden, Listable: b.Listable, Condition: b.Condition, Shared: b.Shared,
	}
}

func (to routes) setField(c *fiber.Ctx) error {
	var body fieldBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.SetField{Field: body.field(c.Params("code"))})
}

func (to routes) removeField(c *fiber.Ctx) error {
	return to.change(c, tracker.RemoveField{Code: c.Params("code")})
}

func (to routes) orderFields(c *fiber.Ctx) error {
	var body struct {
		Codes []string `json:"codes"`
	}
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.change(c, tracker.OrderFields{Codes: body.Codes})
}
