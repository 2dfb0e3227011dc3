package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// uploaded sends a file that waits to be attached, and gives its id.
func (d *desk) uploaded(token, name, content string) string {
	d.t.Helper()
	files, a := d.send(token, "/api/v1/uploads", []sent{{name, "", content}})
	if a.status != http.StatusCreated || len(files) != 1 {
		d.t.Fatalf("got %d %s", a.status, a.body)
	}
	return files[0].ID
}

type fileAnswers struct {
	Answers map[string]string
	Fields  []struct {
		Code, Answer string
		File         *file
	}
}

func (d *desk) fileAnswers(token, path, after string) (t fileAnswers, names map[string]string) {
	d.t.Helper()
	d.want(http.StatusOK, d.ask(token, "GET", path, nil, "X-Suivi-After", after), &t)
	names = map[string]string{}
	for _, f := range t.Fields {
		if names[f.Code] = "gone"; f.File != nil {
			names[f.Code] = f.File.Name
		}
	}
	return t, names
}

func TestAFieldIsAnsweredByAFile(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, _ := staffed(d, map[string]any{"mode": "bugtracker"})
		reporter, staff := tokens[domain.Reporter], tokens[domain.Developer]
		d.fields(tokens[domain.Manager], map[string]object{"scan": {"type": "file", "mandatory": true}, "photo": {"type": "file"}})
		post := func(answers object) answer {
			return d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "answers": answers})
		}
		first, foreign := d.uploaded(reporter, "scan.txt", "first"), d.uploaded(staff, "theirs.txt", "theirs")
		for _, c := range []struct {
			answers object
			want    map[string]string
		}{
			{object{}, map[string]string{"answers.scan": "required"}},
			{object{"scan": "scan.txt"}, map[string]string{"answers.scan": "not-a-file"}},
			{object{"scan": foreign}, map[string]string{"answers.scan": "unknown-upload"}},
			{object{"scan": first, "photo": first}, map[string]string{"answers.scan": "unknown-upload"}},
		} {
			if diff := cmp.Diff(c.want, d.wrongs(post(c.answers))); diff != "" {
				t.Errorf("%v: %s", c.answers, diff)
			}
		}
		var posted answered
		d.want(http.StatusCreated, post(object{"scan": first}), &posted)
		if diff := cmp.Diff(map[string]string{"answers.scan": "unknown-upload"}, d.wrongs(post(object{"scan": first}))); diff != "" {
			t.Errorf("an upload is attached twice: %s", diff)
		}
		path := "/api/v1/tickets/" + posted.ID
		edit := func(answers object) answer { return d.ask(reporter, "PATCH", path, object{"answers": answers}) }
		second := d.uploaded(reporter, "better.txt", "second")
		a := edit(object{"scan": first}) // what it is already
		d.want(http.StatusOK, a, nil)
		got, names := d.fileAnswers(staff, path, a.position)
		if names["scan"] != "scan.txt" || got.Answers["scan"] != first || string(d.raw(staff, "GET", "/api/v1/attachments/"+first, nil).body) != "first" {
			t.Errorf("got %+v, %v", got, names)
		}
		a = edit(object{"scan": second})
		d.want(http.StatusOK, a, nil)
		if _, names = d.fileAnswers(staff, path, a.position); names["scan"] != "better.txt" {
			t.Errorf("after the edit: %v", names)
		}
		if then, names := d.fileAnswers(staff, path+"?at=1", ""); then.Answers["scan"] != first || names["scan"] != "gone" {
			t.Errorf("as it was: %+v", then)
		}
		d.refused(http.StatusNotFound, "attachment-not-found", d.ask(staff, "GET", "/api/v1/attachments/"+first, nil))
		if list := d.files(staff, path, ""); len(list) != 1 || list[0].ID != second || list[0].Field != "scan" {
			t.Errorf("got %+v", list)
		}
		d.refused(http.StatusConflict, "file-is-answer", d.ask(reporter, "DELETE", path+"/attachments/"+second, nil))
		if diff := cmp.Diff(map[string]string{"answers.scan": "required"}, d.wrongs(edit(object{"scan": nil}))); diff != "" {
			t.Error(diff)
		}
		history := d.ask(reporter, "GET", path+"/history", nil)
		for _, want := range []string{"File “scan.txt” attached: The scan.", "File “scan.txt” removed.", "File “better.txt” attached: The scan."} {
			if !strings.Contains(string(history.body), want) {
				t.Errorf("the history does not say %s: %s", want, history.body)
			}
		}
	})
}

