-- +goose Up
CREATE TABLE writers (
    ticket     TEXT NOT NULL,
    person     TEXT NOT NULL,
    internal   BOOLEAN NOT NULL, -- an internal note, of which staff alone may hear
    expires_at TIMESTAMP NOT NULL,
    PRIMARY KEY (ticket, person)
);

CREATE INDEX writers_expiry ON writers (expires_at);
