-- +goose Up
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL REFERENCES people (id),
    hash         TEXT NOT NULL UNIQUE, -- SHA-256 of the secret, in hex
    created_at   TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    agent        TEXT NOT NULL,
    address      TEXT NOT NULL
);

CREATE INDEX sessions_person ON sessions (person, id);
CREATE INDEX sessions_last_seen ON sessions (last_seen_at);
