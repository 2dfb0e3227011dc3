-- +goose Up
CREATE TABLE secrets (
    name   TEXT NOT NULL PRIMARY KEY,
    site   TEXT NOT NULL, -- the base URL that it may be sent to
    value  TEXT NOT NULL, -- in no event, answer or log line
    set_at TIMESTAMP NOT NULL,
    set_by TEXT NOT NULL
);
