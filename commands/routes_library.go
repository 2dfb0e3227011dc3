package commands

import (
	"github.com/gofiber/fiber/v2"

	"suivi/domain/library"
	"suivi/domain/tracker"
)

// definitionBody is what is shared of a field: not how a tracker uses it.
type definitionBody struct {
	Type    tracker.FieldType `json:"type"`
	Label   tracker.Label     `json:"label"`
	Options []tracker.Option  `json:"options"`
	Layout  string            `json:"layout"`
	Source  tracker.Source    `json:"source"`
	Value   string            `json:"value"`
	Help    tracker.Label     `json:"help"`
	Default string            `json:"default"`
}

func (to routes) defineField(c *fiber.Ctx) error {
	var body definitionBody
	if err := ReadBody(c, &body); err != nil {
		return err
	}
	return to.changeLibrary(c, library.Define{Field: tracker.Field{
		Code: c.Params("code"), Type: body.Type, Label: body.Label, Options: body.Options, Layout: body.Layout,
		Source: body.Source, Value: body.Value, Help: body.Help, Default: body.Default,
	}})
}

func (to routes) deleteDefinition(c *fiber.Ctx) error {
	return to.changeLibrary(c, library.Delete{Code: c.Params("code")})
}

// changeLibrary answers with the field's definition.
func (to routes) changeLibrary(c *fiber.Ctx, command library.Command) error {
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := to.ChangeLibrary(c.UserContext(), caller, req, command)
	if err != nil {
		return err
	}
	definition, _ := out.State.Definition(c.Params("code"))
	return answer(c, out, definition)
}
