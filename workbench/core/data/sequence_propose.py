"""What becomes of series when the person has not said: what is predicted, how long a window is, how the split goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core.project import Features, SequenceFeature, Split

from .series_profile import SeriesProfile

LONGEST = 128
SHORTEST = 8
FORECAST_LONGEST = 64
ENOUGH_WINDOWS = 8_000
MANY_WINDOWS = 20_000
FEW_WINDOWS = 200
LEAST_NEW = 8  # an eighth of each window is new at least: windows that are nearly equal only take time
FEWEST_GROUPS = 5
MIXED = 1.05  # the fastest series against the slowest, from which on all are brought to one rate
MOST_MISSING = 0.9


def propose_sequences(
    profile: SeriesProfile | None, features: Features, parts: np.ndarray[Any, Any] | None = None
) -> Features:
    """`features` with everything about series decided; what the person set stays, where it can be at all."""
    if profile is None:
        return features
    sequence = propose_sequence(profile, features.sequence)
    return replace(
        features,
        task="classification" if answers_class(profile, sequence) else "regression",
        columns=(),
        sequence=sequence,
        split=features.split or _propose_split(profile, sequence, parts),
    )


def answers_class(profile: SeriesProfile, sequence: SequenceFeature) -> bool:
    """Whether the target is a class: of the series, or a column of classes."""
    return sequence.predict == "class" or sequence.target in {name for name, _ in profile.marks}


def propose_sequence(profile: SeriesProfile, sequence: SequenceFeature) -> SequenceFeature:
    """`sequence` with nothing left open."""
    sequence = _target(profile, sequence)
    forecast = sequence.predict == "column"
    usable = _usable(profile, sequence)
    channels = tuple(c for c in sequence.channels if c in {p.name for p in profile.channels}) or usable
    rate = sequence.rate or (_common_rate(profile) if _mixed(profile) else -1.0)
    factor = rate / profile.rates[1] if rate > 0 and profile.rates[1] > 0 else 1.0
    _, tenth, middle, _, high = (max(1, round(n * factor)) for n in profile.lengths)
    if sequence.length > 0:
        length = sequence.length
    elif forecast:
        length = _rounded(min(FORECAST_LONGEST, max(4, high // 12)), 4)
    else:
        length = _rounded(min(LONGEST, max(SHORTEST, tenth), max(high, 2)), 8)
        while length > 32 and _windows(length, middle) * profile.count < FEW_WINDOWS:
            length //= 2  # few series: more and shorter windows to learn from
    length = max(1, min(length, high) if not sequence.length else length)
    total = max(1, round(profile.steps * factor))
    if sequence.stride > 0:
        stride = sequence.stride
    elif forecast and not answers_class(profile, sequence):
        stride = max(1, total // MANY_WINDOWS)
    else:
        stride = max(1, min(length // 2, max(length // LEAST_NEW, total // ENOUGH_WINDOWS)))
    missing = sequence.missing
    if missing not in ("linear", "forward", "mean") or (forecast and missing == "linear"):
        missing = "forward" if forecast else "linear"
    return replace(sequence, channels=channels, length=length, stride=stride, missing=missing, rate=rate)


def _windows(length: int, steps: int) -> int:
    """Windows of so many steps that a series of `steps` has at most."""
    return 1 + max(0, steps - length) // max(1, length // LEAST_NEW)


def _target(profile: SeriesProfile, sequence: SequenceFeature) -> SequenceFeature:
    marks = [name for name, classes in profile.marks if 2 <= classes <= 100]
    channels = [c.name for c in profile.channels if not c.constant]
    if sequence.predict == "column" and sequence.target in {*marks, *channels, *(n for n, _ in profile.marks)}:
        return sequence
    classes = sum(n > 0 for n in profile.class_counts)
    if sequence.predict == "class" or (sequence.predict != "column" and classes >= 2):
        return replace(sequence, predict="class", target="", horizon=0)
    if marks:
        return replace(sequence, predict="column", target=marks[-1])
    if not channels:
        return replace(sequence, predict="class", target="", horizon=0)
    return replace(sequence, predict="column", target=_likeliest(channels), horizon=max(1, sequence.horizon))


def _likeliest(channels: list[str]) -> str:
    for word in ("target", "y", "value", "label", "output"):
        for name in channels:
            if name.lower() == word:
                return name
    return channels[-1] if len(channels) < 3 else channels[0]


def _usable(profile: SeriesProfile, sequence: SequenceFeature) -> tuple[str, ...]:
    """Channels that can tell something; never the target's own value of the moment that is asked about."""
    now = sequence.target if sequence.predict == "column" and sequence.horizon == 0 else ""
    told = [c.name for c in profile.channels if not c.constant and c.missing <= MOST_MISSING * max(1, profile.steps)]
    return tuple(name for name in told if name != now) or tuple(c.name for c in profile.channels if c.name != now)


def _mixed(profile: SeriesProfile) -> bool:
    slowest, _, fastest = profile.rates
    uneven = len(profile.irregular) > 0.2 * profile.count
    return slowest > 0 and (fastest > MIXED * slowest or uneven)


def _common_rate(profile: SeriesProfile) -> float:
    """The median rate, to three figures."""
    return float(f"{profile.rates[1]:.3g}")


def _rounded(steps: int, to: int) -> int:
    """Down to a multiple, as such lengths can be halved; short ones as they are."""
    return steps // to * to if steps >= to else steps


def _propose_split(profile: SeriesProfile, sequence: SequenceFeature, parts: np.ndarray[Any, Any] | None) -> Split:
    given_test = parts is not None and bool(np.any(np.asarray(parts) == 1))
    shares = (0.85, 0.15, 0.0) if given_test else (0.7, 0.15, 0.15)
    if sequence.predict == "column" and not answers_class(profile, sequence):
        return Split(*shares, method="time")
    if sum(n > 0 for n in profile.group_counts) >= FEWEST_GROUPS:
        return Split(*shares, method="group")
    return Split(*shares, method="random" if profile.count >= 10 else "time")
