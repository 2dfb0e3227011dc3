package access

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func basic(plain string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(plain))
}

func TestAuthorizationHeaders(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Credentials{
		basic("ada:secret"):                              {"ada", "secret"},
		basic("ada:"):                                    {"ada", ""},
		basic("ada:a:b"):                                 {"ada", "a:b"},
		basic("Zoë:pâté"):                                {"Zoë", "pâté"},
		"basic " + basic("ada:x")[6:]:                    {"ada", "x"},
		"BASIC   " + basic("ada:x")[6:]:                  {"ada", "x"},
		basic("ada:" + strings.Repeat("x", maxPassword)): {"ada", strings.Repeat("x", maxPassword)},
	} {
		if got, err := ParseBasic(header); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", header, got, err, want)
		}
	}
	for _, header := range []string{
		"", " ", "Basic", "Basic ", "Basic !", "Bearer abc", "Basicabc", basic("nocolon"), basic(":nologin"), basic("a:\xff"),
		basic("ada:secret") + "=", strings.TrimRight(basic("ada:secr"), "="), "Basic YWRhOng\n=", "Basic YWRhOnh=", // bits that say nothing
		basic(strings.Repeat("a", maxLogin+1) + ":x"), basic("ada:" + strings.Repeat("x", maxPassword+1)),
		"Basic " + strings.Repeat("A", 1<<20), strings.Repeat("Basic ", 1000),
	} {
		if got, err := ParseBasic(header); !errors.Is(err, ErrHeader) {
			t.Errorf("%.60q: got %+v, %v", header, got, err)
		}
	}
}

func FuzzBasic(f *testing.F) {
	for _, seed := range []string{basic("ada:secret"), "Basic ", basic(":"), "basic\tYTpi", basic("a:\x00"), "Bearer x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, err := ParseBasic(header)
		if err != nil {
			if got != (Credentials{}) {
				t.Errorf("%q: refused, but gave %+v", header, got)
			}
			return
		}
		if got.Login == "" || strings.Contains(got.Login, ":") || !utf8.ValidString(got.Login+got.Password) ||
			len(got.Login) > maxLogin || len(got.Password) > maxPassword {
			t.Errorf("%q: got %+v", header, got)
		}
		if again, err := ParseBasic(basic(got.Login + ":" + got.Password)); err != nil || again != got {
			t.Errorf("%q: got %+v, then %+v, %v", header, got, again, err)
		}
	})
}
