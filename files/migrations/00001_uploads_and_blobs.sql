-- +goose Up
CREATE TABLE uploads (
    id             TEXT NOT NULL PRIMARY KEY,
    owner          TEXT NOT NULL,
    name           TEXT NOT NULL,
    size           BIGINT NOT NULL,
    type           TEXT NOT NULL,
    hash           TEXT NOT NULL,
    width          BIGINT NOT NULL, -- 0: no picture
    height         BIGINT NOT NULL,
    thumbnail      TEXT NOT NULL,
    thumbnail_type TEXT NOT NULL,
    command        TEXT NOT NULL, -- that has claimed it; '': none yet
    used_at        TIMESTAMP NOT NULL
);
CREATE INDEX uploads_owner ON uploads (owner, command);
CREATE INDEX uploads_command ON uploads (command);
CREATE INDEX uploads_used ON uploads (used_at);
CREATE TABLE blobs (
    hash    TEXT NOT NULL PRIMARY KEY,
    used_at TIMESTAMP NOT NULL -- the last time that somebody sent or claimed it
);
CREATE INDEX blobs_used ON blobs (used_at);
