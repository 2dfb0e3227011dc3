package access

import (
	"bytes"
	"encoding/json"
)

// roles are who has a right. Given and empty means nobody; not given means that
// the next ACL in line decides.
type roles struct {
	given bool
	names []string
}

// acl is an access control list of a stream, or of a kind of streams.
type acl struct {
	read, write, delete, metaRead, metaWrite roles
}

// defaults are the ACLs of streams that have none of their own.
type defaults struct {
	user, system acl
}

func allRights(r roles) acl { return acl{read: r, write: r, delete: r, metaRead: r, metaWrite: r} }

func given(names ...string) roles { return roles{given: true, names: names} }

// What holds where neither the stream nor the stream $settings says anything.
func builtIn() defaults {
	return defaults{user: allRights(given(Everyone)), system: allRights(given(Admins))}
}

// An ACL that cannot be understood is meant to keep somebody out: it gives rights
// to administrators alone. The real server takes all of such metadata for none.
func locked() acl { return allRights(given()) }

// Keys and words of the JSON in metadata and in the stream $settings.
const (
	keyACL       = "$acl"
	keyUserACL   = "$userStreamAcl"
	keySystemACL = "$systemStreamAcl"
	keyRead      = "$r"
	keyWrite     = "$w"
	keyDelete    = "$d"
	keyMetaRead  = "$mr"
	keyMetaWrite = "$mw"
)

// streamACL is what metadata says of rights: an ACL of its own, or the name of the
// default to use. The zero value leaves everything to the defaults.
type streamACL struct {
	acl
	named string
}

// parseMetadata finds the rights in a stream's metadata. What is no JSON object
// is no metadata.
func parseMetadata(data []byte) streamACL {
	value, ok := member(data, keyACL)
	if !ok {
		return streamACL{}
	}
	var name string
	if json.Unmarshal(value, &name) == nil && (name == keyUserACL || name == keySystemACL) {
		return streamACL{named: name}
	}
	return streamACL{acl: parseACL(value)}
}

// parseSettings reads an event of the stream $settings.
func parseSettings(data []byte) defaults {
	found := builtIn()
	if value, ok := member(data, keyUserACL); ok {
		found.user = parseACL(value)
	}
	if value, ok := member(data, keySystemACL); ok {
		found.system = parseACL(value)
	}
	return found
}

// member takes a value out of a JSON object, its key to the letter. A null is as
// good as nothing.
func member(object []byte, key string) (json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil, false
	}
	value, ok := fields[key]
	return value, ok && !isNull(value)
}

func isNull(value []byte) bool { return bytes.Equal(bytes.TrimSpace(value), []byte("null")) }

func parseACL(data []byte) acl {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil || fields == nil {
		return locked()
	}
	var a acl
	for _, right := range []struct {
		key  string
		into *roles
	}{
		{keyRead, &a.read}, {keyWrite, &a.write}, {keyDelete, &a.delete}, {keyMetaRead, &a.metaRead}, {keyMetaWrite, &a.metaWrite},
	} {
		value, ok := fields[right.key]
		if !ok || isNull(value) {
			continue
		}
		if *right.into, ok = parseRoles(value); !ok {
			return locked()
		}
	}
	return a
}

// parseRoles reads one name or a list of names.
func parseRoles(data []byte) (roles, bool) {
	var name string
	if json.Unmarshal(data, &name) == nil {
		return given(name), true
	}
	var names []*string
	if json.Unmarshal(data, &names) != nil {
		return roles{}, false
	}
	found := given()
	for _, name := range names {
		if name == nil {
			return roles{}, false
		}
		found.names = append(found.names, *name)
	}
	return found, true
}

// size is what the ACL takes in memory, roughly.
func (a *acl) size() int {
	size := 0
	for _, r := range []roles{a.read, a.write, a.delete, a.metaRead, a.metaWrite} {
		for _, name := range r.names {
			size += len(name) + 16
		}
	}
	return size
}
