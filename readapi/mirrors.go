package readapi

import "suivi/domain/ticket"

// mirror is the sentence for what happened between a ticket and its twin.
func (w words) mirror(event ticket.Event) string {
	switch e := event.(type) {
	case ticket.Mirrored:
		return w.say("A un jumeau dans %s : %s.", "Has a twin in %s: %s.", e.Tool, e.ID)
	case ticket.MirrorMatched:
		if len(e.Parts) == 1 {
			return w.say("Une partie du jumeau dans %s est rapprochée.", "A part of the twin in %s is matched.", e.Tool)
		}
		return w.say("%[2]d parties du jumeau dans %[1]s sont rapprochées.", "%[2]d parts of the twin in %[1]s are matched.", e.Tool, len(e.Parts))
	case ticket.MirrorRefused:
		return w.say("Refusé, alors que fait dans %s : %s", "Refused, though done in %s: %s", e.Tool, e.Reason)
	case ticket.Unmirrored:
		return w.unmirrored(e)
	}
	return ""
}

func (w words) unmirrored(e ticket.Unmirrored) string {
	switch e.Why {
	case ticket.TwinLost:
		return w.say("Le jumeau %[2]s dans %[1]s a disparu.", "The twin %[2]s in %[1]s is gone.", e.Tool, e.ID)
	case ticket.TicketDeleted:
		return w.say("Le jumeau %[2]s dans %[1]s n’est plus suivi : le ticket a été supprimé.", "The twin %[2]s in %[1]s is followed no longer: the ticket was deleted.", e.Tool, e.ID)
	case ticket.TicketLeft:
	}
	return w.say("Le jumeau %[2]s dans %[1]s n’est plus suivi : le ticket est ailleurs.", "The twin %[2]s in %[1]s is followed no longer: the ticket is elsewhere.", e.Tool, e.ID)
}
