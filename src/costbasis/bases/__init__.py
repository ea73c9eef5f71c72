"""Cost bases, one a file. ``bases.engine`` alone imports them, by discovery.

A basis module declares ``NAME``, ``NEEDS`` (the bases it is computed from) and
``estimate(needs, catalog, amounts)``.
"""
