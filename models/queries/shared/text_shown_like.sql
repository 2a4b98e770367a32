-- Reports whether a text @text of the contact c is like the pattern @like also without the person's own numbers. Only
-- what has six digits anywhere, or characters that making plain may change, takes that time (@six_or_other), and of
-- that only what has six digits as a number is written (@six_digits).
CASE WHEN @text !~ @six_or_other OR translate(@text, @plain_from, @plain_to) !~ @six_digits THEN @text LIKE @like
	ELSE
\ir text_without_numbers.sql
	LIKE @plain_like END
