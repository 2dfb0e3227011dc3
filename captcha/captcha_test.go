package captcha_test

import (
	"bytes"
	"image/png"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suivi/captcha"
	"suivi/database"
	"suivi/domain"
	"suivi/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

const ada, bob domain.UserID = "usr_ada", "usr_bob"

// node is a Captcha on the database, with a clock of the test's own.
type node struct {
	*captcha.Captcha
	db  *database.DB
	now *time.Time
}

func open(t *testing.T, url string) node {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	c, err := captcha.Open(t.Context(), db, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return node{c, db, &now}
}

func (n node) challenge(t *testing.T, person domain.UserID) (id, digits string) {
	t.Helper()
	challenge, err := n.New(t.Context(), person, "HELP")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(challenge.Image))
	if err != nil || picture.Bounds().Dx() < 100 {
		t.Errorf("the picture: %v", err)
	}
	if err := n.db.Read.GetContext(t.Context(), &digits, `SELECT digits FROM captcha_challenges WHERE id = $1`, challenge.ID); err != nil {
		t.Fatal(err)
	}
	if len(digits) != 6 {
		t.Errorf("digits %q", digits)
	}
	return challenge.ID, digits
}

func (n node) solve(t *testing.T, person domain.UserID, key domain.TrackerKey, id, answer string) bool {
	t.Helper()
	ok, err := n.Solve(t.Context(), person, key, captcha.Answer{ID: id, Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestAChallengeIsAnsweredOnceByWhomItWasGivenTo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		id, digits := n.challenge(t, ada)
		if n.solve(t, bob, "HELP", id, digits) || n.solve(t, ada, "OTHER", id, digits) || n.solve(t, ada, "HELP", "", digits) {
			t.Error("it holds for others too")
		}
		if !n.solve(t, ada, "HELP", id, " "+digits[:3]+" "+digits[3:]) {
			t.Error("the right answer is wrong")
		}
		if n.solve(t, ada, "HELP", id, digits) {
			t.Error("it is right a second time")
		}
		id, digits = n.challenge(t, ada)
		if n.solve(t, ada, "HELP", id, digits+"0") || n.solve(t, ada, "HELP", id, digits) {
			t.Error("there is a second try")
		}
	})
}

func TestAChallengeExpires(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		id, digits := n.challenge(t, ada)
		*n.now = n.now.Add(captcha.Lifetime)
		if n.solve(t, ada, "HELP", id, digits) {
			t.Error("it is right after its time")
		}
		if _, err := n.Audio(t.Context(), ada, "HELP", id); domain.KindOf(err) != domain.NotFound {
			t.Errorf("the sound: %v", err)
		}
	})
}

func TestOneGetsSoManyChallengesAtOnceAndNoMore(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		for range captcha.MaxAtOnce {
			id, _ := n.challenge(t, ada)
			n.solve(t, ada, "HELP", id, "guess")
		}
		if _, err := n.New(t.Context(), ada, "HELP"); domain.CodeOf(err) != "captcha-limit" {
			t.Errorf("got %v", err)
		}
		n.challenge(t, bob)
		*n.now = n.now.Add(captcha.Lifetime)
		n.challenge(t, ada)
		var kept int
		if err := n.db.Read.GetContext(t.Context(), &kept, `SELECT COUNT(*) FROM captcha_challenges`); err != nil || kept != 1 {
			t.Errorf("%d kept, %v", kept, err)
		}
	})
}

func TestOfManyNodesOneTakesTheAnswer(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		nodes := []node{open(t, url), open(t, url)}
		id, digits := nodes[0].challenge(t, ada)
		var right atomic.Int32
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				if ok, err := nodes[i%2].Solve(t.Context(), ada, "HELP", captcha.Answer{ID: id, Answer: digits}); err != nil {
					t.Error(err)
				} else if ok {
					right.Add(1)
				}
			})
		}
		all.Wait()
		if right.Load() != 1 {
			t.Errorf("right %d times", right.Load())
		}
	})
}

func TestAChallengeCanBeHeard(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		id, _ := n.challenge(t, ada)
		sound, err := n.Audio(t.Context(), ada, "HELP", id)
		if err != nil || !bytes.HasPrefix(sound, []byte("RIFF")) {
			t.Errorf("%d bytes, %v", len(sound), err)
		}
		if _, err := n.Audio(t.Context(), bob, "HELP", id); domain.KindOf(err) != domain.NotFound {
			t.Errorf("for another: %v", err)
		}
	})
}
