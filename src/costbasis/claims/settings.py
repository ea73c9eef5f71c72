"""A claim's own inputs, set by whoever judges it: ``--set claim/NAME.value=low..high``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from costbasis.catalog.overrides import read_overrides
from costbasis.claims.claimfile import Filed
from costbasis.errors import UnknownName

PREFIX = "claim/"


def split_settings(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Overrides of a claim's inputs, and those of the catalogue.

    >>> split_settings(["claim/days.value=20", "fleet/default.mbu_frac=0.7"])
    (['claim/days.value=20'], ['fleet/default.mbu_frac=0.7'])
    """
    mine = [text for text in texts if text.startswith(PREFIX)]
    return mine, [text for text in texts if not text.startswith(PREFIX)]


def with_settings(filed: Filed, texts: Sequence[str]) -> Filed:
    """The claim with those inputs set, each in the unit that its file gives it.

    Errors: :class:`~costbasis.errors.UnknownName` for an input that the claim does not have,
    :class:`~costbasis.errors.BadOverride` for a text that is no override.
    """
    if not texts:
        return filed
    inputs = dict(filed.claim.inputs)
    for key, over in read_overrides(texts, None).items():
        name = key.removeprefix(PREFIX).removesuffix(".value")
        if name not in inputs:
            known = [f"{PREFIX}{known}.value" for known in inputs]
            raise UnknownName("input of the claim", key, known=known, where="--set", hint=f"inputs: {', '.join(known)}")
        inputs[name] = msgspec.structs.replace(
            inputs[name], key="", value=over.mid, low=over.low, high=over.high, source="set by the user"
        )
    return replace(filed, claim=msgspec.structs.replace(filed.claim, inputs=inputs))
