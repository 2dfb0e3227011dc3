package main

// walkCascade sends tickets up and has them back, one of them by way of parked work.
func (r *reader) walkCascade() {
	r.t.Helper()
	for _, key := range []string{"LOW", "HIGH"} {
		r.ask("POST", "/api/v1/trackers", `{"key":"`+key+`","name":"Level","backReport":"resolve","reportComments":true}`, 201, nil)
	}
	r.ask("PATCH", "/api/v1/trackers/LOW", `{"backReport":"shout"}`, 422, nil)
	after := r.ask("PUT", "/api/v1/trackers/LOW/parent", `{"parent":"HIGH"}`, 200, nil).Get("X-Suivi-Position")
	r.ask("GET", "/api/v1/trackers/LOW", "", 200, nil, "X-Suivi-After", after)

	low, high := r.sendUp()
	r.ask("POST", low+"/cascade", "", 409, nil)
	r.ask("POST", high+"/refuse", `{"reason":""}`, 422, nil)
	r.ask("POST", high+"/refuse", `{"reason":"Not ours"}`, 200, nil)
	low, _ = r.sendUp()
	r.ask("POST", low+"/recall", "", 200, nil)
	r.ask("POST", low+"/recall", "", 409, nil)
	r.ask("GET", low+"/history", "", 200, nil)

	low, high = r.sendUp()
	r.ask("PUT", "/api/v1/trackers/LOW/archived", "", 200, nil) // so that it takes no report
	r.ask("POST", high+"/state", `{"to":"working"}`, 200, nil)
	var list struct{ Parked []struct{ ID string } }
	await(r.t, "the report is parked", func() bool {
		r.ask("GET", "/api/v1/admin/parked", "", 200, &list)
		return len(list.Parked) > 0
	})
	parked := "/api/v1/admin/parked/" + list.Parked[0].ID
	r.ask("POST", parked+"/retry", "", 202, nil)
	r.ask("POST", parked+"/resolve", "", 200, nil)
	r.ask("POST", parked+"/resolve", "", 404, nil)
	r.ask("DELETE", "/api/v1/trackers/LOW/archived", "", 200, nil)
	r.ask("GET", low, "", 200, nil)
}

// sendUp posts a ticket in LOW, sends it up and gives the paths of both once the copy is there.
func (r *reader) sendUp() (low, high string) {
	r.t.Helper()
	var posted linkedTicket
	r.ask("POST", "/api/v1/trackers/LOW/tickets", `{"summary":"Up"}`, 201, &posted)
	low = "/api/v1/tickets/" + posted.ID
	after := r.ask("POST", low+"/cascade", `{"comment":"For you"}`, 200, nil).Get("X-Suivi-Position")
	await(r.t, "the copy is there", func() bool {
		r.ask("GET", low, "", 200, &posted, "X-Suivi-After", after)
		return len(posted.Copies) > 0
	})
	high = "/api/v1/tickets/" + posted.Copies[0].Ticket
	r.ask("GET", high, "", 200, nil)
	return low, high
}
