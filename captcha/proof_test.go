package captcha_test

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suivi/captcha"
	"suivi/domain"
	"suivi/internal/testdb"
)

func (n node) prove(t *testing.T, person domain.UserID, key domain.TrackerKey, a captcha.Answer) bool {
	t.Helper()
	ok, err := n.Prove(t.Context(), person, key, a)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func (n node) solveAs(t *testing.T, person domain.UserID, key domain.TrackerKey, a captcha.Answer) bool {
	t.Helper()
	ok, err := n.Solve(t.Context(), person, key, a)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestAProofIsGoodForOneFormOfItsPersonOnceAndSoon(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		id, digits := n.challenge(t, ada)
		right := captcha.Answer{ID: id, Answer: digits[:2] + " " + digits[2:], Form: "form"}
		if n.prove(t, bob, "HELP", right) || n.prove(t, ada, "OTHER", right) || n.prove(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits}) {
			t.Error("it is proven by others, or by no form")
		}
		if !n.prove(t, ada, "HELP", right) || !n.prove(t, ada, "HELP", captcha.Answer{ID: id, Form: "form"}) {
			t.Error("the right answer proves nothing, or has to be given again")
		}
		for name, wrong := range map[string]bool{
			"by another person":  n.solveAs(t, bob, "HELP", captcha.Answer{ID: id, Form: "form"}),
			"in another tracker": n.solveAs(t, ada, "OTHER", captcha.Answer{ID: id, Form: "form"}),
			"by another form":    n.solveAs(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits, Form: "another"}),
			"by no form":         n.solveAs(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits}),
		} {
			if wrong {
				t.Errorf("the proof is taken %s", name)
			}
		}
		if !n.solveAs(t, ada, "HELP", captcha.Answer{ID: id, Form: "form"}) {
			t.Error("the proof is not taken")
		}
		if n.solveAs(t, ada, "HELP", right) || n.prove(t, ada, "HELP", right) {
			t.Error("it is taken a second time")
		}
		id, digits = n.challenge(t, ada)
		if n.prove(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits + "0", Form: "form"}) || n.prove(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits, Form: "form"}) {
			t.Error("there is a second guess")
		}
		id, digits = n.challenge(t, ada)
		n.prove(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits, Form: "form"})
		*n.now = n.now.Add(captcha.Lifetime)
		if n.solveAs(t, ada, "HELP", captcha.Answer{ID: id, Form: "form"}) {
			t.Error("it is taken after its time")
		}
	})
}

func TestOfManyNodesOneTakesTheProof(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		nodes := []node{open(t, url), open(t, url)}
		id, digits := nodes[0].challenge(t, ada)
		nodes[1].prove(t, ada, "HELP", captcha.Answer{ID: id, Answer: digits, Form: "form"})
		var taken atomic.Int32
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				if ok, err := nodes[i%2].Solve(t.Context(), ada, "HELP", captcha.Answer{ID: id, Answer: digits, Form: "form"}); err != nil {
					t.Error(err)
				} else if ok {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		if taken.Load() != 1 {
			t.Errorf("taken %d times", taken.Load())
		}
	})
}

func TestAnOpenChallengeIsShownAgainAsItWas(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		n := open(t, url)
		first, err := n.New(t.Context(), ada, "HELP")
		if err != nil {
			t.Fatal(err)
		}
		again, proven, err := n.Look(t.Context(), ada, "HELP", first.ID, "form")
		if err != nil || proven || again.ID != first.ID || !bytes.Equal(again.Image, first.Image) || !again.ExpiresAt.Equal(first.ExpiresAt) {
			t.Errorf("got %s, %v, %v, want %s", again.ID, proven, err, first.ID)
		}
		if _, _, err := n.Look(t.Context(), bob, "HELP", first.ID, "form"); domain.KindOf(err) != domain.NotFound {
			t.Errorf("another person: %v", err)
		}
		n.solve(t, ada, "HELP", first.ID, "guess")
		if _, proven, err := n.Look(t.Context(), ada, "HELP", first.ID, ""); proven || domain.KindOf(err) != domain.NotFound {
			t.Errorf("used up: %v, %v", proven, err)
		}
		*n.now = n.now.Add(time.Hour)
		if _, _, err := n.Look(t.Context(), ada, "HELP", first.ID, "form"); domain.KindOf(err) != domain.NotFound {
			t.Errorf("after its time: %v", err)
		}
	})
}
