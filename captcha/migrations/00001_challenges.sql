-- +goose Up
CREATE TABLE captcha_challenges (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL,
    tracker    TEXT NOT NULL,
    digits     TEXT NOT NULL,
    used       BOOLEAN NOT NULL, -- answered once, rightly or not
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX captcha_challenges_person ON captcha_challenges (person, expires_at);
CREATE INDEX captcha_challenges_expiry ON captcha_challenges (expires_at);
