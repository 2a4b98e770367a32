-- +goose Up

CREATE TABLE access_requests (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id            text NOT NULL UNIQUE DEFAULT new_public_id(),
    state                text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'ready', 'submitted', 'in_review', 'more_information', 'approved', 'rejected', 'registered', 'live')),
    legal_name           text NOT NULL DEFAULT '',
    display_name         text NOT NULL DEFAULT '',
    website              text NOT NULL DEFAULT '',
    country              text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
    address              text NOT NULL DEFAULT '',
    contact_name         text NOT NULL DEFAULT '',
    contact_email        text NOT NULL DEFAULT '',
    account_sid          text NOT NULL DEFAULT '',
    facebook_business_id text NOT NULL DEFAULT '',
    phone                text NOT NULL DEFAULT '' CHECK (phone ~ '^(\+[1-9][0-9]{6,14})?$'),
    vertical             text NOT NULL DEFAULT '',
    use_case             text NOT NULL DEFAULT '' CHECK (use_case IN ('', 'customer_care', 'notifications', 'mixed')),
    monthly_volume       integer NOT NULL DEFAULT 0 CHECK (monthly_volume >= 0),
    optin_description    text NOT NULL DEFAULT '',
    created_by           bigint REFERENCES users (id),
    version              integer NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX access_requests_phone ON access_requests (phone) WHERE phone <> '' AND state <> 'rejected';

CREATE TABLE access_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES access_requests (id) ON DELETE CASCADE,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    note       text NOT NULL DEFAULT '',
    actor_id   bigint REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX access_events_request ON access_events (request_id, id);

-- +goose Down
DROP TABLE access_events, access_requests;
