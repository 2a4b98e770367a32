-- +goose Up

-- Why Parley can't fill the variables of a content that was made elsewhere, empty if it can: then nothing goes out with it.
ALTER TABLE template_versions ADD COLUMN unfillable text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE template_versions DROP COLUMN unfillable;
