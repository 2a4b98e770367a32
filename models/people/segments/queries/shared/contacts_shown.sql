-- How many contacts x there are, and a mark that differs if they are not the same contacts: models.Shown.
count(*) AS n, CAST(coalesce(sum(hashint8extended(x.id, 0)), 0) AS text) AS mark
