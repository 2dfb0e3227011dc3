-- +goose Up
-- How often the ticket has become due while it was parked: what is done about it counts only if that was not meanwhile.
ALTER TABLE parked ADD COLUMN asked BIGINT NOT NULL DEFAULT 1;
-- Mirrors align whole tickets: what was parked of one first stands for all that waited behind it.
DELETE FROM parked WHERE reactor = 'redmine' AND resolved_at IS NULL AND reason = 'waits for what was parked of this ticket before it';