// What answers a hidden field is no file for those who do not see the field, by any exit.
func TestAHiddenFieldsFileIsNowhere(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		tokens, ids := branched(d)
		reporter, manager := tokens[domain.Reporter], tokens[domain.Manager]
		d.want(http.StatusOK, d.ask(d.token, "PUT", netPath+"/members/"+ids[domain.Reporter], object{"roles": []string{"reporter"}}), nil)
		d.fieldOf("DESK", "inner", object{"type": "file", "hidden": true})
		d.fieldOf("DESK", "late", object{"type": "file"})
		own := d.uploaded(reporter, "L4TER.jpg", photoOf(d.t, 4, 2))
		var posted answered
		d.want(http.StatusCreated, d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "S", "answers": object{"late": own}}), &posted)
		path := "/api/v1/tickets/" + posted.ID
		inner, replaced := d.uploaded(manager, "S3CRET.jpg", photoOf(d.t, 4, 2)), d.uploaded(manager, "S3CRET-old.txt", "old")
		d.want(http.StatusOK, d.ask(manager, "PATCH", path, object{"answers": object{"inner": replaced}}), nil)
		d.want(http.StatusOK, d.ask(manager, "PATCH", path, object{"answers": object{"inner": inner}}), nil)
		last := d.ask(manager, "PATCH", path, object{"description": fmt.Sprintf("![p](attachment:%s) ![p](attachment:%s)", inner, own)})
		d.want(http.StatusOK, last, nil)
		nowhere := func(id, name, after string) {
			for _, exit := range []string{path, path + "?at=2", path + "/attachments", path + "/history", path + "/html", path + "/comments", "/api/v1/tickets?list=all", "/api/v1/tickets?q=" + name, "/api/v1/events"} {
				a := d.ask(reporter, "GET", exit, nil, "X-Suivi-After", after, "Accept", "application/json")
				d.want(http.StatusOK, a, nil)
				text := strings.ReplaceAll(string(a.body), "![p](attachment:"+id+")", "") // in the text, as it was typed
				if strings.Contains(text, name) || strings.Contains(text, id) {
					d.t.Errorf("%s tells a reporter of %s: %s", exit, name, text)
				}
			}
			for _, exit := range []string{"/api/v1/attachments/" + id, "/api/v1/attachments/" + id + "/thumbnail"} {
				d.refused(http.StatusNotFound, "attachment-not-found", d.ask(reporter, "GET", exit, nil))
				if a := d.ask(manager, "GET", exit, nil); a.status != http.StatusOK {
					d.t.Errorf("staff: %s: %d %s", exit, a.status, a.body)
				}
			}
			d.refused(http.StatusNotFound, "attachment-not-found", d.ask(reporter, "DELETE", path+"/attachments/"+id, nil))
		}
		nowhere(inner, "S3CRET", last.position)
		if list := d.files(reporter, path, ""); len(list) != 1 || list[0].ID != own {
			d.t.Errorf("a reporter lists %+v", list)
		}
		if list := d.files(manager, path, ""); len(list) != 2 {
			d.t.Errorf("staff list %+v", list)
		}
		// A field that is hidden by now hides the files that came before.
		nowhere(own, "L4TER", d.fieldOf("DESK", "late", object{"type": "file", "hidden": true}))
		// Moved to where no field takes it, or one that everybody sees has the same code.
		d.fieldOf("NET", "inner", object{"type": "file"})
		moved, position := d.move(manager, path, "NET")
		if len(moved.Answers) != 0 || len(moved.Brought) != 2 {
			d.t.Errorf("got %+v", moved)
		}
		nowhere(inner, "S3CRET", position)
		nowhere(own, "L4TER", position)
	})
}

