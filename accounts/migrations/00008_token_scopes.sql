-- +goose Up
ALTER TABLE tokens ADD COLUMN scope TEXT NOT NULL DEFAULT 'admin'; -- what tokens were good for before
