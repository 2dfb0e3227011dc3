package domain

// By is who does a deed that is no event: what is done in the accounts, and with what
// Suivi signs in with elsewhere. The zero By is the program itself.
type By struct {
	Person UserID // whose rights decided; "": nobody's, it was done beside the service
	Via    UserID // the administrator who acted for them, if one did
	Token  string // the id of the API token that they did it with; "": with none
	Source Source
}
