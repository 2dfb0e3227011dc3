package accounts_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"suivi/accounts"
)

func TestTheFirstStartMakesOneAdministratorHoweverManyStart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		nodes := []*accounts.Accounts{people, another(), another()}
		var made atomic.Int32
		var all sync.WaitGroup
		for i := range 9 {
			all.Go(func() {
				node := nodes[i%len(nodes)]
				p, token, created, err := node.EnsureAdmin(t.Context())
				if err != nil {
					t.Error(err)
				}
				if !created {
					if token != "" || p != (accounts.Person{}) {
						t.Errorf("got %v and a token, want nothing", p)
					}
					return
				}
				made.Add(1)
				if got, shown, err := node.Authenticate(t.Context(), token); err != nil || got != p || !p.Admin || shown.Scope != accounts.ScopeAdmin {
					t.Errorf("got %v, %v; want the administrator %v", got, err, p)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Errorf("got %d administrators, want 1", made.Load())
		}
	})
}
