package accounts_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

func TestAPersonIsFoundByIDAndByEmailInAnyCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada, err := people.Create(t.Context(), domain.By{}, accounts.Person{Name: "  Ada Lovelace ", Email: "Ada@Example.org", Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		if !ada.ID.Valid() || time.Since(ada.CreatedAt).Abs() > time.Minute {
			t.Errorf("got id %q made at %v", ada.ID, ada.CreatedAt)
		}
		want := accounts.Person{ID: ada.ID, Name: "Ada Lovelace", Email: "Ada@Example.org", Admin: true, CreatedAt: ada.CreatedAt}
		for _, node := range []*accounts.Accounts{people, another()} {
			byID, err := node.ByID(t.Context(), ada.ID)
			if err != nil {
				t.Fatal(err)
			}
			byEmail, err := node.ByEmail(t.Context(), " ada@eXample.ORG")
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range []accounts.Person{ada, byID, byEmail} {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("got - want:\n%s", diff)
				}
			}
		}
	})
}

func TestAnEmailAddressBelongsToOnePersonInAnyCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		create(t, people, "Éloïse", "éloïse@example.org")
		_, err := people.Create(t.Context(), domain.By{}, accounts.Person{Name: "Other", Email: "ÉLOÏSE@EXAMPLE.ORG"})
		wantCode(t, err, domain.Refused, "email-taken")
		_, err = people.Create(t.Context(), domain.By{}, accounts.Person{Name: "Other", Email: "e\u0301loi\u0308se@example.org"})
		wantCode(t, err, domain.Refused, "email-taken")

		nodes := []*accounts.Accounts{people, another()}
		made := make(chan error, 16)
		var all sync.WaitGroup
		for i := range cap(made) {
			all.Go(func() {
				_, err := nodes[i%2].Create(t.Context(), domain.By{}, accounts.Person{Name: "Racer", Email: "racer@example.org"})
				made <- err
			})
		}
		all.Wait()
		close(made)
		winners := 0
		for err := range made {
			if err == nil {
				winners++
				continue
			}
			wantCode(t, err, domain.Refused, "email-taken")
		}
		if winners != 1 {
			t.Errorf("got %d people with one address, want 1", winners)
		}
	})
}

func TestAWrongPersonIsInvalidAndEveryProblemIsNamed(t *testing.T) {
	t.Parallel()
	people := open(t, "sqlite://"+t.TempDir()+"/accounts.db")
	field := func(field, code string) []domain.FieldError { return []domain.FieldError{{Field: field, Code: code}} }
	for _, c := range []struct {
		name, email string
		want        []domain.FieldError
	}{
		{"Ada", "ada@localhost", nil},
		{"", "ada2@example.org", field("name", "bad-length")},
		{" \t ", "ada2@example.org", field("name", "bad-length")},
		{strings.Repeat("é", 256), "ada2@example.org", field("name", "bad-length")},
		{strings.Repeat("é", 255), "ada3@example.org", nil},
		{"Ada\r\nBcc: all", "ada2@example.org", field("name", "bad-character")},
		{"Ada\x00", "ada2@example.org", field("name", "bad-character")},
		{"Ada\xff", "ada2@example.org", field("name", "bad-character")},
		{"Ada", "", field("email", "bad-email")},
		{"Ada", "ada", field("email", "bad-email")},
		{"Ada", "Ada <ada2@example.org>", field("email", "bad-email")},
		{"Ada", "ada2@example.org, eve@example.org", field("email", "bad-email")},
		{"Ada", "ada2@example.org\r\nBcc: eve@example.org", field("email", "bad-email")},
		{"Ada", "ada\x00@example.org", field("email", "bad-email")},
		{"Ada", strings.Repeat("a", 250) + "@x.org", field("email", "too-long")},
		{"", "", []domain.FieldError{{Field: "name", Code: "bad-length"}, {Field: "email", Code: "bad-email"}}},
	} {
		_, err := people.Create(t.Context(), domain.By{}, accounts.Person{Name: c.name, Email: c.email})
		var got []domain.FieldError
		if err != nil {
			wantCode(t, err, domain.Invalid, "invalid-input")
			got = err.(*domain.Error).Fields //nolint:errorlint // the very error that Problems makes
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("name %q, e-mail %q: want - got:\n%s", c.name, c.email, diff)
		}
	}
}

func TestUnknownNamesThoseWithoutAnAccountOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org").ID
		eve, mal := domain.UserID("usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"), domain.UserID("'; DROP TABLE people; --")
		got, err := another().Unknown(t.Context(), []domain.UserID{eve, ada, mal, eve, ada})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]domain.UserID{eve, mal}, got); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		_, err = people.ByID(t.Context(), eve)
		wantCode(t, err, domain.NotFound, "person-not-found")
	})
}

func TestNamesLeaveOutWhoDoesNotExist(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org").ID
		got, err := people.Names(t.Context(), []domain.UserID{ada, "usr_nobody", ada})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[domain.UserID]string{ada: "Ada"}, got); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
	})
}

func TestPeopleAreListedInPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		want := map[domain.UserID]bool{}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			want[create(t, people, name, name+"@example.org").ID] = true
		}
		var after domain.UserID
		for _, size := range []int{2, 2, 1} {
			page, err := people.People(t.Context(), after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) != size {
				t.Fatalf("got %d people, want %d", len(page), size)
			}
			for _, p := range page {
				if p.ID <= after || !want[p.ID] {
					t.Errorf("got %s after %s", p.ID, after)
				}
				delete(want, p.ID)
				after = p.ID
			}
		}
		if len(want) > 0 {
			t.Errorf("not listed: %v", want)
		}
	})
}
