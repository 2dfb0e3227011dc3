package accounts

// Scope is how much of what its person may a token is good for.
type Scope string

// The scopes, each with what the one before has.
const (
	ScopeRead  Scope = "read"  // requests that change nothing: GET and HEAD
	ScopeWrite Scope = "write" // what the person may without being an administrator
	ScopeAdmin Scope = "admin" // all that the person may, their password and tokens among it
)

func (s Scope) valid() bool { return s == ScopeRead || s == ScopeWrite || s == ScopeAdmin }
