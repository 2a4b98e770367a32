-- Removes from a delivery everything that identifies the person.
form = '', raw_body = NULL, person = '', also = '{}'
