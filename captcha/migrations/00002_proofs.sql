-- +goose Up
ALTER TABLE captcha_challenges ADD COLUMN proven_for TEXT NOT NULL DEFAULT ''; -- the form that may still be sent with it, once
