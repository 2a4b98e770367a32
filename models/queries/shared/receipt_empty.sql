-- Takes out of a delivery whatever says who it was about.
form = '', raw_body = NULL, person = '', also = '{}'
