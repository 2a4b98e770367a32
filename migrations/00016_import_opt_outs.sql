-- +goose Up
-- What became of a line that is listed: nothing of it was taken, its opt-out alone was, its opt-out was lost because
-- nobody can read the number, or it was taken and there is something to know about it.
ALTER TABLE import_refusals ADD COLUMN effect text NOT NULL DEFAULT 'refused'
    CHECK (effect IN ('refused', 'opt_out', 'unread_opt_out', 'note'));
-- A row of which nothing but its opt-out is taken.
ALTER TABLE import_rows ADD COLUMN opt_out_only boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE import_rows DROP COLUMN opt_out_only;
ALTER TABLE import_refusals DROP COLUMN effect;
