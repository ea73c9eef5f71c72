"""Accelerators: peaks, what an hour is rented or owned for, and the nouns of a deployment."""
