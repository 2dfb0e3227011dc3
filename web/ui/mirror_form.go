package ui

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// mirrorFormView is the form of a mirror: first where it is, and once that is known, what
// is what there.
type mirrorFormView struct {
	settingsFrame

	Path    string
	Home    string // of the mirror that is set
	Tool    string
	New     bool
	Typed   url.Values
	Secret  slotView
	Project slotView
	Read    bool // the projects have been read
	Mapped  bool // what is what is shown
	Silence *silence

	Directions []choice
	Deletions  []choice
	Actor      slotView
	States     []slotView
	Fixed      []slotView
	Fields     []mappedField
	People     []slotView
	MorePeople bool

	Checked  bool
	Problems []problemView
	wrong    map[string]string
}

// At is what is wrong with a part of the mirror.
func (v mirrorFormView) At(where string) string { return v.wrong[where] }

func mirrorFormPage(p *page, in toolOf) error {
	had, has := in.Mirror(in.tool)
	typed := typedMirror(had.Tidy())
	return p.showMirrorForm(in, mirrorAsked{typed: typed, mapped: has, read: has}, nil)
}

// mirrorAsked is what the form was sent with, and what is to be shown with it.
type mirrorAsked struct {
	typed   url.Values
	read    bool // the projects
	mapped  bool
	propose bool
	found   *checked
	wrong   *Complaint
}

// editMirror reads what there is, proposes, checks or saves. Whatever comes of it, what was typed stays.
func editMirror(p *page, in toolOf) error {
	return p.withForm(func(f *form) error {
		ask := mirrorAsked{typed: f.Values, read: true, mapped: f.Get("mapped") == "on"}
		do := f.Get("do")
		if do == "read" {
			return p.showMirrorForm(in, ask, nil)
		}
		draft, _, _, err := p.drafted(in, f.Values)
		if err != nil {
			return err
		}
		switch do {
		case "propose":
			ask.mapped, ask.propose = true, true
		case "refresh":
		case "check":
			if ask.found, err = p.check(in, &draft); err != nil {
				return err
			}
		case "save":
			return p.configure(in.configured, change{
				form: f, all: []tracker.Command{tracker.SetMirror{Mirror: draft}}, address: in.path(""), said: "mirror-saved",
				again: func(wrong *Complaint, err error) error {
					ask.wrong = wrong
					return p.showMirrorForm(in, ask, err)
				},
			})
		default:
			return errBadForm()
		}
		return p.showMirrorForm(in, ask, nil)
	})
}

// readFor bounds how long a page waits for a tool, however often it asks; the rest of its time is for the page.
const readFor = 8 * time.Second

// asking is the context of questions to a tool.
func (p *page) asking() (context.Context, context.CancelFunc) {
	return context.WithDeadline(p.ctx(), p.now.Add(readFor))
}

// there is what there is in the tool, as far as it could be read.
type there struct {
	projects []mirror.Choice
	proposal mirror.Proposal
	silence  *silence // why not all of it
}

func (p *page) readTool(in toolOf, draft tracker.Mirror, ask mirrorAsked) (there, error) {
	var t there
	if !ask.read || draft.Secret == "" || draft.Site == "" {
		return t, nil
	}
	ctx, cancel := p.asking()
	defer cancel()
	var err error
	t.projects, err = p.cfg.Mirrors.Projects(ctx, in.tool, in.Key, draft)
	if err == nil && ask.mapped && draft.Project != "" {
		t.proposal, err = p.cfg.Mirrors.Propose(ctx, in.tool, in.Key, &draft)
	}
	if t.silence = p.silence(ctx, err); t.silence != nil {
		err = nil
	}
	return t, err
}

func (p *page) showMirrorForm(in toolOf, ask mirrorAsked, failure error) error {
	for name, values := range typedMirror(tracker.Mirror{}.Tidy()) { // of what was not asked yet, what is usual
		if !strings.Contains(name, ".") && ask.typed.Get(name) == "" {
			ask.typed[name] = values
		}
	}
	draft, form, secrets, err := p.drafted(in, ask.typed)
	if err != nil {
		return err
	}
	ask.mapped = ask.mapped && draft.Project != ""
	found, err := p.readTool(in, draft, ask)
	if err != nil {
		return err
	}
	if ask.propose {
		propose(ask.typed, found.proposal.Mapping)
	}
	frame, _, err := p.settings(in.configured, "mirrors", ask.wrong)
	if err != nil {
		return err
	}
	_, has := in.Mirror(in.tool)
	v := mirrorFormView{settingsFrame: frame, Path: in.path("/edit"), Home: in.path(""), Tool: p.toolName(in.tool), New: !has, Typed: ask.typed, Read: ask.read && found.projects != nil, Mapped: ask.mapped, Silence: found.silence}
	slots := p.slots(in, ask, found.proposal.Choices)
	v.Secret, v.Project = p.secretSlot(secrets, slots), slots.slot("project", p.say("mirror.project"), found.projects)
	v.Project.Needed, v.wrong = true, slots.wrong
	if ask.mapped {
		if err := p.fillMapping(&v, in, form, slots); err != nil {
			return err
		}
	}
	if ask.found != nil {
		v.Checked, v.Problems = true, p.problemViews(ask.found.problems, in.Tracker)
		v.Silence = cmp.Or(ask.found.silence, v.Silence)
	}
	return p.answer(p.statusOf(failure), "mirror-form", v)
}
