"""Tables that are nobody's known export: a mapping guessed, rows made requests by it, and what is kept of them."""
