-- +goose Up
CREATE TABLE people (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,        -- as it was given
    email_key  TEXT NOT NULL UNIQUE, -- as it is compared: NFC, small letters
    admin      BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL REFERENCES people (id),
    hash         TEXT NOT NULL UNIQUE, -- SHA-256 of the token, in hex
    label        TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NULL,
    last_used_at TIMESTAMP NULL,
    revoked_at   TIMESTAMP NULL
);

CREATE INDEX tokens_person ON tokens (person, id);
