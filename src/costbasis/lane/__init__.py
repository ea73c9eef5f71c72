"""The fast lane: what was asked before and has not changed is answered by the standard library alone.

``question.py`` says what an answer depends on, ``answers.py`` finds and keeps answers in the ledger. Nothing here
imports click, numpy, msgspec or dataclasses: that takes longer than the answer.
"""
