"""What Copilot's logs share: the names of models."""

from __future__ import annotations

NAME_ENDINGS = ("-1m-internal", "-internal", "-1m")
"""What Copilot adds to a model's name for its own routing; prices do not know it."""


def model_name(name: str) -> str:
    """The name that prices know.

    >>> model_name("claude-opus-4.6-1m-internal")
    'claude-opus-4.6'
    """
    return next((name.removesuffix(ending) for ending in NAME_ENDINGS if name.endswith(ending)), name)
