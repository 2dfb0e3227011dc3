-- +goose Up
ALTER TABLE people ADD COLUMN language TEXT NOT NULL DEFAULT '';  -- '': not chosen
ALTER TABLE people ADD COLUMN time_zone TEXT NOT NULL DEFAULT ''; -- likewise
ALTER TABLE people ADD COLUMN password TEXT NULL;                 -- argon2id, as a PHC string
ALTER TABLE people ADD COLUMN disabled_at TIMESTAMP NULL;
ALTER TABLE people ADD COLUMN signed_in_at TIMESTAMP NULL;        -- the last time

CREATE TABLE sign_in_tries (
    key        TEXT PRIMARY KEY,   -- SHA-256 of whom or what is counted
    drained_at TIMESTAMP NOT NULL, -- when the last try is forgotten
    next_at    TIMESTAMP NOT NULL  -- when the next try is taken
);

CREATE TABLE known_addresses (
    key   TEXT PRIMARY KEY, -- SHA-256 of an e-mail address and the address that it signed in from
    until TIMESTAMP NOT NULL
);
