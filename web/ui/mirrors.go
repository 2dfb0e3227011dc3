package ui

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
)

// Mirrors is what pages ask of the mirrors in other tools.
type Mirrors struct {
	Tools []string // by name
	Form  func(tool string) (mirror.Form, error)
	// Secrets are what administrators keep, without the secrets themselves; SecretsFor those that a tracker may use.
	Secrets      func(context.Context) ([]integration.KeptSecret, error)
	SecretsFor   func(context.Context, domain.TrackerKey) ([]integration.KeptSecret, error)
	SetSecret    func(ctx context.Context, secret integration.KeptSecret, value string, by domain.By) error
	AllowSecret  func(ctx context.Context, name string, trackers []domain.TrackerKey, by domain.By) error
	RemoveSecret func(ctx context.Context, name string, by domain.By) error
	// Projects, Propose and Check ask the tool about a draft, and change nothing there.
	Projects func(ctx context.Context, tool string, key domain.TrackerKey, draft tracker.Mirror) ([]mirror.Choice, error)
	Propose  func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (mirror.Proposal, error)
	Check    func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) ([]mirror.Problem, error)
	// State is how the tracker's mirror is doing; whole: with what tells of single tickets. States are those of all trackers.
	State  func(ctx context.Context, tool string, in tracker.Tracker, whole bool) (mirror.State, error)
	States func(ctx context.Context, tool string) ([]mirror.State, error)
	// Order begins a long work on a mirror, Cancel ends it.
	Order  func(ctx context.Context, tool string, key domain.TrackerKey, kind string, by domain.UserID) error
	Cancel func(ctx context.Context, tool string, key domain.TrackerKey) error
	// Retry and Resolve deal with parked work of the tracker, Replay has all of it tried again.
	Retry   func(ctx context.Context, tool string, key domain.TrackerKey, id string) error
	Resolve func(ctx context.Context, tool string, key domain.TrackerKey, id string, by domain.UserID) error
	Replay  func(ctx context.Context, tool string, key domain.TrackerKey) error
	// ParkedOf is what is parked of a ticket, of all tools.
	ParkedOf func(ctx context.Context, id domain.TicketID) ([]integration.Parked, error)
}

func (u *UI) mirrorRoutes(s fiber.Router) {
	s.Get("/mirrors", u.manager(mirrorsPage))
	s.Get("/mirrors/:tool", u.ofTool(mirrorPage))
	s.Post("/mirrors/:tool", u.ofTool(workOnMirror))
	s.Get("/mirrors/:tool/edit", u.ofTool(mirrorFormPage))
	s.Post("/mirrors/:tool/edit", u.ofTool(editMirror))
}

// ofTool serves those who may configure the tracker; of a tool that there is not, there is no page.
func (u *UI) ofTool(h func(*page, toolOf) error) fiber.Handler {
	return u.manager(func(p *page, in configured) error {
		tool := p.path("tool")
		if !u.mirrorsIn(tool) {
			return domain.Errorf(domain.NotFound, "tool-not-found", "there is no tool %q", tool)
		}
		return h(p, toolOf{in, tool})
	})
}

// toolOf is a tool in a tracker's settings.
type toolOf struct {
	configured

	tool string
}

func (u *UI) mirrorsIn(tool string) bool { return slices.Contains(u.cfg.Mirrors.Tools, tool) }

func (in toolOf) path(rest string) string {
	return settingsPath(in.Key, "mirrors/"+in.tool) + rest
}

// toolName is what people call a tool.
func (p *page) toolName(tool string) string {
	if key := "source." + tool; p.has(key) {
		return p.say(key)
	}
	return tool
}

// mirrorsView is in which tools the tracker's tickets have twins.
type mirrorsView struct {
	settingsFrame

	Mirrors []mirrorRow
	Others  []toolRow // in which it has none
	Secrets bool      // an administrator keeps one at least that the tracker may use
}

type toolRow struct{ Name, URL string }

// mirrorRow is a mirror in a list.
type mirrorRow struct {
	Tracker   domain.TrackerKey
	Tool      string
	URL       string // of its page
	Site      string
	Project   string
	Direction string
	Standing  standingView
	Twins     int64
	Lag       uint64
	Parked    int
	Drifts    int
	Work      *mirrorWorkView
}

// standingView is how a mirror is doing.
type standingView struct {
	Standing mirror.Standing
	Label    string
	Why      string
	Bad      bool
}

func (p *page) standingView(s mirror.State) standingView {
	return standingView{s.Standing, p.say("standing." + string(s.Standing)), s.Why, s.Standing == mirror.Stopped}
}

func mirrorsPage(p *page, in configured) error {
	frame, _, err := p.settings(in, "mirrors", nil)
	if err != nil {
		return err
	}
	v := mirrorsView{settingsFrame: frame}
	for _, tool := range p.cfg.Mirrors.Tools {
		of := toolOf{in, tool}
		if _, has := in.Mirror(tool); !has {
			v.Others = append(v.Others, toolRow{p.toolName(tool), of.path("/edit")})
			continue
		}
		state, err := p.mirrorState(of)
		if err != nil {
			return err
		}
		row, err := p.mirrorRow(tool, state)
		if err != nil {
			return err
		}
		v.Mirrors = append(v.Mirrors, row)
	}
	secrets, err := p.cfg.Mirrors.SecretsFor(p.ctx(), in.Key)
	v.Secrets = len(secrets) > 0
	if err != nil {
		return err
	}
	return p.show("settings-mirrors", v)
}

// mirrorState tells of single tickets only who may read them all.
func (p *page) mirrorState(in toolOf) (mirror.State, error) {
	return p.cfg.Mirrors.State(p.ctx(), in.tool, in.Tracker, p.seesWhole(in.Tracker))
}

func (p *page) seesWhole(in tracker.Tracker) bool {
	return in.May(p.actor(), domain.SeeAll) && in.May(p.actor(), domain.SeeInternal)
}

func (p *page) mirrorRow(tool string, s mirror.State) (mirrorRow, error) {
	row := mirrorRow{
		Tracker: s.Tracker, Tool: p.toolName(tool), URL: settingsPath(s.Tracker, "mirrors/"+tool), Site: s.Mirror.Site, Project: s.Mirror.Project,
		Direction: p.say("direction.short." + string(s.Mirror.Direction)), Standing: p.standingView(s), Twins: s.Twins, Lag: s.Lag, Parked: len(s.Parked), Drifts: len(s.Drifts),
	}
	var err error
	row.Work, err = p.mirrorWork(s.Work)
	return row, err
}
