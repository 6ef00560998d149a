"""Several targets taken one by one: what was made for a single one then serves each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .answer import width_of
from .preprocess import Preprocessor

Array = np.ndarray[Any, Any]


def each_target(preprocessor: Preprocessor) -> tuple[Preprocessor, ...]:
    """The preprocessor as it would be with each target alone, in their order; empty when there is none."""
    if not preprocessor.more:
        return (preprocessor,) if preprocessor.target is not None else ()
    return tuple(replace(preprocessor, target=target, more=()) for target in preprocessor.targets)


def own_answers(preprocessor: Preprocessor, y: Array) -> tuple[Array, ...]:
    """The engine's answers (n, numbers of all) as an array (n, units) a target; of a single target they are its own."""
    if not preprocessor.more:
        return (y,)
    widths = [width_of(t) for t in preprocessor.targets]
    return tuple(np.split(np.asarray(y), np.cumsum(widths)[:-1], axis=1))


def unlike(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The names, each made different from those before it and from those taken by a number behind it."""
    made: list[str] = []
    for name in names:
        fresh, number = name, 1
        while fresh in taken or fresh in made:
            number += 1
            fresh = f"{name} ({number})"
        made.append(fresh)
    return made
