-- +goose Up

-- A notification whose validity ended before anything was sent is expired, not finished.
ALTER TABLE notifications DROP CONSTRAINT notifications_state_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_state_check CHECK (state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing', 'running',
    'paused', 'canceled', 'finished', 'expired'));
DROP INDEX notifications_busy;
CREATE INDEX notifications_busy ON notifications (state, id) WHERE state IN ('checking', 'awaiting', 'scheduled', 'preparing', 'running');
-- Validity counts from the planned hour; with local_time the last clock on earth (UTC-12) decides for the whole.
UPDATE notifications SET valid_until = send_at + make_interval(hours => valid_hours + CASE WHEN local_time THEN 12 ELSE 0 END)
    WHERE send_at IS NOT NULL AND valid_until IS NULL AND state IN ('awaiting', 'scheduled', 'preparing');

-- Until when one message may leave, where that is not the same for all of a notification: by each contact's clock.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS valid_until timestamptz;

-- Who had a hand in a notification: none of them approves it.
CREATE TABLE notification_editors (
    notification_id bigint NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    user_id         bigint NOT NULL REFERENCES users (id),
    did             text NOT NULL CONSTRAINT notification_editors_did_check CHECK (did IN ('wrote', 'edited', 'started', 'repeated')),
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (notification_id, user_id, did)
);
INSERT INTO notification_editors (notification_id, user_id, did, at)
SELECT id, created_by, 'wrote', created_at FROM notifications WHERE created_by IS NOT NULL
UNION ALL
SELECT n.id, e.actor_id, CASE e.action WHEN 'notification.drafted' THEN 'wrote' WHEN 'notification.changed' THEN 'edited' ELSE 'started' END, min(e.created_at)
FROM audit_events e JOIN notifications n ON n.public_id = e.subject_id JOIN users u ON u.id = e.actor_id
WHERE e.subject_type = 'notification' AND (e.action IN ('notification.drafted', 'notification.changed', 'notification.handed_over')
    OR e.action = 'notification.sent' AND e.actor_id IS DISTINCT FROM n.approved_by)
GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING;

-- The second person's word for a notification that is repeated, and what was left out because its time was over.
ALTER TABLE schedules ADD COLUMN approved_by bigint REFERENCES users (id), ADD COLUMN skipped text NOT NULL DEFAULT '';
UPDATE schedules x SET approved_by = n.approved_by FROM notifications n WHERE n.id = x.pattern_id AND n.approved_by IS DISTINCT FROM x.created_by;

-- +goose Down
ALTER TABLE schedules DROP COLUMN approved_by, DROP COLUMN skipped;
DROP TABLE notification_editors;
ALTER TABLE messages DROP COLUMN IF EXISTS valid_until;
UPDATE notifications SET state = 'canceled' WHERE state = 'expired';
DROP INDEX notifications_busy;
CREATE INDEX notifications_busy ON notifications (state, id) WHERE state IN ('checking', 'scheduled', 'preparing', 'running');
ALTER TABLE notifications DROP CONSTRAINT notifications_state_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_state_check CHECK (state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing', 'running',
    'paused', 'canceled', 'finished'));
