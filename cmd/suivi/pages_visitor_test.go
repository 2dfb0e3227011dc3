package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"suivi/domain"
)

const pagePassword = "a tram through the rain"

// visitor is somebody with a browser that has no JavaScript. It follows no
// redirects by itself.
type visitor struct {
	t      *testing.T
	desk   *desk
	client *http.Client
	id     domain.UserID
	lang   string
}

// stranger is a visitor who is not signed in.
func (d *desk) stranger(lang string) *visitor {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &visitor{t: d.t, desk: d, client: client, lang: lang}
}

// visitor makes a person who has accepted an invitation, and is signed in by that.
func (d *desk) visitor(name, lang string) *visitor {
	d.t.Helper()
	v := d.stranger(lang)
	var made struct {
		Invitation struct{ Person struct{ ID domain.UserID } }
		Secret     string
	}
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/invitations", map[string]any{"name": name, "email": name + "@example.org"}), &made)
	v.id = made.Invitation.Person.ID
	v.post("/invitations/"+made.Secret, "name", name, "password", pagePassword, "zone", "Europe/Paris").redirects("/")
	return v
}

// shownPage is an answer, read to its end.
type shownPage struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   string
}

func (v *visitor) do(method, path string, body io.Reader, headers ...string) shownPage {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.desk.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", v.lang)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return shownPage{v.t, method + " " + path, res.StatusCode, res.Header, string(text)}
}

func (v *visitor) get(path string, headers ...string) shownPage {
	v.t.Helper()
	return v.do("GET", path, nil, headers...)
}

// post sends a form, of names and values in pairs; a name may stand several times.
func (v *visitor) post(path string, pairs ...string) shownPage {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.do("POST", path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// send is post with a file, as browsers send those.
func (v *visitor) send(path, file, content string, pairs ...string) shownPage {
	v.t.Helper()
	return v.sendAs(path, "files", file, content, pairs...)
}

// sendAs is send with the file in the input of the name.
func (v *visitor) sendAs(path, name, file, content string, pairs ...string) shownPage {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			v.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(name, file)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do("POST", path, &body, "Content-Type", w.FormDataContentType(), "Sec-Fetch-Site", "same-origin")
}

// api asks the API as this person, by way of the administrator's token.
func (v *visitor) api(method, path string, body, into any) {
	v.t.Helper()
	a := v.desk.ask(v.desk.token, method, path, body, "X-Suivi-Actor", string(v.id))
	if a.status >= http.StatusMultipleChoices {
		v.t.Fatalf("%s %s: got %d %s", method, path, a.status, a.body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		v.t.Fatal(err)
	}
}

func (p shownPage) is(status int) shownPage {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: got %d, want %d:\n%s", p.asked, p.status, status, p.text())
	}
	return p
}

// redirects wants the answer to a deed: a redirect that is fetched with GET.
func (p shownPage) redirects(to string) {
	p.t.Helper()
	if p.is(http.StatusSeeOther).header.Get("Location") != to {
		p.t.Fatalf("%s: got a redirect to %q, want %q", p.asked, p.header.Get("Location"), to)
	}
}

func (p shownPage) has(texts ...string) shownPage {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			p.t.Errorf("%s: %q is missing in:\n%s", p.asked, text, p.text())
		}
	}
	return p
}

func (p shownPage) lacks(texts ...string) shownPage {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) {
			p.t.Errorf("%s: %q is there:\n%s", p.asked, text, p.text())
		}
	}
	return p
}

// text is what people read of the page, for messages.
func (p shownPage) text() string {
	if !strings.Contains(p.body, "<main") {
		return p.body
	}
	var words []string
	for _, n := range p.find(func(n *html.Node) bool { return n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" }) {
		words = append(words, strings.TrimSpace(n.Data))
	}
	return strings.Join(words, " | ")
}

func (p shownPage) find(wanted func(*html.Node) bool) []*html.Node {
	p.t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		p.t.Fatal(err)
	}
	var found []*html.Node
	for n := range root.Descendants() {
		if wanted(n) {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// value is what the input of the name has in it.
func (p shownPage) value(name string) string {
	p.t.Helper()
	for _, n := range p.find(func(n *html.Node) bool { return n.Type == html.ElementNode && attr(n, "name") == name }) {
		switch {
		case n.Data == "textarea" && n.FirstChild != nil:
			return n.FirstChild.Data
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					return attr(o, "value")
				}
			}
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if hasAttr(n, "checked") {
				return attr(n, "value")
			}
		default:
			return attr(n, "value")
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// rows are the ids of the tickets in a list, in its order.
func (p shownPage) rows() []string {
	p.t.Helper()
	var ids []string
	for _, n := range p.find(func(n *html.Node) bool { return n.Data == "a" && attr(n, "class") == "open" }) {
		ids = append(ids, strings.TrimPrefix(attr(n, "href"), "/tickets/"))
	}
	return ids
}

func (*visitor) plain(n int) string { return strconv.Itoa(n) }
