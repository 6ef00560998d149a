"""A template that needs its texts read in a certain way, named where nobody sets encodings by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench.core.project import ColumnFeature, Features

from .fitted import TOKENS, WORDS
from .inputs import wordy

ALIASES = {"text-bag": "dense"}
"""Names of templates that are another one, given texts in their way."""

_WAYS = {"text-bag": "bag", "text-embedding": TOKENS, "text-conv": TOKENS, "two-branch": TOKENS}


def read_for(template: str, features: Features, profile: Any) -> tuple[ColumnFeature, ...]:
    """The columns of texts as this template needs them; none when it needs nothing, or finds it so.

    Texts that are inputs already; without any, those that were left out only because there are other inputs. The one
    that a branch of its own is asked for stays beside the others.

    Args:
        features: filled in by `propose`. profile: TableProfile of the cleaned table.
    """
    way = _WAYS.get(template)
    if way is None or not hasattr(profile, "columns"):
        return ()
    texts = {c.name for c in profile.columns if c.type == "text" and wordy(c) and not c.pictures}
    read = [c for c in features.columns if c.role == "input" and (c.name in texts or c.encoder in (*WORDS, TOKENS))]
    if not read:
        read = [c for c in features.columns if c.role == "ignore" and c.name in texts]
    return tuple(replace(c, role="input", encoder=way) for c in read if (c.role, c.encoder) != ("input", way))
