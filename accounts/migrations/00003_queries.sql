-- +goose Up
CREATE TABLE queries (
    id          TEXT PRIMARY KEY,
    owner       TEXT NOT NULL REFERENCES people (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    tracker     TEXT NOT NULL, -- '': of the whole site
    shared      BOOLEAN NOT NULL,
    query       TEXT NOT NULL, -- as GET /tickets takes it
    columns     TEXT NOT NULL, -- separated by spaces
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL
);

CREATE INDEX queries_owner ON queries (owner, id);
CREATE INDEX queries_shared ON queries (tracker, id) WHERE shared;
