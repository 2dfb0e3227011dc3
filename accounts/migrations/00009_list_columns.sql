-- +goose Up
CREATE TABLE list_columns (
    person  TEXT NOT NULL REFERENCES people (id),
    tracker TEXT NOT NULL, -- '': lists of all trackers
    columns TEXT NOT NULL, -- separated by spaces
    PRIMARY KEY (person, tracker)
);
