-- +goose Up
-- One row. Whoever changes who administers the site holds it meanwhile.
CREATE TABLE administration (
    one       BIGINT PRIMARY KEY,
    set_up_at TIMESTAMP NULL
);

INSERT INTO administration (one) VALUES (1);

CREATE TABLE setup_codes (
    hash TEXT PRIMARY KEY -- SHA-256, in hex; each process that starts has its own
);
