package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/domain"
)

// sent is a file as a program sends it.
type sent struct{ name, media, content string }

func multipartOf(t *testing.T, files ...sent) (body []byte, contentType string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, f := range files {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": f.name}))
		header.Set("Content-Type", f.media)
		part, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(f.content)) // a bytes.Buffer takes everything
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), w.FormDataContentType()
}

// file is a file as the API tells of it.
type file struct {
	ID, Name, Type, Author string
	Size                   int64
	Width, Height          int
	Comment, Note          int
	Internal               bool
	Field                  string
}

func (f file) path() string { return "/api/v1/attachments/" + f.ID }

// send posts files and gives what was made of them.
func (d *desk) send(token, path string, files []sent, headers ...string) ([]file, answer) {
	d.t.Helper()
	body, contentType := multipartOf(d.t, files...)
	a := d.raw(token, "POST", path, bytes.NewReader(body), append(headers, "Content-Type", contentType)...)
	var said struct{ Uploads, Attachments []file }
	if err := json.Unmarshal(a.body, &said); err != nil {
		d.t.Fatalf("%v in %s", err, a.body)
	}
	return append(said.Uploads, said.Attachments...), a.answer
}

// attach attaches one file, which must succeed.
func (d *desk) attach(token, path string, f sent) (file, string) {
	d.t.Helper()
	files, a := d.send(token, path, []sent{f})
	if a.status != http.StatusCreated || len(files) != 1 {
		d.t.Fatalf("got %d %s", a.status, a.body)
	}
	return files[0], a.position
}

// rawAnswer is an answer with its headers.
type rawAnswer struct {
	answer
	header http.Header
}

func (d *desk) raw(token, method, path string, body io.Reader, headers ...string) rawAnswer {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return rawAnswer{answer{resp.StatusCode, resp.Header.Get("X-Suivi-Position"), text}, resp.Header}
}

