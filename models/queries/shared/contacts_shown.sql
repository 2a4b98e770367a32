-- How many contacts x there are, and a mark that differs when somebody else is among them: models.Shown.
count(*) AS n, CAST(coalesce(sum(hashint8extended(x.id, 0)), 0) AS text) AS mark
