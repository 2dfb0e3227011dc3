package domain

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AttachmentID names a file, from the moment that it is uploaded: "att_" and 130
// bits that nobody can guess. It is no key: rights are asked each time.
type AttachmentID string

var attachmentID = regexp.MustCompile(`^att_[A-Z2-7]{26}$`)

// Valid tells whether id has the form of an attachment's id.
func (id AttachmentID) Valid() bool { return attachmentID.MatchString(string(id)) }

// NewAttachmentID makes an id: a random one for the empty seed, else always the
// same for the seed and the number.
func NewAttachmentID(seed string, n int) AttachmentID {
	if seed == "" {
		return AttachmentID("att_" + rand.Text())
	}
	sum := sha256.Sum256([]byte(seed + "\x00" + strconv.Itoa(n)))
	return AttachmentID("att_" + base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// ErrNoAttachment is the one answer for a file that does not exist, for one that
// has been removed and for one that the asker may not see.
func ErrNoAttachment(id AttachmentID) *Error {
	return Errorf(NotFound, "attachment-not-found", "there is no attachment %s", id)
}

// File is a file that somebody has sent.
type File struct {
	ID      AttachmentID `json:"attachment"`
	Name    string       `json:"name"` // as CleanFileName makes it
	Size    int64        `json:"size"` // bytes of its content
	Type    string       `json:"type"` // as found in its content, never as its sender says
	Hash    string       `json:"hash"` // SHA-256 of its content, in hexadecimal digits
	Picture *Picture     `json:"picture,omitempty"`
}

// Picture is what a file is besides when it is a picture that we have decoded and
// written anew. Nothing else is ever shown in a page.
type Picture struct {
	Width         int    `json:"width"`
	Height        int    `json:"height"`
	Thumbnail     string `json:"thumbnail"` // the hash of the small one
	ThumbnailType string `json:"thumbnailType"`
}

// maxFileName is the longest name of a file, in bytes of UTF-8.
const maxFileName = 200

// CleanFileName makes a name of what a program calls a file: the last part of a
// path, of any script, in one line, without what turns the direction of text round.
func CleanFileName(given string) string {
	given = strings.ToValidUTF8(given, "")
	given = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029, r == 0xfeff:
			return -1
		}
		return r
	}, given)
	name := strings.TrimSpace(given[strings.LastIndexAny(given, `/\`)+1:])
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return shortened(name)
}

// shortened keeps the end after the last dot, by which people and programs know what it is.
func shortened(name string) string {
	if len(name) <= maxFileName {
		return name
	}
	end := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 20 {
		end = name[dot:]
	}
	cut := maxFileName - len(end)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + end
}
