package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed static
var staticFiles embed.FS

// static are the style sheet and the scripts, each under a name that tells its
// content, so that browsers need never ask for it again.
type static struct {
	files map[string]staticFile // by that name
	urls  map[string]string     // by the plain name
}

type staticFile struct {
	mime           string
	plain, gzipped []byte
}

func staticTypes() map[string]string {
	return map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
}

func readStatic() (*static, error) {
	s := &static{files: map[string]staticFile{}, urls: map[string]string{}}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("read the static files: %w", err)
	}
	for _, entry := range entries {
		mime, served := staticTypes()[path.Ext(entry.Name())]
		if !served {
			continue // a licence
		}
		content, err := staticFiles.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read a static file: %w", err)
		}
		gzipped, err := squeeze(content)
		if err != nil {
			return nil, err
		}
		name := hashedName(entry.Name(), content)
		s.files[name] = staticFile{mime, content, gzipped}
		s.urls[entry.Name()] = "/static/" + name
	}
	return s, nil
}

func squeeze(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return out.Bytes(), nil
}

// hashedName puts a part of the content's hash before the name's end: ui.a1b2c3d4e5f6.css.
func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + base64.RawURLEncoding.EncodeToString(sum[:9]) + ext
}

// serve answers GET /static/{name}.
func (s *static) serve(c *fiber.Ctx) error {
	file, ok := s.files[c.Params("name")]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, file.mime)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if !takesGzip(c) {
		return c.Send(file.plain)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(file.gzipped)
}

func takesGzip(c *fiber.Ctx) bool { return c.Context().Request.Header.HasAcceptEncoding("gzip") }
