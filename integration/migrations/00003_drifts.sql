-- +goose Up
CREATE TABLE drifts (
    reactor  TEXT NOT NULL,
    ticket   TEXT NOT NULL,
    document JSONB NOT NULL, -- what differs
    seen     TIMESTAMP NOT NULL,
    PRIMARY KEY (reactor, ticket)
);
