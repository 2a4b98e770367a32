-- Publishes a change to the pages that show the contacts @ids.
SELECT pg_notify(@live, 'contact-' || public_id) FROM contacts WHERE id IN @ids
