-- +goose Up
CREATE TABLE reactors (
    name             TEXT NOT NULL PRIMARY KEY,
    commit_position  BIGINT NOT NULL, -- everything up to here is done, or parked
    prepare_position BIGINT NOT NULL,
    updated_at       TIMESTAMP NOT NULL
);
CREATE TABLE parked (
    id               TEXT NOT NULL PRIMARY KEY,
    reactor          TEXT NOT NULL,
    stream           TEXT NOT NULL, -- what is parked of a stream goes in the order of its revisions
    revision         BIGINT NOT NULL,
    event_id         TEXT NOT NULL,
    type             TEXT NOT NULL,
    commit_position  BIGINT NOT NULL,
    prepare_position BIGINT NOT NULL,
    reason           TEXT NOT NULL,
    tries            BIGINT NOT NULL,
    parked_at        TIMESTAMP NOT NULL,
    tried_at         TIMESTAMP NOT NULL,
    retry_at         TIMESTAMP NOT NULL,
    resolved_at      TIMESTAMP, -- by a person, who wants nothing more done about it
    resolved_by      TEXT NOT NULL
);
CREATE INDEX parked_stream ON parked (reactor, stream, revision);
