-- +goose Up
-- What was done in the accounts. Rows are added, and those of signing in taken away when
-- they are old; only a count that goes on for an hour is ever changed.
CREATE TABLE deeds (
    id      TEXT PRIMARY KEY,
    at      TIMESTAMP NOT NULL,
    kind    TEXT NOT NULL,
    person  TEXT NOT NULL,        -- whom it was done to; '': the site, or nobody
    done_by TEXT NOT NULL,        -- '': the program, or who operates the site
    via     TEXT NOT NULL,        -- the administrator who acted for them
    token   TEXT NOT NULL,        -- the id of the token that it was done with
    source  TEXT NOT NULL,
    about   TEXT NOT NULL,        -- JSON
    times   BIGINT NOT NULL,
    counted TEXT NULL UNIQUE      -- what is counted together: kind, person and hour
);

CREATE INDEX deeds_at ON deeds (at, id);
CREATE INDEX deeds_person ON deeds (person, at, id);
CREATE INDEX deeds_done_by ON deeds (done_by, at, id);
CREATE INDEX deeds_via ON deeds (via, at, id) WHERE via <> '';
