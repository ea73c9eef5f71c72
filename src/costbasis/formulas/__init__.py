"""Formulas: plain functions of floats or arrays, each named for its result with the unit last.

They import numpy, may call one another, and know nothing else of costbasis.
"""
