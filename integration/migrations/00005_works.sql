-- +goose Up
-- The last long work on what a reactor keeps in step for a tracker: one at a time.
CREATE TABLE works (
    reactor    TEXT NOT NULL,
    tracker    TEXT NOT NULL,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    began_at   TIMESTAMP NOT NULL,
    seen_at    TIMESTAMP NOT NULL, -- when its process last said that it goes on
    ended_at   TIMESTAMP,
    done       BIGINT NOT NULL,
    total      BIGINT NOT NULL, -- 0: not known yet
    failure    TEXT NOT NULL,
    result     JSONB NOT NULL,
    PRIMARY KEY (reactor, tracker)
);
