package accounts

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Words is the sentence for a deed in French or English. People whom it names beside
// Person and By stand in it by their ids.
func (d Deed) Words(french bool) string { return deedWords{french}.of(d) }

type deedWords struct{ french bool }

func (w deedWords) say(fr, en string, args ...any) string {
	if w.french {
		return fmt.Sprintf(fr, args...)
	}
	return fmt.Sprintf(en, args...)
}

func (w deedWords) of(d Deed) string {
	switch d.Kind { //nolint:exhaustive // the others are of credentials
	case Created:
		return w.say("Compte créé%s.", "Account created%s.", w.changes(d))
	case Invited:
		return w.say("Lien d’invitation fait.", "Invitation link made.")
	case InvitationAccepted:
		return w.say("Invitation acceptée, mot de passe choisi%s.", "Invitation accepted, password chosen%s.", w.changes(d))
	case Changed:
		return w.say("Compte modifié%s.", "Account changed%s.", w.changes(d))
	case AdminGiven:
		return w.say("Rendu administrateur.", "Made an administrator.")
	case AdminTaken:
		return w.say("N’est plus administrateur.", "No administrator any more.")
	case Disabled:
		return w.say("Compte désactivé ; sessions, jetons et invitations terminés.", "Account disabled; sessions, tokens and invitations ended.")
	case Enabled:
		return w.say("Compte réactivé.", "Account enabled again.")
	case SetUp:
		return w.say("Site mis en service.", "Site set up.")
	case SiteChanged:
		return w.say("Réglages du site modifiés%s.", "Settings of the site changed%s.", w.changes(d))
	case SecretSet:
		said := w.say("Secret « %s » enregistré pour %s", "Secret “%s” kept for %s", d.About.Secret, d.About.Site)
		if keys := d.trackers(); keys != "" {
			said += " (" + keys + ")"
		}
		return said + "."
	case SecretAllowed:
		return w.say("Secret « %s » utilisable par %s.", "Secret “%s” may be used by %s.", d.About.Secret, cmp.Or(d.trackers(), w.say("tous les guichets", "any tracker")))
	case SecretRemoved:
		return w.say("Secret « %s » oublié.", "Secret “%s” forgotten.", d.About.Secret)
	}
	return w.credentials(d)
}

// trackers are those that may use the secret; "": any.
func (d Deed) trackers() string {
	words := make([]string, len(d.About.Trackers))
	for i, key := range d.About.Trackers {
		words[i] = string(key)
	}
	return strings.Join(words, ", ")
}

// credentials is the sentence for a deed with what somebody signs in with.
func (w deedWords) credentials(d Deed) string {
	switch d.Kind { //nolint:exhaustive // the others have their sentence
	case PasswordSet:
		return w.say("Mot de passe changé ; autres sessions terminées.", "Password changed; other sessions ended.")
	case PasswordReplaced:
		return w.say("Mot de passe remplacé ; sessions terminées.", "Password replaced; sessions ended.")
	case PasswordRefused:
		return w.say("Ancien mot de passe faux, %s dans l’heure.", "Wrong old password, %s within the hour.", w.times(d.Times))
	case TokenMade:
		return w.say("Jeton créé : « %s », portée %s%s.", "Token made: “%s”, scope %s%s.", d.About.Label, d.About.Scope, w.until(d.About.ExpiresAt))
	case TokenRevoked:
		return w.say("Jeton révoqué : « %s ».", "Token revoked: “%s”.", d.About.Label)
	case SignedIn:
		return w.say("Connexion depuis %s.", "Signed in from %s.", w.place(d.About.Address))
	case SignInFailed:
		return w.say("Connexion refusée, %s dans l’heure, en dernier depuis %s.", "Sign-in refused, %s within the hour, last from %s.", w.times(d.Times), w.place(d.About.Address))
	case SessionEnded:
		return w.say("Session terminée.", "Session ended.")
	case SessionsEnded:
		return w.say("Autres sessions terminées.", "Other sessions ended.")
	}
	return string(d.Kind) // of a newer program; better than nothing
}

func (w deedWords) times(n int64) string {
	if n == 1 {
		return w.say("une fois", "once")
	}
	return w.say("%d fois", "%d times", n)
}

func (w deedWords) place(address string) string {
	if address == "" {
		return w.say("une adresse inconnue", "an unknown address")
	}
	return address
}

func (w deedWords) until(at *time.Time) string {
	if at == nil {
		return ""
	}
	return w.say(", jusqu’au %s", ", until %s", at.UTC().Format(time.DateOnly))
}

// changes are what was changed, behind a colon; nothing when nothing is told.
func (w deedWords) changes(d Deed) string {
	var all []string
	for _, c := range d.About.Changes {
		text := w.what(c.What) + " " + w.quote(c.To)
		if d.Kind != Created {
			text = w.what(c.What) + " " + w.quote(c.From) + " → " + w.quote(c.To)
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return ""
	}
	return w.say(" : %s", ": %s", strings.Join(all, ", "))
}

func (w deedWords) what(name string) string {
	french := map[string]string{"name": "nom", "email": "adresse", "language": "langue", "timeZone": "fuseau horaire", "watch": "nouveaux suivis",
		"closedPanels": "panneaux fermés au départ", "newFields": "nouveaux champs"}
	english := map[string]string{"email": "e-mail address", "timeZone": "time zone", "watch": "new watches", "closedPanels": "panels closed at first", "newFields": "new fields"}
	told := english[name]
	if w.french {
		told = french[name]
	}
	if told == "" {
		return name
	}
	return told
}

func (w deedWords) quote(text string) string {
	if text == "" {
		return "–"
	}
	return w.say("« %s »", "“%s”", text)
}
