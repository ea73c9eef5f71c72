"""Somebody's table of requests, priced where it lies: what is asked of an engine, and what is made of its answer."""
