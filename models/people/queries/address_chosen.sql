-- The address of the contact @contact that templates go to, no row if there is none.
SELECT x.id FROM contacts c CROSS JOIN LATERAL
\ir shared/address_chosen.sql
x WHERE c.id = @contact