func photoOf(t *testing.T, w, h int) string {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (d *desk) files(token, path, after string) []file {
	d.t.Helper()
	var list struct{ Attachments []file }
	d.want(http.StatusOK, d.ask(token, "GET", path+"/attachments", nil, "X-Suivi-After", after), &list)
	return list.Attachments
}

func TestAFileIsAttachedReadAndRemoved(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	reporter, developer := tokens[domain.Reporter], tokens[domain.Developer]
	path := d.post(reporter, "No sound")
	const name = "Übersicht “1”.txt"
	f, after := d.attach(reporter, path+"/attachments", sent{name, "image/png", "hello, world"})
	if f.Name != name || f.Type != "text/plain; charset=utf-8" || f.Size != 12 {
		t.Errorf("got %+v", f)
	}
	list := d.files(developer, path, after)
	if len(list) != 1 || list[0].ID != f.ID || list[0].Author == "" {
		t.Errorf("got %+v", list)
	}
	a := d.raw(developer, "GET", f.path(), nil)
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
	if a.status != http.StatusOK || string(a.body) != "hello, world" || err != nil || kind != "attachment" || params["filename"] != name {
		t.Errorf("got %d %s %v, %v", a.status, a.body, a.header, err)
	}
	for header, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache", "Content-Type": "text/plain; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Content-Length": "12", "Accept-Ranges": "bytes",
	} {
		if got := a.header.Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	etag := a.header.Get("ETag")
	for _, c := range []struct {
		header, value string
		status        int
		body, part    string
	}{
		{"Range", "bytes=7-", 206, "world", "bytes 7-11/12"}, {"Range", "bytes=0-4", 206, "hello", "bytes 0-4/12"},
		{"Range", "bytes=-5", 206, "world", "bytes 7-11/12"}, {"Range", "bytes=0-99", 206, "hello, world", "bytes 0-11/12"},
		{"Range", "bytes=0-1,3-4", 200, "hello, world", ""}, {"Range", "lines=1-2", 200, "hello, world", ""},
		{"If-None-Match", etag, 304, "", ""}, {"If-None-Match", `"other"`, 200, "hello, world", ""},
	} {
		a := d.raw(developer, "GET", f.path(), nil, c.header, c.value)
		if a.status != c.status || string(a.body) != c.body || a.header.Get("Content-Range") != c.part {
			t.Errorf("%s: %s: got %d %q %s", c.header, c.value, a.status, a.body, a.header.Get("Content-Range"))
		}
	}
	d.refused(http.StatusRequestedRangeNotSatisfiable, "range-outside", d.raw(developer, "GET", f.path(), nil, "Range", "bytes=12-").answer)
	if a := d.raw(developer, "HEAD", f.path(), nil); a.status != http.StatusOK || a.header.Get("Content-Length") != "12" || len(a.body) != 0 {
		t.Errorf("HEAD: got %d %v", a.status, a.header)
	}

	d.refused(http.StatusForbidden, "right-missing", d.ask(developer, "DELETE", path+"/attachments/"+f.ID, nil))
	gone := d.ask(reporter, "DELETE", path+"/attachments/"+f.ID, nil)
	d.want(http.StatusOK, gone, nil)
	d.refused(http.StatusNotFound, "attachment-not-found", d.ask(reporter, "DELETE", path+"/attachments/"+f.ID, nil))
	if list := d.files(reporter, path, gone.position); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
	d.refused(http.StatusNotFound, "attachment-not-found", d.ask(reporter, "GET", f.path(), nil))
	history := d.ask(reporter, "GET", path+"/history", nil)
	for _, want := range []string{"File “" + name + "” attached.", "File “" + name + "” removed."} {
		if !strings.Contains(string(history.body), want) {
			t.Errorf("the history does not say %s: %s", want, history.body)
		}
	}
	if strings.Contains(string(history.body), strings.Trim(etag, `"`)) {
		t.Error("the history tells the hash of what was removed")
	}
}

// withoutID is the body without what differs between any two requests.
func withoutID(body []byte, id string) string {
	var p map[string]any
	_ = json.Unmarshal(body, &p) // what is no JSON is compared as it is
	delete(p, "requestId")
	return strings.ReplaceAll(fmt.Sprint(p), id, "att")
}

// A file is where its ticket is: who does not see that gets the answer of a file that never was.
func TestAFileOfATicketThatOneDoesNotSeeIsNotThere(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	reporter, developer := tokens[domain.Reporter], tokens[domain.Developer]
	_, stranger := d.person("stranger")
	path := d.post(reporter, "No sound")
	open, _ := d.attach(reporter, path+"/attachments", sent{"a.jpg", "", photoOf(t, 400, 200)})
	secret, _ := d.attach(developer, path+"/attachments?internal=true", sent{"b.jpg", "", photoOf(t, 40, 20)})
	deleted := d.post(reporter, "Gone")
	lost, _ := d.attach(reporter, deleted+"/attachments", sent{"c.jpg", "", photoOf(t, 41, 20)})
	after := d.ask(tokens[domain.Manager], "DELETE", deleted, nil).position
	waiting, _ := d.send(reporter, "/api/v1/uploads", []sent{{"d.jpg", "", photoOf(t, 42, 20)}})

	none := "att_" + strings.Repeat("A", 26)
	nothing := d.raw(stranger, "GET", "/api/v1/attachments/"+none, nil, "X-Suivi-After", after)
	for _, c := range []struct {
		who   string
		token string
		file  file
		seen  bool
	}{
		{"the reporter", reporter, open, true}, {"a developer", developer, open, true}, {"a stranger", stranger, open, false},
		{"the reporter", reporter, secret, false}, {"a developer", developer, secret, true}, {"a stranger", stranger, secret, false},
		{"an administrator", d.token, secret, true}, {"the reporter", reporter, lost, false}, {"an administrator", d.token, lost, false},
		{"who has sent it", reporter, waiting[0], false},
	} {
		for _, path := range []string{c.file.path(), c.file.path() + "/thumbnail"} {
			for _, headers := range [][]string{nil, {"Range", "bytes=0-1"}, {"If-None-Match", "*"}} {
				a := d.raw(c.token, "GET", path, nil, headers...)
				if (a.status < 400) != c.seen {
					t.Errorf("%s, %s %s %v: got %d", c.who, path, c.file.Name, headers, a.status)
				}
				if !c.seen && (a.status != nothing.status || withoutID(a.body, c.file.ID) != withoutID(nothing.body, none) || len(a.header) != len(nothing.header)) {
					t.Errorf("%s, %s: got %d %s %v, want what there never was: %d %s %v", c.who, c.file.Name, a.status, a.body, a.header, nothing.status, nothing.body, nothing.header)
				}
			}
		}
	}
	if list := d.files(reporter, path, ""); len(list) != 1 || list[0].ID != open.ID {
		t.Errorf("the reporter lists %+v", list)
	}
	if list := d.files(developer, path, ""); len(list) != 2 || !list[1].Internal {
		t.Errorf("the developer lists %+v", list)
	}
	if history := d.ask(reporter, "GET", path+"/history", nil); strings.Contains(string(history.body), "b.jpg") {
		t.Errorf("the reporter reads %s", history.body)
	}
	d.refused(http.StatusNotFound, "ticket-not-found", d.ask(stranger, "GET", path+"/attachments", nil))
	_, a := d.send(stranger, path+"/attachments", []sent{{"x", "", "x"}})
	d.refused(http.StatusNotFound, "ticket-not-found", a)
	_, a = d.send(reporter, path+"/attachments?internal=true", []sent{{"x", "", "x"}})
	d.refused(http.StatusForbidden, "right-missing", a)
	d.refused(http.StatusNotFound, "attachment-not-found", d.ask(reporter, "DELETE", path+"/attachments/"+secret.ID, nil))
}

func TestNothingThatIsSentRunsInABrowser(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	reporter := tokens[domain.Reporter]
	path := d.post(reporter, "No sound")
	const script = "<script>alert(1)</script>"
	for _, c := range []struct {
		sent
		inline bool
		name   string // as it is kept
	}{
		{sent{"page.html", "text/html", "<!DOCTYPE html><html>" + script}, false, "page.html"},
		{sent{"a.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">` + script + `</svg>`}, false, "a.svg"},
		{sent{"a.svg", "image/svg+xml", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">` + script + `</svg>`}, false, "a.svg"},
		{sent{"a.png", "image/png", "\x89PNG\r\n\x1a\n" + script}, false, "a.png"},
		{sent{"a.gif", "image/gif", "GIF89a\x10\x00\x10\x00=1;alert(1)"}, false, "a.gif"},
		{sent{"a.pdf", "application/pdf", "%PDF-1.7 " + script}, false, "a.pdf"},
		{sent{"a.jpg", "image/jpeg", photoOf(t, 40, 20) + script}, true, "a.jpg"},
		{sent{"../../etc/passwd", "", "root"}, false, "passwd"},
		{sent{`..\..\boot.ini`, "", "root"}, false, "boot.ini"},
		{sent{"a\r\nSet-Cookie: x=1.txt", "", "x"}, false, ""},
		{sent{script, "", "x"}, false, "script>"},
	} {
		f, after := d.attach(reporter, path+"/attachments", c.sent)
		if c.name != "" && f.Name != c.name || strings.ContainsAny(f.Name, "/\\\r\n") {
			t.Errorf("%q: got the name %q, want %q", c.sent.name, f.Name, c.name)
		}
		a := d.raw(reporter, "GET", f.path(), nil, "X-Suivi-After", after)
		kind, _, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		if (kind == "inline") != c.inline || err != nil || a.header.Get("Set-Cookie") != "" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%q: got %v, %v", c.sent.name, a.header, err)
		}
		media := a.header.Get("Content-Type")
		if strings.Contains(media, "html") || strings.Contains(media, "xml") || strings.Contains(media, "svg") || (media == "image/jpeg") != c.inline {
			t.Errorf("%q is served as %s", c.sent.name, media)
		}
		if c.inline && bytes.Contains(a.body, []byte("script")) {
			t.Errorf("%q still holds a script", c.sent.name)
		}
		if thumbnail := d.raw(reporter, "GET", f.path()+"/thumbnail", nil); (thumbnail.status == http.StatusOK) != c.inline {
			t.Errorf("%q: the thumbnail answers %d", c.sent.name, thumbnail.status)
		}
	}
}

