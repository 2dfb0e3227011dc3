package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"suivi/domain"
)

// Drift is one thing in which something outside differs from its ticket, and stays so
// whatever the reactor does.
type Drift struct {
	What  string `json:"what"`  // a word of the tool: status, note 3
	Want  string `json:"want"`  // as it should be; short, without anything secret
	Found string `json:"found"` // as it is
	Why   string `json:"why,omitempty"`
}

// Drifted is a ticket that something outside differs from.
type Drifted struct {
	Ticket domain.TicketID `json:"ticket"`
	Drifts []Drift         `json:"drifts"`
	Seen   time.Time       `json:"seen"` // when it was last looked at
}

// SetDrifts keeps in what the ticket's other side differed when it was last looked at; nothing: it does not.
func (r *Reactors) SetDrifts(ctx context.Context, reactor string, id domain.TicketID, drifts []Drift) error {
	if len(drifts) == 0 {
		if _, err := r.cfg.DB.Write.ExecContext(ctx, `DELETE FROM drifts WHERE reactor = $1 AND ticket = $2`, reactor, id); err != nil {
			return fmt.Errorf("note that %s has no drift: %w", id, err)
		}
		return nil
	}
	document, err := json.Marshal(drifts)
	if err != nil {
		return fmt.Errorf("write the drift of %s: %w", id, err)
	}
	_, err = r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO drifts (reactor, ticket, document, seen) VALUES ($1, $2, $3, $4)
		ON CONFLICT (reactor, ticket) DO UPDATE SET document = excluded.document, seen = excluded.seen`, reactor, id, string(document), r.now())
	if err != nil {
		return fmt.Errorf("keep the drift of %s: %w", id, err)
	}
	return nil
}

// Drifts lists the tickets that their other sides differ from, the one seen first at the top, at most a thousand.
func (r *Reactors) Drifts(ctx context.Context, reactor string) ([]Drifted, error) {
	var rows []struct {
		Ticket   domain.TicketID `db:"ticket"`
		Document []byte          `db:"document"`
		Seen     time.Time       `db:"seen"`
	}
	if err := r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT ticket, document, seen FROM drifts WHERE reactor = $1 ORDER BY seen, ticket LIMIT 1000`, reactor); err != nil {
		return nil, fmt.Errorf("list the drift of %s: %w", reactor, err)
	}
	all := make([]Drifted, len(rows))
	for i, row := range rows {
		all[i] = Drifted{Ticket: row.Ticket, Seen: row.Seen.UTC()}
		if err := json.Unmarshal(row.Document, &all[i].Drifts); err != nil {
			return nil, fmt.Errorf("read the drift of %s: %w", row.Ticket, err)
		}
	}
	return all, nil
}
