-- Reports whether a text @text of the contact c has none of the person's own numbers.
\ir text_without_numbers.sql
	= translate(@text, @plain_from, @plain_to)