func TestWhatIsTooLargeIsRefusedEarly(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir(), "--max-file", "1")
	tokens, _ := staffed(d, nil)
	reporter := tokens[domain.Reporter]
	path := d.post(reporter, "No sound")
	for _, to := range []string{"/api/v1/uploads", path + "/attachments"} {
		endless := &counted{}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url+to, io.NopCloser(endless))
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = 5 << 30
		req.Header.Set("Authorization", "Bearer "+reporter)
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		req.Header.Set("Expect", "100-continue")
		resp, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body) // what is missing is seen below
		_ = resp.Body.Close()
		d.refused(http.StatusRequestEntityTooLarge, "body-too-large", answer{status: resp.StatusCode, body: text})
		if endless.n > 0 {
			t.Errorf("%d bytes of it were sent", endless.n)
		}
		_, a := d.send(reporter, to, []sent{{"big", "", strings.Repeat("x", 1<<20+1)}})
		d.refused(http.StatusUnprocessableEntity, "file-too-large", a)
		_, a = d.send(reporter, to, []sent{{"empty", "", ""}})
		d.refused(http.StatusUnprocessableEntity, "file-empty", a)
		a = d.raw(reporter, "POST", to, io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nhalf")),
			"Content-Type", "multipart/form-data; boundary=x").answer // of no said length
		d.refused(http.StatusUnprocessableEntity, "bad-multipart", a)
		d.refused(http.StatusUnsupportedMediaType, "not-multipart", d.ask(reporter, "POST", to, map[string]any{"a": 1}))
	}
	d.want(http.StatusOK, d.ask(reporter, "GET", path, nil), nil)
}

