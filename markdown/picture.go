package markdown

import (
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// filesKey is where the transformer finds the files.
var filesKey = parser.NewContextKey() //nolint:gochecknoglobals // goldmark gives keys out at run time, once each

// A file is named by its id, or by its address.
var (
	fileForm = regexp.MustCompile(`^(?:attachment:|/api/v1/attachments/)(att_[A-Z2-7]{26})$`)
	webForm  = regexp.MustCompile(`^https?://`)
	// In the midst of a text, where it is sent elsewhere.
	fileInText   = regexp.MustCompile(`\]\((?:attachment:|/api/v1/attachments/)att_[A-Z2-7]{26}`)
	personInText = regexp.MustCompile(`(?:^|[^@_\pL\pN])@usr_[0-9A-HJKMNP-TV-Z]{26}\b`)
)

const fileAddress = "/api/v1/attachments/"

// pictures shows the pictures that are files of the reader's ticket and turns all
// others into links: one from elsewhere would tell its owner who reads. A file that
// the reader may not see is shown as the words alone, as one that is not there.
type pictures struct{}

// Transform walks over what has been parsed.
func (pictures) Transform(document *ast.Document, _ text.Reader, known parser.Context) {
	files, _ := known.Get(filesKey).(map[string]bool)
	var found []ast.Node
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // the function has no errors
		if kind := node.Kind(); entering && (kind == ast.KindImage || kind == ast.KindLink) {
			found = append(found, node)
		}
		return ast.WalkContinue, nil
	})
	for _, node := range found {
		switch n := node.(type) {
		case *ast.Image:
			showPicture(n, files)
		case *ast.Link:
			linkFile(n, files)
		}
	}
}

// fileIn is the id that the destination names, whether it names one, and what is known of it.
func fileIn(destination []byte, files map[string]bool) (id string, named, there, picture bool) {
	form := fileForm.FindSubmatch(destination)
	if form == nil {
		return "", false, false, false
	}
	picture, there = files[string(form[1])]
	return string(form[1]), true, there, picture
}

func showPicture(image *ast.Image, files map[string]bool) {
	id, _, there, picture := fileIn(image.Destination, files)
	switch {
	case picture:
		image.Destination = []byte(fileAddress + id)
	case there:
		replaceByLink(image, fileAddress+id)
	case webForm.Match(image.Destination):
		replaceByLink(image, string(image.Destination))
	default:
		replaceByWords(image)
	}
}

func linkFile(link *ast.Link, files map[string]bool) {
	id, named, there, _ := fileIn(link.Destination, files)
	switch {
	case there:
		link.Destination = []byte(fileAddress + id)
	case named:
		replaceByWords(link)
	}
}

// replaceByLink puts a link in the place of a picture; inside a link its words alone.
func replaceByLink(image *ast.Image, address string) {
	for above := image.Parent(); above != nil; above = above.Parent() {
		if above.Kind() == ast.KindLink {
			replaceByWords(image)
			return
		}
	}
	link := ast.NewLink()
	link.Destination, link.Title = []byte(address), image.Title
	for child := image.FirstChild(); child != nil; child = image.FirstChild() {
		link.AppendChild(link, child)
	}
	if link.FirstChild() == nil {
		link.AppendChild(link, ast.NewString([]byte(address)))
	}
	image.Parent().ReplaceChild(image.Parent(), image, link)
}

func replaceByWords(node ast.Node) {
	above := node.Parent()
	for child := node.FirstChild(); child != nil; child = node.FirstChild() {
		above.InsertBefore(above, node, child)
	}
	above.RemoveChild(above, node)
}
