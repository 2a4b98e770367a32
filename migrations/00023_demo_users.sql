-- +goose Up
-- Users whom the demo made and whose password nobody has changed: its password stands in the source. They may sign in only
-- while everything is simulated.
ALTER TABLE users ADD COLUMN demo boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE users DROP COLUMN demo;
