package access

import (
	"bytes"
	"testing"
)

// FuzzUser reads users as anybody who may write to their streams can leave them.
func FuzzUser(f *testing.F) {
	hash, err := Hash("pass word")
	if err != nil {
		f.Fatal(err)
	}
	whole := User{LoginName: "ada", Groups: []string{Admins}, Hash: hash}
	for _, seed := range []string{string(whole.Encode()), `{"hash":"$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAA$AAAA"}`, `{"groups":null}`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		LoginListed(data)
		user, err := ParseUser(data)
		if err != nil {
			return
		}
		again, err := ParseUser(user.Encode())
		if err != nil || !bytes.Equal(again.Encode(), user.Encode()) {
			t.Errorf("%q: it is %+v, and then %+v, %v", data, user, again, err)
		}
		if IsHash(user.Hash) && len(user.Hash) > 1<<10 {
			t.Errorf("a hash of %d bytes is taken for one", len(user.Hash))
		}
	})
}
