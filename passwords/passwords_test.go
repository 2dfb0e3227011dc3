package passwords

import (
	"strings"
	"testing"
)

func TestHashesAreCheckedBeforeTheyAreUsed(t *testing.T) {
	t.Parallel()
	hash := New("correct horse").String()
	h, err := Parse(hash)
	if err != nil || !h.Matches("correct horse") || h.Matches("wrong horse") || h.cost != newCost() {
		t.Errorf("%s: got %+v, %v", hash, h.cost, err)
	}
	if again := New("correct horse").String(); again == hash {
		t.Error("the same password twice: got the same hash")
	}
	params := "m=19456,t=2,p=1"
	for _, bad := range []string{
		"", "$", "x" + hash, strings.Replace(hash, "argon2id", "argon2i", 1), strings.Replace(hash, "v=19", "v=16", 1),
		strings.Replace(hash, params, "m=4194304,t=2,p=1", 1), strings.Replace(hash, params, "m=19456,t=999,p=1", 1),
		strings.Replace(hash, params, "m=19456,t=2,p=255", 1), strings.Replace(hash, params, "m=0,t=0,p=0", 1),
		strings.Replace(hash, params, "m=19456,t=2,p=1,x=2", 1), strings.Replace(hash, params, "m=+19456,t=2,p=1", 1),
		hash[:len(hash)-30], hash + "=", hash + "$", strings.ReplaceAll(hash, "$", "$$"),
	} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q was taken for a hash", bad)
		}
	}
}

func TestADecoyIsTriedAtTheCostOfARealOneAndFitsNothing(t *testing.T) {
	t.Parallel()
	decoy, made := Decoy(), New("correct horse")
	if decoy.cost != made.cost || len(decoy.key) != len(made.key) || len(decoy.salt) != len(made.salt) {
		t.Errorf("got a decoy of %+v with %d and %d bytes, want it like %+v", decoy.cost, len(decoy.key), len(decoy.salt), made.cost)
	}
	if decoy.Matches("") || decoy.Matches("correct horse") {
		t.Error("a password fits the decoy")
	}
}

func TestAHashOfLessIsOutdated(t *testing.T) {
	t.Parallel()
	if now := New("correct horse"); now.Outdated() {
		t.Errorf("%s is outdated", now)
	}
	for _, old := range []cost{{memory: 12 << 10, time: 2, threads: 1}, {memory: 19 << 10, time: 1, threads: 1}} {
		h := Hash{cost: old, salt: randomBytes(saltSize)}.with("correct horse")
		if !h.Outdated() || !h.Matches("correct horse") {
			t.Errorf("%s: want it outdated, and good still", h)
		}
	}
	if dear := (Hash{cost: cost{memory: 64 << 10, time: 3, threads: 4}, salt: randomBytes(saltSize), key: randomBytes(keySize)}); dear.Outdated() {
		t.Errorf("%s is dearer than today's and outdated", dear)
	}
}
