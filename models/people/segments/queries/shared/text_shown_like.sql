-- Reports whether a text @text of the contact c still matches the pattern @like without the person's own numbers. The
-- slow check is made only for texts with six digits anywhere, or characters that normalizing may change
-- (@six_or_other), and of these only for texts with six digits as numbers are written (@six_digits).
CASE WHEN @text !~ @six_or_other OR translate(@text, @plain_from, @plain_to) !~ @six_digits THEN @text LIKE @like
	ELSE
\ir text_without_numbers.sql
	LIKE @plain_like END
