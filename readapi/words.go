package readapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// offered are the languages that histories are told in; the first is the default.
var offered = language.NewMatcher([]language.Tag{language.English, language.French})

// PrefersFrench reads an Accept-Language header.
func PrefersFrench(header string) bool {
	_, i := language.MatchStrings(offered, header)
	return i == 1
}

// words tells a ticket's events in sentences, with the state labels of its tracker
// and the field labels that it had then. People stand in them by their ids: names are not known here.
type words struct {
	french bool
	in     tracker.Tracker
	then   tracker.Tracker // as it was, for the labels of fields
}

func (w words) say(fr, en string, args ...any) string {
	if w.french {
		return fmt.Sprintf(fr, args...)
	}
	return fmt.Sprintf(en, args...)
}

// of is the sentence for an event that the actor caused.
func (w words) of(event ticket.Event, actor domain.UserID) string {
	switch e := event.(type) {
	case ticket.Posted:
		if e.CopyOf != nil {
			return w.say("Copie d’un ticket du niveau inférieur, de %s.", "Copy of a ticket of the lower level, reported by %s.", e.Reporter)
		}
		if e.Reporter != actor {
			return w.say("Ticket posté pour %s.", "Ticket posted for %s.", e.Reporter)
		}
		return w.say("Ticket posté.", "Ticket posted.")
	case ticket.Edited:
		return w.edited(e)
	case ticket.ResolutionWritten:
		if e.Resolution == "" {
			return w.say("Résolution retirée.", "Resolution removed.")
		}
		return w.say("Résolution écrite.", "Resolution written.")
	case ticket.StateChanged:
		return w.say("État changé de « %s » à « %s ».", "State changed from “%s” to “%s”.", w.state(e.From), w.state(e.To))
	case ticket.Assigned:
		if e.Previous != "" {
			return w.say("Attribué à %s, auparavant à %s.", "Assigned to %s, before that to %s.", e.Assignee, e.Previous)
		}
		return w.say("Attribué à %s.", "Assigned to %s.", e.Assignee)
	case ticket.Unassigned:
		if e.Previous == actor {
			return w.say("Rendu par %s.", "Given back by %s.", e.Previous)
		}
		return w.say("Retiré à %s.", "Taken from %s.", e.Previous)
	case ticket.Moved:
		return w.say("Déplacé de %s vers %s.", "Moved from %s to %s.", e.From, e.To)
	case ticket.Deleted:
		return w.say("Ticket supprimé.", "Ticket deleted.")
	case ticket.Undeleted:
		return w.say("Ticket rétabli.", "Ticket brought back.")
	case ticket.Watched:
		return w.say("%s suit le ticket.", "%s watches the ticket.", e.User)
	case ticket.Unwatched:
		return w.say("%s ne suit plus le ticket.", "%s no longer watches the ticket.", e.User)
	}
	return w.saying(event)
}

// saying is the sentence for an event by which somebody said something.
func (w words) saying(event ticket.Event) string {
	switch e := event.(type) {
	case ticket.Mirrored, ticket.MirrorMatched, ticket.MirrorRefused, ticket.Unmirrored:
		return w.mirror(event)
	case ticket.Cascaded, ticket.CascadeLinked, ticket.CascadeReported, ticket.CascadeRefused, ticket.CascadeEnded:
		return w.cascade(event)
	case ticket.Commented:
		if e.Copied != nil {
			return w.say("Commentaire %d repris de l’autre ticket.", "Comment %d taken over from the other ticket.", e.Comment)
		}
		return w.say("Commentaire %d ajouté.", "Comment %d added.", e.Comment)
	case ticket.CommentEdited:
		return w.say("Commentaire %d modifié.", "Comment %d edited.", e.Comment)
	case ticket.CommentDeleted:
		return w.say("Commentaire %d supprimé.", "Comment %d deleted.", e.Comment)
	case ticket.Branched:
		if e.Ticket == "" {
			return w.say("Un ticket est né du commentaire %d.", "A ticket grew out of comment %d.", e.Comment)
		}
		return w.say("Le ticket %s est né du commentaire %d.", "The ticket %s grew out of comment %d.", e.Ticket, e.Comment)
	case ticket.FileAttached:
		return w.attached(e)
	case ticket.FileRemoved:
		return w.say("Fichier « %s » retiré.", "File “%s” removed.", e.Name)
	case ticket.NoteAdded:
		return w.say("Note interne %d ajoutée.", "Internal note %d added.", e.Note)
	case ticket.NoteEdited:
		return w.say("Note interne %d modifiée.", "Internal note %d edited.", e.Note)
	case ticket.NoteDeleted:
		return w.say("Note interne %d supprimée.", "Internal note %d deleted.", e.Note)
	case ticket.Ranked:
		return w.say("Rang changé.", "Rank changed.")
	case ticket.RaiseRequested:
		if e.Urgent {
			return w.say("Hausse de priorité demandée, urgente (%d).", "Raise requested, urgent (%d).", e.Request)
		}
		return w.say("Hausse de priorité demandée (%d).", "Raise requested (%d).", e.Request)
	case ticket.RaiseGranted:
		return w.say("Hausse de priorité accordée (%d).", "Raise granted (%d).", e.Request)
	case ticket.RaiseRefused:
		return w.say("Hausse de priorité refusée (%d).", "Raise refused (%d).", e.Request)
	}
	return ""
}

// dependency is the sentence for a dependency, in the history of the ticket.
func (w words) dependency(event dependency.Event, id domain.TicketID) string {
	switch e := event.(type) {
	case dependency.Added:
		if e.Ticket == id {
			return w.say("Dépend désormais de %s.", "Depends on %s now.", e.Prerequisite)
		}
		return w.say("%s en dépend désormais.", "%s depends on it now.", e.Ticket)
	case dependency.Removed:
		if e.Ticket == id {
			return w.say("Ne dépend plus de %s.", "Depends on %s no longer.", e.Prerequisite)
		}
		return w.say("%s n’en dépend plus.", "%s depends on it no longer.", e.Ticket)
	}
	return ""
}

func (w words) attached(e ticket.FileAttached) string {
	switch {
	case e.Comment != 0:
		return w.say("Fichier « %s » joint au commentaire %d.", "File “%s” attached to comment %d.", e.Name, e.Comment)
	case e.Field != "":
		return w.say("Fichier « %s » joint : %s.", "File “%s” attached: %s.", e.Name, w.field(e.Field))
	case e.Note != 0:
		return w.say("Fichier « %s » joint à la note interne %d.", "File “%s” attached to internal note %d.", e.Name, e.Note)
	}
	return w.say("Fichier « %s » joint.", "File “%s” attached.", e.Name)
}

func (w words) edited(e ticket.Edited) string {
	var parts []string
	if e.Summary != nil {
		parts = append(parts, w.say("résumé", "summary"))
	}
	if e.Description != nil {
		parts = append(parts, w.say("description", "description"))
	}
	for _, code := range slices.Sorted(maps.Keys(e.Answers)) {
		parts = append(parts, w.field(code))
	}
	return w.say("Modifié : %s.", "Edited: %s.", strings.Join(parts, ", "))
}

func (w words) state(s tracker.State) string {
	label := w.in.Label(s)
	if w.french {
		return label.FR
	}
	return label.EN
}

// field is the label that the field had then, or has now if there was none yet,
// or its code where it has no label.
func (w words) field(code string) string {
	field, had := w.then.Ever(code)
	if !had {
		field, _ = w.in.Ever(code)
	}
	label := field.Label.EN
	if w.french {
		label = field.Label.FR
	}
	if label == "" {
		return code
	}
	return label
}
