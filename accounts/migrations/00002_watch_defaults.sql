-- +goose Up
CREATE TABLE watch_defaults (
    person  TEXT NOT NULL, -- '': everybody who has none of their own
    tracker TEXT NOT NULL, -- '': every tracker that has none of its own
    topics  TEXT NOT NULL, -- separated by spaces
    PRIMARY KEY (person, tracker)
);
