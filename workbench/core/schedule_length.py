"""Schedules that are as long as the run: what nobody has typed of their lengths follows from the steps of the run.

An open length is one that is absent or None. It is a function of the settings and of the rows alone, so that a run that
is frozen with it, its script and its curve agree; only a run whose length is changed while it trains has another one,
which its checkpoint knows (engine.checkpoints.Place).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .catalog import Catalog, find_object, is_number, object_parts
from .project import Json, TrainSpec

USUAL = 1000  # steps, where nobody knows how many there will be
WARM = 20  # a warm-up takes one part of so many
OFTEN = {"ExponentialDecay": 20, "InverseTimeDecay": 10}  # falls by its rate so often: to 12 % and 10 % as they come
RESTARTS = 3  # falls, of which the last ends with the run
RATE = "learning_rate"


def _part(length: int, parts: float) -> int:
    return max(1, math.ceil(length / parts))


def _cosine(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    warm = given.get("warmup_steps")
    if given.get("warmup_target") is not None and warm is None:
        warm = found["warmup_steps"] = _part(length, WARM)
    if given.get("decay_steps") is None:
        rising = int(warm or 0) if given.get("warmup_target") is not None else 0
        found["decay_steps"] = max(1, length - rising)
    return found


def _restarts(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    if given.get("first_decay_steps") is not None:
        return {}
    longer = float(given.get("t_mul") or 2.0)
    return {"first_decay_steps": _part(length, sum(longer**k for k in range(RESTARTS)))}


def _pieces(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    if given.get("boundaries") is not None:
        return {}
    pieces = len(given["values"]) if isinstance(given.get("values"), (list, tuple)) else 2
    return {"boundaries": [_part(length * k, pieces) for k in range(1, pieces)]}


def _whole(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    return {} if given.get("decay_steps") is not None else {"decay_steps": max(1, length)}


def _often(times: int) -> Callable[[Mapping[str, Any], int], dict[str, Any]]:
    return lambda given, length: {} if given.get("decay_steps") is not None else {"decay_steps": _part(length, times)}


_LENGTHS: dict[str, Callable[[Mapping[str, Any], int], dict[str, Any]]] = {
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
    "PolynomialDecay": _whole,
    "PiecewiseConstantDecay": _pieces,
    **{kind: _often(times) for kind, times in OFTEN.items()},
}


def _open(value: Json, length: int, catalog: Catalog) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind of a schedule, what was given of it, and what follows from the length; "" and nothing of a number."""
    parts = None if value is None or is_number(value) else object_parts(value)
    entry = find_object(catalog, "schedules", parts[0]) if parts else None
    if parts is None or entry is None or entry.keras not in _LENGTHS:
        return "", {}, {}
    given = {name: one for name, one in parts[1].items() if one is not None or name == "warmup_target"}
    return parts[0], given, _LENGTHS[entry.keras](given, max(1, length))


def fitted(value: Json, length: int, catalog: Catalog) -> Json:
    """A learning rate whose open lengths are numbers; as it is where it is a number, or all of its lengths are typed.

    length: of the run, in steps.
    """
    kind, given, found = _open(value, length, catalog)
    return {"kind": kind, "params": {**given, **found}} if found else value


def follows(train: TrainSpec, catalog: Catalog) -> bool:
    """Whether the learning rate of these settings follows the length of the run."""
    return bool(_open(train.optimizer_params.get(RATE), USUAL, catalog)[2])


def length_of(train: TrainSpec, rows: int) -> int:
    """Steps in a run with these settings. rows: of the training part; `USUAL` where it is empty."""
    if rows < 1:
        return USUAL
    return max(1, train.epochs * -(-rows // max(1, min(train.batch_size, rows))))


def fitted_train(train: TrainSpec, length: int, catalog: Catalog) -> TrainSpec:
    """The settings with a learning rate whose lengths are all numbers."""
    params = train.optimizer_params
    value = fitted(params.get(RATE), length, catalog)
    return train if value is params.get(RATE) else replace(train, optimizer_params={**params, RATE: value})


def in_words(value: Json, length: int, catalog: Catalog) -> str:
    """How the open lengths of a schedule follow the run, for people; "" where there are none."""
    kind, _, found = _open(value, length, catalog)
    if not found:
        return ""
    entry, run = find_object(catalog, "schedules", kind), f"{length:,} steps"
    rises = f"Rises for {found['warmup_steps']:,} steps. " if "warmup_steps" in found else ""
    if "first_decay_steps" in found:
        return f"{RESTARTS} falls, the first of {found['first_decay_steps']:,} steps: as long as the run, {run}."
    if "boundaries" in found:
        at = ", ".join(f"{one:,}" for one in found["boundaries"])
        return f"Changes after {at} of the {run} of the run."
    if "decay_steps" not in found:
        return rises.strip()
    if entry is not None and entry.keras in OFTEN:
        return f"Falls by its decay rate once in {found['decay_steps']:,} of the {run} of the run."
    if found["decay_steps"] == length:
        return f"As long as the run: {run}."
    return f"{rises}Falls for {found['decay_steps']:,}, to the end of the run: {run}."
