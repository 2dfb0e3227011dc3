-- +goose Up
CREATE TABLE invitations (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL UNIQUE REFERENCES people (id), -- the last one alone is good
    hash       TEXT NOT NULL UNIQUE,                        -- SHA-256 of the secret, in hex
    made_by    TEXT NOT NULL,                               -- '': the command line
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX invitations_expires ON invitations (expires_at);
