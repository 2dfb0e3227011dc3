package ticket

// automatic tells whether the command is the program's own: no rule of the
// workflow is asked, and no right (product.md §3).
func automatic(command Command) bool {
	_, ok := command.(Migrate)
	return ok
}

func decideAutomatic(t Ticket, command Command, facts Facts) []Event {
	if _, ok := command.(Migrate); ok {
		if to, _, ok := facts.Tracker.MigratesTo(t.State); ok {
			return []Event{StateChanged{From: t.State, To: to}}
		}
	}
	return nil
}
