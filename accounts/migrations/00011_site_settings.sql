-- +goose Up
CREATE TABLE site_settings (
    name  TEXT PRIMARY KEY,
    words TEXT NOT NULL -- separated by spaces
);
