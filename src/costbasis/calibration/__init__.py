"""Calibration: cleaned measurements, the fit of the performance model's constants to them, their posterior.

``measurement`` is the noun; ``silicon`` and ``measured`` read the two shipped tables; ``sets`` applies every rule
and counts what it drops; ``predict`` runs the performance model over measurements; ``fit`` and ``posterior`` find
the constants and how sure they are.
"""
