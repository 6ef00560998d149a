"""What to look at in series before training, each with a remedy: short and alike series, flat channels, gaps, mixed
rates, missing values, groups and classes that a part lacks."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core import edits
from workbench.core.one_line import short_file
from workbench.core.project import Features, SequenceFeature

from .dataset import SeriesData
from .finding import Finding
from .sequence_propose import MIXED, propose_sequence
from .sequence_windows import cut, steps_of
from .series_profile import SeriesProfile

MANY_SHORT = 0.1
MANY_MISSING = 0.5
FEW_SERIES = 3
NAMED = 3
NARROW = 26  # letters of a name that a narrow panel has room for


def audit_series(
    data: SeriesData,
    profile: SeriesProfile,
    features: Features,
    rows: Mapping[str, np.ndarray[Any, Any]] | None = None,
) -> tuple[Finding, ...]:
    """Findings, the gravest first. features: complete. rows: window numbers of each part, when the split is known."""
    sequence = features.sequence
    found = [
        *_copies(data, sequence),
        *_channels(profile, sequence),
        *_short(data, sequence),
        *_rates(data, profile, sequence),
        *_missing(data, profile, sequence),
        *_few(data, profile),
        *(_parts(data, features, rows) if rows is not None else ()),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(found, key=lambda f: order[f.severity]))


def _names(data: SeriesData, numbers: list[int]) -> str:
    listed = ", ".join(short_file(data.name(i).rsplit("/", 1)[-1], NARROW) for i in numbers[:NAMED])
    return listed + (f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else "")


def _leave_out(data: SeriesData, sequence: SequenceFeature, numbers: list[int]) -> Any:
    without = tuple(dict.fromkeys((*sequence.without, *(data.name(i) for i in numbers))))
    return change(lambda s: replace(s, without=without))


def change(make: Any) -> Any:
    """An edit of how series become windows: what the person set, with one thing changed."""

    def edit(project: Any) -> Any:
        return edits.set_sequence(make(project.features.sequence))(project)

    return edit


def copies(data: SeriesData) -> list[list[int]]:
    """Numbers of series whose values are exactly the same, together, in their order."""
    alike: dict[bytes, list[int]] = defaultdict(list)
    for i in range(len(data)):
        values = data.series(i)
        if len(values):
            alike[hashlib.blake2b(np.ascontiguousarray(values).data, digest_size=16).digest()].append(i)
    return [group for group in alike.values() if len(group) > 1]


def _copies(data: SeriesData, sequence: SequenceFeature) -> list[Finding]:
    without = set(sequence.without)
    groups = [[i for i in group if data.name(i) not in without] for group in copies(data)]
    groups = [g for g in groups if len(g) > 1]
    if not groups:
        return []
    torn = [g for g in groups if len({int(data.labels[i]) for i in g}) > 1]
    spare = [i for g in groups for i in (g if g in torn else g[1:])]
    what = f"{sum(map(len, groups)):,} series are exact copies of others: {_names(data, groups[0])}."
    if torn:
        what += f" {len(torn):,} of these sets have different classes, so one of them is wrong."
    return [
        Finding(
            "warning",
            "The same series more than once",
            f"{what} A copy in the test part is a question whose answer was learned by heart.",
            "",
            f"Leave out {len(spare):,} of them",
            _leave_out(data, sequence, spare),
        )
    ]


def _channels(profile: SeriesProfile, sequence: SequenceFeature) -> list[Finding]:
    made = []
    for channel in profile.channels:
        used = channel.name in sequence.channels
        others = tuple(c for c in sequence.channels if c != channel.name)
        remedy = change(lambda s, kept=others: replace(s, channels=kept)) if used and others else None
        label = f"Leave out {channel.name}" if remedy else ""
        if channel.constant:
            text = "It has no value at all." if channel.minimum is None else f"It is {channel.minimum:g} at every step."
            after = "" if used else " It is left out."
            made.append(
                Finding(
                    "warning" if used else "info",
                    f"“{channel.name}” never changes",
                    text + after,
                    channel.name,
                    label,
                    remedy,
                )
            )
        elif channel.missing > MANY_MISSING * profile.steps:
            share = channel.missing / profile.steps
            made.append(
                Finding(
                    "warning",
                    f"“{channel.name}” is mostly missing",
                    f"{share:.0%} of its steps are empty.",
                    channel.name,
                    label,
                    remedy,
                )
            )
        elif channel.flat > 0.05 * profile.count and used:
            text = f"In {channel.flat:,} of {profile.count:,} series it never changes: a sensor that was off?"
            made.append(Finding("info", f"“{channel.name}” is flat in some series", text, channel.name))
    return made


def _short(data: SeriesData, sequence: SequenceFeature) -> list[Finding]:
    steps = steps_of(data, sequence.rate)
    without = set(sequence.without)
    short = [
        i for i in np.flatnonzero(steps < sequence.length + sequence.horizon).tolist() if data.name(i) not in without
    ]
    if not short:
        return []
    dropped = sequence.pad == "drop"
    done = "left out" if dropped else "padded in front"
    shortest = int(steps[short].min())
    verbs = ("has", "is") if len(short) == 1 else ("have", "are")
    text = f"{len(short):,} of {len(data):,} series {verbs[0]} fewer steps than a window and {verbs[1]} {done}: "
    text += f"{_names(data, short)}."
    if len(short) > MANY_SHORT * len(data):
        length = max(2, int(np.quantile(steps, 0.1)) - sequence.horizon)
        return [
            Finding(
                "warning",
                "Many series are shorter than a window",
                text,
                "",
                f"Windows of {length:,} steps",
                change(lambda s: replace(s, length=length, stride=0)),
            )
        ]
    if not dropped and shortest * 4 < sequence.length:
        return [
            Finding(
                "warning",
                "Some series are very short",
                text,
                "",
                "Leave them out",
                change(lambda s: replace(s, pad="drop")),
            )
        ]
    return [Finding("info", "Some series are shorter than a window", text)]


def _rates(data: SeriesData, profile: SeriesProfile, sequence: SequenceFeature) -> list[Finding]:
    slowest, usual, fastest = profile.rates
    made = []
    if slowest > 0 and fastest > MIXED * slowest:
        text = f"The slowest has {slowest:.4g} steps a second, the fastest {fastest:.4g}. "
        if sequence.rate > 0:
            made.append(Finding("info", "Series of different rates", f"{text}All are brought to {sequence.rate:g}."))
        else:
            rate = propose_sequence(profile, replace(sequence, rate=0.0)).rate
            made.append(
                Finding(
                    "warning",
                    "Series of different rates",
                    f"{text}A window would mean another time in each.",
                    "",
                    f"Bring all to {rate:g} a second",
                    change(lambda s: replace(s, rate=rate)),
                )
            )
    if profile.irregular and sequence.rate <= 0:
        rate = float(f"{usual:.3g}")
        text = f"{len(profile.irregular):,} series have gaps or uneven steps: {_names(data, list(profile.irregular))}."
        made.append(
            Finding(
                "warning",
                "Uneven steps",
                text,
                "",
                f"Bring all to {rate:g} a second",
                change(lambda s: replace(s, rate=rate)),
            )
        )
    return made


def _missing(data: SeriesData, profile: SeriesProfile, sequence: SequenceFeature) -> list[Finding]:
    some = [c for c in profile.channels if 0 < c.missing <= MANY_MISSING * profile.steps and not c.constant]
    if not some:
        return []
    ways = {
        "linear": "by straight lines between the known values",
        "forward": "by the last known value",
        "mean": "by the training mean",
    }
    listed = ", ".join(f"“{c.name}” {c.missing:,}" for c in some[:NAMED])
    text = f"Steps without a value: {listed}. They are filled {ways[sequence.missing]}."
    return [Finding("info", "Missing values", text, some[0].name)]


def _few(data: SeriesData, profile: SeriesProfile) -> list[Finding]:
    few = [(n, c) for n, c in zip(profile.class_counts, profile.classes, strict=True) if 0 < n < FEW_SERIES]
    if not few:
        return []
    listed = ", ".join(f"{name} ({count})" for count, name in few[:NAMED])
    return [
        Finding(
            "warning",
            "Classes with hardly any series",
            f"Fewer than {FEW_SERIES} series: {listed}. Such a class "
            "cannot be in every part, and its score says little.",
        )
    ]


def _parts(data: SeriesData, features: Features, rows: Mapping[str, np.ndarray[Any, Any]]) -> list[Finding]:
    """Classes that a part lacks, and groups that are in more than one."""
    cuts = cut(data, features.sequence)
    made = []
    if features.sequence.predict == "class":
        seen = {part: set(data.labels[cuts.series[own]].tolist()) for part, own in rows.items() if len(own)}
        for part in ("validation", "test"):
            absent = [data.classes[i] for i in sorted(seen.get("train", set()) - seen.get(part, set())) if i >= 0]
            if part in seen and absent:
                listed = ", ".join(absent[:NAMED]) + (f" and {len(absent) - NAMED} more" if len(absent) > NAMED else "")
                made.append(
                    Finding("info", f"Classes the {part} part lacks", f"{listed}: nothing is said of them there.")
                )
    split = features.split
    if data.group is not None and split is not None and split.method == "random" and len(data.groups) > 2:
        sets = {part: set(data.group[cuts.series[own]].tolist()) - {-1} for part, own in rows.items()}
        both = sets.get("train", set()) & sets.get("test", set())
        if both:
            text = (
                f"{len(both):,} of {len(data.groups):,} groups are in training and in the test part: the score says "
                "how well known ones are recognised, not new ones."
            )
            grouped = replace(split, method="group")
            made.append(
                Finding(
                    "warning",
                    "The same group on both sides",
                    text,
                    "",
                    "Keep groups together",
                    edits.set_split(grouped),
                )
            )
    return made