type counted struct{ n int64 }

func (c *counted) Read(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func TestFilesComeWithPostsCommentsAndNotes(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "bugtracker"})
	reporter, developer := tokens[domain.Reporter], tokens[domain.Developer]
	up := func(token, name string) string {
		files, a := d.send(token, "/api/v1/uploads", []sent{{name, "", photoOf(t, 40, 20)}})
		d.want(http.StatusCreated, a, nil)
		return files[0].ID
	}
	first, second, inside, foreign := up(reporter, "1.jpg"), up(reporter, "2.jpg"), up(developer, "3.jpg"), up(developer, "4.jpg")
	picture := func(id string) string { return "![p](attachment:" + id + ")" }
	post := func(ids ...string) answer {
		return d.ask(reporter, "POST", "/api/v1/trackers/DESK/tickets", map[string]any{"summary": "No sound", "description": picture(first) + picture(inside), "attachments": ids})
	}
	d.refused(http.StatusUnprocessableEntity, "invalid-input", post(first, foreign)) // and gives the first one back
	var posted struct{ ID string }
	d.want(http.StatusCreated, post(first), &posted)
	d.refused(http.StatusUnprocessableEntity, "invalid-input", post(first)) // it is attached
	path := "/api/v1/tickets/" + posted.ID
	comment := map[string]any{"body": "See " + picture(second) + picture(inside) + picture(foreign) + " ![x](https://evil.example/x.png)", "attachments": []string{second}}
	for range 2 { // sent again, it is one comment
		d.want(http.StatusCreated, d.ask(reporter, "POST", path+"/comments", comment, "Idempotency-Key", "k"), nil)
	}
	note := d.ask(developer, "POST", path+"/notes", map[string]any{"body": picture(inside), "attachments": []string{inside}})
	d.want(http.StatusCreated, note, nil)
	list := d.files(developer, path, note.position)
	if len(list) != 3 || list[0].ID != first || list[1].Comment != 1 || list[2].Note != 1 || !list[2].Internal {
		t.Errorf("got %+v", list)
	}
	shown := func(token, path string) string {
		a := d.ask(token, "GET", path, nil)
		d.want(http.StatusOK, a, nil)
		text := string(a.body)
		var ids []string
		for name, id := range map[string]string{"1": first, "2": second, "3": inside, "4": foreign} {
			if strings.Contains(text, `<img src=\"/api/v1/attachments/`+id) || strings.Contains(text, `\u003cimg src=\"/api/v1/attachments/`+id) {
				ids = append(ids, name)
			}
		}
		if strings.Contains(text, "img src=\\\"https") {
			t.Errorf("a picture from elsewhere is loaded: %s", text)
		}
		slices.Sort(ids)
		return strings.Join(ids, "")
	}
	for _, c := range []struct{ token, path, want string }{
		{reporter, "/html", "1"}, {developer, "/html", "13"}, {reporter, "/comments", "2"}, {developer, "/comments", "23"}, {developer, "/notes", "3"},
	} {
		if got := shown(c.token, path+c.path); got != c.want {
			t.Errorf("%s shows the pictures %q, want %q", c.path, got, c.want)
		}
	}
	gone := d.ask(reporter, "DELETE", path+"/comments/1", nil)
	d.want(http.StatusOK, gone, nil)
	if list := d.files(reporter, path, gone.position); len(list) != 1 || list[0].ID != first {
		t.Errorf("after the comment is deleted got %+v", list)
	}
}

