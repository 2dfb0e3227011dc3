package access

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var unexported = cmp.AllowUnexported(acl{}, roles{}, streamACL{}, defaults{})

func TestMetadataIsReadForItsRights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metadata string
		want     streamACL
	}{
		{``, streamACL{}},
		{`{`, streamACL{}},
		{`[]`, streamACL{}},
		{`null`, streamACL{}},
		{`{}`, streamACL{}},
		{`{"$maxCount":3,"$acl":null}`, streamACL{}},
		{`{"$ACL":{"$r":"ada"}}`, streamACL{}}, // keys are to the letter
		{`{"$acl":{}}`, streamACL{}},
		{`{"$acl":{"$r":"ada"}}`, streamACL{acl: acl{read: given("ada")}}},
		{`{"$acl":{"$r":["ada","$ops"],"$w":[],"$d":"$all","$mr":null,"$mw":["x"]}}`, streamACL{acl: acl{
			read: given("ada", "$ops"), write: given(), delete: given("$all"), metaWrite: given("x"),
		}}},
		{`{"$acl":{"$r":"ada","$r":"bob","$R":"eve","other":7}}`, streamACL{acl: acl{read: given("bob")}}},
		{`{"$maxCount":"wrong","$acl":{"$r":"ada"}}`, streamACL{acl: acl{read: given("ada")}}},
		{`{"$acl":"$userStreamAcl"}`, streamACL{named: keyUserACL}},
		{`{"$acl":"$systemStreamAcl"}`, streamACL{named: keySystemACL}},
		{`{"$acl":"ada"}`, streamACL{acl: locked()}},
		{`{"$acl":["ada"]}`, streamACL{acl: locked()}},
		{`{"$acl":7}`, streamACL{acl: locked()}},
		{`{"$acl":{"$r":7}}`, streamACL{acl: locked()}},
		{`{"$acl":{"$r":["ada",7]}}`, streamACL{acl: locked()}},
		{`{"$acl":{"$r":["ada",null]}}`, streamACL{acl: locked()}},
		{`{"$acl":{"$r":{"a":1},"$w":"ada"}}`, streamACL{acl: locked()}},
	} {
		if diff := cmp.Diff(c.want, parseMetadata([]byte(c.metadata)), unexported); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.metadata, diff)
		}
	}
}

func TestSettingsReplaceDefaultsOneByOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		settings string
		want     defaults
	}{
		{``, builtIn()},
		{`[]`, builtIn()},
		{`{"x":1}`, builtIn()},
		{`{"$userStreamAcl":{"$r":"desk"}}`, defaults{user: acl{read: given("desk")}, system: builtIn().system}},
		{`{"$systemStreamAcl":{"$r":["$admins","ouro"]}}`, defaults{user: builtIn().user, system: acl{read: given("$admins", "ouro")}}},
		{`{"$userStreamAcl":7,"$systemStreamAcl":null}`, defaults{user: locked(), system: builtIn().system}},
	} {
		if diff := cmp.Diff(c.want, parseSettings([]byte(c.settings)), unexported); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.settings, diff)
		}
	}
}

// Whatever stands in metadata: a right that is read is one that is written there,
// and what cannot be read opens nothing that an ACL was to close.
func FuzzACL(f *testing.F) {
	for _, seed := range []string{
		`{"$acl":{"$r":"ada","$w":["bob","$all"]}}`, `{"$acl":"$systemStreamAcl"}`, `{"$acl":{"$r":[null]}}`,
		`{"$acl":{"$r":"\ud800"}}`, `{"$userStreamAcl":{"$d":[]}}`, strings.Repeat("[", 10001), `{"$acl":1e999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found := parseMetadata(data)
		parseSettings(data)
		var fields struct {
			ACL map[string]any `json:"$acl"`
		}
		strict := json.Unmarshal(data, &fields) == nil
		for key, r := range map[string]roles{"$r": found.read, "$w": found.write, "$d": found.delete, "$mr": found.metaRead, "$mw": found.metaWrite} {
			if !r.given || len(r.names) == 0 || !strict {
				continue
			}
			for _, name := range r.names {
				if !mentions(data, name) {
					t.Errorf("%s names %q, which is nowhere in %q", key, name, data)
				}
			}
		}
		if found.named != "" && found.size() > 0 {
			t.Errorf("both named and given: %q", data)
		}
	})
}

// mentions tells whether a JSON text has a string anywhere.
func mentions(data []byte, name string) bool {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if token == name {
			return true
		}
	}
}
