"""What a learning rate schedule of Keras gives at each step, without Keras: to be drawn before anything is trained.

Formulas are those of keras.optimizers.schedules (3.15).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .catalog import Catalog, find_object, is_number, object_parts, with_required
from .project import Json
from .schedule_length import USUAL, fitted

Steps = NDArray[np.float64]
NOTHING = 0.01  # of the highest rate: what is learned at less is hardly worth an epoch


def rates(value: Json, steps: Steps, catalog: Catalog, length: int = USUAL) -> Steps | None:
    """The rate at each of those steps (counted from 0) for a number or {"kind", "params"}.

    None when the schedule is not known here, or its settings are not complete. length: of the run, in steps, which
    those lengths follow that nobody has typed.
    """
    if is_number(value):
        return np.full(len(steps), float(value))
    try:
        parts = object_parts(fitted(value, length, catalog))
    except (TypeError, ValueError, OverflowError):  # typed halfway
        return None
    entry = find_object(catalog, "schedules", parts[0]) if parts else None
    if parts is None or entry is None:
        return None
    defaults = {f.name: f.default for f in entry.fields}
    try:
        with np.errstate(all="ignore"):
            found = _SHAPES[entry.keras](steps, {**defaults, **with_required(entry, parts[1])})
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return found if np.isfinite(found).all() else None


def ended_at(value: Json, catalog: Catalog, length: int) -> int | None:
    """The step from which on, to the end of a run of that many, a schedule gives next to nothing; None where it does
    not, or is none."""
    if is_number(value):
        return None
    steps = np.unique(np.linspace(0, max(1, length) - 1, min(max(1, length), 2000)).round())
    found = rates(value, steps, catalog, length)
    if found is None or not found.max() > 0:
        return None
    alive = np.flatnonzero(found > NOTHING * found.max())
    return int(steps[alive[-1] + 1]) if alive[-1] + 1 < len(steps) else None


def _exponential(steps: Steps, p: Mapping[str, Any]) -> Steps:
    share = steps / float(p["decay_steps"])
    share = np.floor(share) if p.get("staircase") else share
    return float(p["initial_learning_rate"]) * float(p["decay_rate"]) ** share


def _inverse(steps: Steps, p: Mapping[str, Any]) -> Steps:
    share = steps / float(p["decay_steps"])
    share = np.floor(share) if p.get("staircase") else share
    return float(p["initial_learning_rate"]) / (1.0 + float(p["decay_rate"]) * share)


def _polynomial(steps: Steps, p: Mapping[str, Any]) -> Steps:
    first, last, length = float(p["initial_learning_rate"]), float(p["end_learning_rate"]), float(p["decay_steps"])
    whole = length * np.maximum(1.0, np.ceil(steps / length)) if p.get("cycle") else np.full(len(steps), length)
    share = np.minimum(steps, whole) / whole
    return (first - last) * (1.0 - share) ** float(p["power"]) + last


def _cosine(steps: Steps, p: Mapping[str, Any]) -> Steps:
    first, length, alpha = float(p["initial_learning_rate"]), float(p["decay_steps"]), float(p["alpha"])
    warm, top = float(p.get("warmup_steps") or 0), p.get("warmup_target")
    peak = first if top is None else float(top)
    begun = np.maximum(steps - (warm if top is not None else 0.0), 0.0)
    share = np.minimum(begun, length) / length
    decayed = peak * ((1.0 - alpha) * 0.5 * (1.0 + np.cos(math.pi * share)) + alpha)
    if top is None or not warm:
        return decayed
    return np.where(steps < warm, first + (peak - first) * steps / warm, decayed)


def _cosine_restarts(steps: Steps, p: Mapping[str, Any]) -> Steps:
    first, length, alpha = float(p["initial_learning_rate"]), float(p["first_decay_steps"]), float(p["alpha"])
    longer, lower = float(p["t_mul"]), float(p["m_mul"])
    done = steps / length
    if longer == 1.0:
        restart = np.floor(done)
        share = done - restart
    else:
        restart = np.floor(np.log(1.0 - done * (1.0 - longer)) / math.log(longer))
        begun = (1.0 - longer**restart) / (1.0 - longer)
        share = (done - begun) / longer**restart
    wave = 0.5 * lower**restart * (1.0 + np.cos(math.pi * share))
    return first * ((1.0 - alpha) * wave + alpha)


def _pieces(steps: Steps, p: Mapping[str, Any]) -> Steps:
    """A boundary still has the value before it."""
    return np.asarray([float(v) for v in p["values"]])[np.searchsorted(np.asarray(p["boundaries"]), steps)]


_SHAPES = {
    "PiecewiseConstantDecay": _pieces,
    "ExponentialDecay": _exponential,
    "InverseTimeDecay": _inverse,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _cosine_restarts,
}
