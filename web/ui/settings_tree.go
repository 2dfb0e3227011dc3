package ui

import (
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// placeView is where a tracker stands among others, and whether it is in use.
type placeView struct {
	settingsFrame

	Parent    navTracker
	Unseen    bool // there is a parent that the person does not see
	Parents   []choice
	Children  []navTracker
	Compared  []comparedField
	Different int
}

// comparedField is a field beside that of the parent.
type comparedField struct {
	Code, Label string
	Here, Above string // the types
	Verdict     string
	Good        bool
	Why         string
}

func treePage(p *page, in configured) error { return p.showPlace(in, in.Parent, nil, nil) }

func changeParent(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		parent := domain.TrackerKey(f.Get("parent"))
		out, err := p.cfg.Commands.SetParent(p.ctx(), p.caller(), p.request(f), in.Key, parent)
		if err != nil {
			wrong := p.complain(err)
			if wrong == nil {
				return err
			}
			return p.showPlace(in, parent, wrong, err)
		}
		return p.settled(out.Position.Commit, out.Position.Prepare, settingsPath(in.Key, "tree"), "edited")
	})
}

func archive(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		c := change{
			form: f, all: []tracker.Command{tracker.Archive{}}, address: settingsPath(in.Key, "tree"), said: "archived",
			again: func(wrong *Complaint, err error) error { return p.showPlace(in, in.Parent, wrong, err) },
		}
		if f.Get("do") == "unarchive" {
			c.all, c.said = []tracker.Command{tracker.Unarchive{}}, "unarchived"
		}
		return p.configure(in, c)
	})
}

func (p *page) showPlace(in configured, chosen domain.TrackerKey, wrong *Complaint, failure error) error {
	frame, around, err := p.settings(in, "tree", wrong)
	if err != nil {
		return err
	}
	v := placeView{settingsFrame: frame, Parents: []choice{{Label: p.say("tree.alone"), Chosen: chosen == ""}}}
	for _, t := range around.trackers {
		if t.Key != in.Key && !around.isBelow(t.Key, in.Key) {
			v.Parents = append(v.Parents, choice{Value: string(t.Key), Label: string(t.Key) + " · " + t.Name, Chosen: t.Key == chosen})
		}
		if t.Parent == in.Key {
			v.Children = append(v.Children, navTracker{t.Key, t.Name})
		}
	}
	if in.Parent != "" {
		if err := p.compareFields(&v, in, around); err != nil {
			return err
		}
	}
	return p.answer(p.statusOf(failure), "settings-tree", v)
}

// isBelow tells whether the way up from one tracker comes to the other, as far as the person sees it.
func (s surroundings) isBelow(key, above domain.TrackerKey) bool {
	for range s.trackers {
		if key = s.of(key).Parent; key == above || key == "" {
			return key == above
		}
	}
	return false
}

func (p *page) compareFields(v *placeView, in configured, around surroundings) error {
	compared, err := p.cfg.Reads.CompareWithParent(p.ctx(), p.actor(), in.Key)
	if domain.KindOf(err) == domain.NotFound {
		v.Unseen = true
		return nil
	}
	if err != nil {
		return err
	}
	v.Parent = navTracker{in.Parent, around.of(in.Parent).Name}
	for _, f := range compared.Fields {
		row := comparedField{Code: f.Code, Verdict: p.say("compare." + string(f.Verdict)), Good: f.Verdict == tracker.FieldEqual}
		if f.Parent != nil {
			row.Label, row.Above = p.fieldLabel(*f.Parent), p.say("type."+string(f.Parent.Type))
		}
		if f.Here != nil {
			row.Label, row.Here = p.fieldLabel(*f.Here), p.say("type."+string(f.Here.Type))
		}
		var why []string
		for _, part := range f.Conflicts {
			why = append(why, p.say("compare.by."+part))
		}
		row.Why = strings.Join(why, ", ")
		v.Compared = append(v.Compared, row)
	}
	v.Different = len(compared.Fields) - compared.Counts[tracker.FieldEqual]
	return nil
}
