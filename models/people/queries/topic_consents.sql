-- The consent of the contact @contact for each topic: @consent is the expression consentTo for the topic t.
SELECT t.*, @consent AS consent, ct.consent_at
FROM topics t JOIN contacts c ON c.id = @contact
LEFT JOIN contact_topics ct ON ct.contact_id = c.id AND ct.topic_id = t.id
WHERE t.archived_at IS NULL ORDER BY lower(t.name)
