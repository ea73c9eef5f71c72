"""Usage at list: the one expression, its generated SQL, the epochs it joins on, exact cells."""
