-- +goose Up
ALTER TABLE secrets ADD COLUMN trackers JSONB NOT NULL DEFAULT '[]'; -- that may use it; none: any
