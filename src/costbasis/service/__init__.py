"""A model in service: which layouts of which machine can serve it, at which batch, and what its tokens then cost.

``served`` is the model (published or hypothesised), ``candidates`` are the layouts that fit, ``search`` picks the
cheapest within memory and time per token, ``price`` turns accelerator time into USD by class of token.
"""
