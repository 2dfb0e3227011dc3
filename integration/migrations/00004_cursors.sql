-- +goose Up
CREATE TABLE cursors (
    name       TEXT NOT NULL PRIMARY KEY, -- of who listens, and where
    value      TEXT NOT NULL,             -- up to where everything was heard
    updated_at TIMESTAMP NOT NULL
);
