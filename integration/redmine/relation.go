package redmine

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration/mirror"
)

// Redmine writes a relation, and its end, into a journal on each of the two issues. It is heard on the one that is
// blocked, whose ticket is the one that depends on the other: so it is heard once.
const (
	relationDetail = "relation"
	blockedBy      = "blocked" // what Redmine calls Blocks on the other issue
)

// relation hears that the issue is blocked by another one, or no longer.
func (h *hearer) relation(d Detail, j Journal) {
	if d.Name != blockedBy {
		return
	}
	tie := mirror.Tie{Ended: d.New == ""}
	tie.Prerequisite.Twin.ID = d.New
	if tie.Ended {
		tie.Prerequisite.Twin.ID = d.Old
	}
	id, _ := number(tie.Prerequisite.Twin.ID)
	if r, there := h.blockedBy(id); there && !tie.Ended && h.issue.binder(id) == j.ID {
		tie.Part = relationPart + h.issue.relationKey(r)
	}
	h.change.Ties = append(h.change.Ties, tie)
}

// binder is the last journal that had the issue blocked by the other one; 0: none did.
func (i Issue) binder(other int) int {
	return i.last(math.MaxInt, func(d Detail) bool {
		return d.Property == relationDetail && d.Name == blockedBy && d.New == strconv.Itoa(other)
	})
}

// relationKey names the relation among all that ever were, as a file is named.
func (i Issue) relationKey(r Relation) string {
	return strconv.Itoa(r.ID) + withMore + strconv.Itoa(i.binder(r.Issue))
}

// knowsRelation tells whether Suivi has made the relation, or heard of it.
func (a *aligner) knowsRelation(r Relation) bool {
	number := partID(relationPart, r.ID)
	return a.Twin.Has(relationPart+a.issue.relationKey(r)) || a.Twin.Has(number) && !slices.ContainsFunc(a.Twin.Parts, func(p ticket.Part) bool {
		return strings.HasPrefix(p.ID, number+withMore)
	})
}

// ticketOf is the ticket whose twin the issue with the number says that it is; "": it says none, or is not to be seen.
func (a *aligner) ticketOf(ctx context.Context, issue string) (domain.TicketID, error) {
	for _, n := range a.want.Prerequisites {
		if n.Twin.ID == issue {
			return n.Ticket, nil
		}
	}
	id, ok := number(issue)
	if !ok {
		return "", nil
	}
	other, err := a.site.Issue(ctx, id)
	if isMissing(err) || hasStatus(err, http.StatusForbidden) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	field, _ := number(a.at.Mirror.Fixed[FixedExternalID])
	carried, _ := other.Field(field)
	for _, value := range carried.Values {
		if carried, err := domain.ParseTicketID(value); err == nil {
			return carried, nil
		}
	}
	return "", nil
}
