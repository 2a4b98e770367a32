-- +goose Up
-- A row whose number its country is not known to use is set aside until somebody confirms the number.
ALTER TABLE import_refusals ADD COLUMN number text NOT NULL DEFAULT '';

-- A list's numbers that can't be read are shown with their lines.
ALTER TABLE notification_recipients ADD COLUMN line integer NOT NULL DEFAULT 0;

-- An uploaded list waits here while somebody looks at its columns, two days at most.
CREATE TABLE kept_lists (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text NOT NULL DEFAULT new_public_id() UNIQUE,
    user_id    bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kept_lists_old ON kept_lists (created_at);

-- +goose Down
DROP TABLE kept_lists;
ALTER TABLE notification_recipients DROP COLUMN line;
ALTER TABLE import_refusals DROP COLUMN number;