func TestAStateIsChangedWithFiles(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	resolver := tokens[domain.Resolver]
	path := d.post(tokens[domain.Reporter], "S")
	d.want(http.StatusOK, d.ask(resolver, "POST", path+"/state", object{"to": "working", "comment": "See", "attachments": []string{d.uploaded(resolver, "plan.txt", "plan")}}), nil)
	last := d.ask(resolver, "POST", path+"/state", object{"to": "resolved", "resolution": "Done", "attachments": []string{d.uploaded(resolver, "proof.txt", "proof")}})
	d.want(http.StatusOK, last, nil)
	got := map[string]int{}
	for _, f := range d.files(tokens[domain.Reporter], path, last.position) {
		got[f.Name] = f.Comment
	}
	if diff := cmp.Diff(map[string]int{"plan.txt": 1, "proof.txt": 0}, got); diff != "" {
		t.Error(diff)
	}
	kept := d.uploaded(resolver, "kept.txt", "kept")
	again := func(to string) answer {
		return d.ask(resolver, "POST", path+"/state", object{"to": to, "comment": "Again", "attachments": []string{kept}})
	}
	d.refused(http.StatusConflict, "no-change", again("resolved"))
	d.want(http.StatusOK, again("validated"), nil) // a refusal gives the upload back
}

// A branch has the files of its comment under ids of its own: the same content, kept once.
func TestABranchHasTheFilesOfItsCommentUnderIDsOfItsOwn(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, _ := staffed(d, nil)
		reporter, developer := tokens[domain.Reporter], tokens[domain.Developer]
		path := d.post(reporter, "S")
		d.attach(reporter, path+"/attachments", sent{"other.txt", "", "not of the comment"})
		picture, gone, text := d.uploaded(reporter, "a.jpg", photoOf(t, 4, 2)), d.uploaded(reporter, "gone.txt", "gone"), d.uploaded(reporter, "b.txt", "hello")
		d.want(http.StatusCreated, d.ask(reporter, "POST", path+"/comments", object{"body": "See ![p](attachment:" + picture + ")", "attachments": []string{picture, gone, text}}), nil)
		d.want(http.StatusOK, d.ask(reporter, "DELETE", path+"/attachments/"+gone, nil), nil)
		var first, second struct{ ID, Description string }
		branch := func(into any) answer {
			a := d.ask(developer, "POST", path+"/comments/1/branch", object{}, "Idempotency-Key", "branch")
			d.want(http.StatusCreated, a, into)
			return a
		}
		after := branch(&first).position
		branch(&second)
		if first != second {
			t.Errorf("sent again: got %+v, first %+v", second, first)
		}
		newPath := "/api/v1/tickets/" + first.ID
		files := d.files(developer, newPath, after)
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
			if f.ID == picture || f.ID == text || f.Comment != 0 {
				t.Errorf("got %+v", f)
			}
			if f.Name == "b.txt" && string(d.raw(reporter, "GET", f.path(), nil).body) != "hello" {
				t.Error("the copy has another content")
			}
			if f.Name == "a.jpg" && first.Description != "See ![p](attachment:"+f.ID+")" {
				t.Errorf("the picture %s is not in %q", f.ID, first.Description)
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"a.jpg", "b.txt"}) {
			t.Errorf("got %v", names)
		}
		if a := d.ask(reporter, "GET", newPath+"/html", nil); !strings.Contains(string(a.body), `\u003cimg`) {
			t.Errorf("the picture is not shown: %s", a.body)
		}
		// Each goes by itself.
		d.want(http.StatusOK, d.ask(reporter, "DELETE", path+"/attachments/"+text, nil), nil)
		last := d.ask(reporter, "DELETE", path+"/comments/1", nil)
		d.want(http.StatusOK, last, nil)
		for _, f := range d.files(developer, newPath, last.position) {
			if a := d.ask(developer, "GET", f.path(), nil); a.status != http.StatusOK {
				t.Errorf("%s: got %d %s", f.Name, a.status, a.body)
			}
		}
	})
}