func TestARepeatedUploadIsAnsweredAsTheFirstTime(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	reporter := tokens[domain.Reporter]
	path := d.post(reporter, "No sound") + "/attachments"
	files := []sent{{"a.txt", "", "one"}, {"b.jpg", "", photoOf(t, 40, 20)}}
	first, a := d.send(reporter, path, files, "Idempotency-Key", "k")
	d.want(http.StatusCreated, a, nil)
	again, b := d.send(reporter, path, files, "Idempotency-Key", "k")
	if b.status != http.StatusCreated || b.position != a.position || fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("got %d %s %v, want %s %v", b.status, b.position, again, a.position, first)
	}
	_, c := d.send(reporter, path, files[:1], "Idempotency-Key", "k")
	d.refused(http.StatusUnprocessableEntity, "idempotency-key-reused", c)
	if list := d.files(reporter, strings.TrimSuffix(path, "/attachments"), a.position); len(list) != 2 {
		t.Errorf("got %+v", list)
	}
}

func TestAttachmentsAreBackedUpRestoredAndCollected(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	reporter := tokens[domain.Reporter]
	f, _ := d.attach(reporter, d.post(reporter, "No sound")+"/attachments", sent{"a.txt", "", "hello"})
	if said := command(t, "blobs", "collect", "--server", d.url, "--token", d.token); !strings.Contains(said, "0 uploads and 0 blobs") {
		t.Errorf("collect says %q", said)
	}
	d.refused(http.StatusForbidden, "admin-only", d.ask(reporter, "POST", "/api/v1/admin/blobs/collect", nil))
	saved := filepath.Join(t.TempDir(), "saved")
	if said := command(t, "backup", saved, "--data", d.data); !strings.Contains(said, "1 contents of attachments") {
		t.Errorf("backup says %q", said)
	}
	d.stop()
	token := d.token
	command(t, "restore", saved, "--data", d.data, "--replace")
	write(t, filepath.Join(d.data, "admin.token"), token)
	back := serveDesk(t, d.data)
	if a := back.raw(reporter, "GET", f.path(), nil); a.status != http.StatusOK || string(a.body) != "hello" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	blob, err := filepath.Glob(filepath.Join(saved, "blobs", "??", "*"))
	if err != nil || len(blob) != 1 {
		t.Fatalf("got %v, %v", blob, err)
	}
	write(t, blob[0], "hullo")
	if code, _, said := tryCommand(t.Context(), "restore", saved, "--data", filepath.Join(t.TempDir(), "new")); code != 1 || !strings.Contains(said, "hash") {
		t.Errorf("a damaged attachment was restored: exit %d, %s", code, said)
	}
	if err := os.Remove(blob[0]); err != nil {
		t.Fatal(err)
	}
	if code, _, said := tryCommand(t.Context(), "restore", saved, "--data", filepath.Join(t.TempDir(), "new")); code != 1 || !strings.Contains(said, "has 0 attachments, not 1") {
		t.Errorf("a backup without its attachment was restored: exit %d, %s", code, said)
	}
}
