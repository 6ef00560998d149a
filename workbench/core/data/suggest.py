"""Cleaning steps worth a look, ranked, each with its reason in figures. Never applied unasked.

Only what is wrong with the table itself: ids and free text are left out by the features, and missing numbers are filled
there from the training rows alone, so neither is suggested here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.project import Json, Step

from .cluster import Cluster, clusters, fingerprint
from .profile import ColumnProfile, TableProfile
from .step_dates import parse_dates
from .steps import STEPS
from .suggest_points import MISSING_WORDS, Others, points
from .text_dates import date_in, date_order
from .text_numbers import decimal_mark, number_as, number_in, unit_of

MOSTLY_MISSING = 0.6
FEW_ROWS = 0.02
MOSTLY_NUMBERS = 0.8
MOSTLY_DATES = 0.9
_MANY_DUPLICATES = 0.3
_LOOKED_AT = 2000
_ONE_BY_ONE = 3
_ALIKE = 0.85
_RARE = 0.2
_LONG = 5
_MOST_ALIKE = 2000
_WORDS = ("text", "category", "boolean")


@dataclass(frozen=True)
class Suggestion:
    """A step that may help and why, in one plain sentence with its figures.

    step: switched off when only a person can tell what is right. others: what may be done instead, (in a few words,
    the steps, switched on).
    """

    step: Step
    reason: str
    others: tuple[tuple[str, tuple[Step, ...]], ...] = ()


def suggest(frame: pd.DataFrame, profile: TableProfile) -> tuple[Suggestion, ...]:
    """Suggestions for a table, the most useful first. The frame is not changed.

    The last ones only point something out: their steps are switched off, as only a person can tell what is right.
    """
    dropped: set[str] = set()
    found: list[Suggestion] = []
    for rule in (
        _useless_columns,
        _mostly_missing,
        _numbers_in_text,
        _dates_in_text,
        _disguised,
        _blanks,
        _alike,
        _few_missing,
        _duplicates,
    ):
        for kind, params, reason, *more in rule(frame, profile, dropped):
            name = f"suggested-{len(found) + 1}"
            found.append(Suggestion(Step(name, kind, params), reason, _others(name, *more)))
            if kind == "drop_column":
                dropped.update(params["columns"])
    for kind, params, reason, choices in points(frame, profile, dropped):
        name = f"suggested-{len(found) + 1}"
        found.append(Suggestion(Step(name, kind, params, enabled=False), reason, _others(name, choices)))
    return tuple(found)


def _others(name: str, others: Others = ()) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    return tuple(
        (label, tuple(Step(f"{name}-{i}-{j}", kind, params) for j, (kind, params) in enumerate(steps)))
        for i, (label, steps) in enumerate(others)
    )


_Found = Iterator[tuple[str, dict[str, Json], str] | tuple[str, dict[str, Json], str, Others]]


def _useless_columns(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    empty = [c.name for c in profile.columns if c.type == "empty"]
    same = [c.name for c in profile.columns if c.distinct == 1 and not c.missing and profile.rows > 1]
    if len(empty) + len(same) >= len(profile.columns):
        return
    if empty:
        have = "column has" if len(empty) == 1 else "columns have"
        yield "drop_column", {"columns": empty}, f"{len(empty)} {have} no values at all: {_names(empty)}."
    for name in same:
        value = str(frame[name].iloc[0])[:40]
        yield "drop_column", {"columns": [name]}, f"{name} is {value!r} in every row, so it tells nothing."


def _mostly_missing(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    shares = {c.name: c.missing / max(1, profile.rows) for c in profile.columns if c.name not in dropped}
    names = [name for name, share in shares.items() if share >= MOSTLY_MISSING]
    if len(names) > len(shares) - 2:
        return
    if len(names) > _ONE_BY_ONE:
        reason = (
            f"{len(names):,} columns are missing in {100 * MOSTLY_MISSING:.0f} % of the rows or more: {_names(names)}."
        )
        yield "drop_column", {"columns": names}, reason
        return
    for name in names:
        missing = profile.column(name).missing
        reason = f"{name} is missing in {missing:,} of {profile.rows:,} rows ({100 * shares[name]:.0f} %)."
        only_there: Others = (
            (
                "Keep only whether it is there",
                (("flag_missing", {"columns": [name]}), ("drop_column", {"columns": [name]})),
            ),
        )
        yield "drop_column", {"columns": [name]}, reason, only_there


def _numbers_in_text(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    for column in _words_of(profile, dropped):
        words = [str(word) for word in frame[column.name].dropna().unique()[:_LOOKED_AT]]
        mark = decimal_mark(words)
        known = [word for word in words if word.strip().lower() not in MISSING_WORDS]
        good = [word for word in known if number_in(word, mark) == number_in(word, mark)]
        if len(good) < MOSTLY_NUMBERS * len(known) or len(good) < 2 or any(map(_is_code, good)):
            continue
        params: dict[str, Json] = {"column": column.name}
        rows = frame[column.name].value_counts()
        units = _units({word: int(rows[word]) for word in good})
        if len(units) > 1:
            commonest = next(iter(units))
            if any(number_as(f"1 {unit}", ".", commonest) != number_as(f"1 {unit}", ".", commonest) for unit in units):
                continue
            params["to"] = commonest
        try:
            parsed = STEPS["parse_numbers"].apply(frame[[column.name]], params)[column.name]
        except StepError:
            continue
        lost = int(parsed.isna().sum()) - column.missing
        reason = f"{column.name} is text, but its cells are numbers such as {good[0]!r}"
        odd = next((word for word in words if number_in(word, mark) != number_in(word, mark)), "")
        reason += f"; {lost:,} are not, such as {odd[:30]!r}, and become missing." if lost else "."
        if len(units) > 1:
            shown = ", ".join(f"{unit} ({count:,})" for unit, count in list(units.items())[:4])
            reason = f"{reason.rstrip('.')}, in several units: {shown}; all become {params['to']}."
        dropped.add(column.name)  # whatever else is odd about it is settled by this
        yield "parse_numbers", params, reason


def _units(words: dict[str, int]) -> dict[str, int]:
    """{unit: cells}, the commonest first. words: {cell: how many there are}."""
    units: Counter[str] = Counter()
    for word, rows in words.items():
        if unit := unit_of(word):
            units[unit] += rows
    return dict(units.most_common())


def _dates_in_text(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    for column in profile.columns:
        if column.name in dropped or column.type not in (*_WORDS, "date") or frame[column.name].dtype != "str":
            continue
        words = [str(word) for word in frame[column.name].dropna().unique()[:_LOOKED_AT]]
        known = [word for word in words if word.strip().lower() not in MISSING_WORDS]
        order = date_order(known)
        if len(known) < 2 or order in ("", "both") or not _mostly_dates(known, order):
            continue
        lost = int(parse_dates(frame[column.name], order).isna().sum()) - column.missing
        reason = f"{column.name} is text, but its cells are dates such as {known[0][:30]!r}{_tail(known, order)}"
        odd = next((word for word in words if date_in(word, order) is None), "")
        reason += f"; {lost:,} are not, such as {odd[:30]!r}, and become missing." if lost else "."
        dropped.add(column.name)
        yield "parse_dates", {"column": column.name}, reason


def _tail(words: list[str], order: str) -> str:
    """Says the order only where it matters."""
    other = "month first" if order == "day first" else "day first"
    matters = any(date_in(word, order) != date_in(word, other) for word in words[:100])
    return f", {order}" if matters else ""


def _mostly_dates(words: list[str], order: str) -> bool:
    head = words[:50]
    if sum(date_in(word, order) is not None for word in head) < MOSTLY_DATES * len(head):
        return False
    return sum(date_in(word, order) is not None for word in words) >= MOSTLY_DATES * len(words)


def _disguised(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    for column in _words_of(profile, dropped):
        for word, count in column.top:
            if str(word).strip().lower() in MISSING_WORDS and count < 0.6 * profile.rows and column.distinct > 2:
                share = count / max(1, profile.rows)
                reason = f"{word!r} stands in {count:,} cells of {column.name} ({100 * share:.1f} %)"
                reason += " and seems to mean missing."
                yield "replace", {"column": column.name, "find": str(word), "by": None}, reason


def _blanks(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    blank: dict[str, int] = {}
    for column in _words_of(profile, dropped):
        words = frame[column.name].dropna().astype("str")
        cells = int((words.str.strip() != words).sum())
        if cells:
            blank[column.name] = cells
        elif column.type == "category":
            unique = words.unique()
            alike = len(unique) - len({str(word).lower() for word in unique})
            if alike:
                reason = f"{alike:,} of the {len(unique):,} values of {column.name} differ from others only in case."
                keep: Others = (("Keep the most common of each", (("merge_values", _by_case(words, column.name)),)),)
                yield "trim_text", {"columns": [column.name], "mode": "lower case"}, reason, keep
    if blank:
        cells = sum(blank.values())
        have = "cell has blanks" if cells == 1 else "cells have blanks"
        reason = f"{cells:,} {have} before or after the text, in {_names(list(blank))}."
        yield "trim_text", {"columns": list(blank), "mode": "strip"}, reason


def _by_case(words: pd.Series, name: str) -> dict[str, Json]:
    """The step that makes the commonest of spellings that differ only in case of all of them."""
    kept: dict[str, str] = {}
    mapping = {}
    for word in map(str, words.value_counts().index):
        first = kept.setdefault(word.lower(), word)
        if first != word:
            mapping[word] = first
    return {"column": name, "mapping": mapping}


def _alike(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    for column in _words_of(profile, dropped):
        if column.type == "text" or not 3 <= column.distinct <= _MOST_ALIKE or column.numeric_share > 0.5:
            continue
        found = [
            likely for one in clusters(frame[column.name], threshold=_ALIKE) if len((likely := _likely(one)).values) > 1
        ]
        found = [one for one in found if len({_case(value) for value, _ in one.values}) > 1]
        if not found or len(found) >= column.distinct - 1:
            continue
        merged = {value: one.kept for one in found for value, _ in one.values if value != one.kept}
        first, other = found[0].kept, next(value for value, _ in found[0].values if value != found[0].kept)
        many = "1 value" if len(merged) == 1 else f"{len(merged):,} values"
        reason = (
            f"{many} of the {column.distinct:,} in {column.name} {'is another' if len(merged) == 1 else 'are other'} "
        )
        reason += f"spelling{'' if len(merged) == 1 else 's'} of a value, such as {other[:30]!r} of {first[:30]!r}."
        yield "merge_values", {"column": column.name, "mapping": merged}, reason


def _likely(one: Cluster) -> Cluster:
    """Without spellings that are no rarer than others, which may well be values of their own."""
    key, most, digits = fingerprint(one.kept), one.values[0][1], _digits(one.kept)
    kept = [
        (value, rows)
        for value, rows in one.values
        if _digits(value) == digits and (fingerprint(value) == key or (rows <= _RARE * most and len(value) >= _LONG))
    ]
    return Cluster(one.kept, tuple(kept))


def _digits(value: str) -> str:
    return "".join(sign for sign in value if sign.isdigit())


def _case(value: str) -> str:
    return value.strip().lower()


def _few_missing(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    limit = FEW_ROWS * profile.rows
    few = [c for c in _words_of(profile, dropped) if c.type != "text" and 0 < c.missing <= limit]
    if not few:
        return
    names = [column.name for column in few]
    rows = int(frame[names].isna().any(axis=1).sum())
    if rows > limit:
        return
    many = "row is" if rows == 1 else "rows are"
    reason = f"Only {rows:,} of {profile.rows:,} {many} without {_names(names)}."
    fill: Others = (
        ("Fill with the most common value", (("fill_missing", {"columns": names, "method": "mode"}),)),
        ("Make it a category of its own", (("fill_missing", {"columns": names, "method": "own category"}),)),
    )
    yield "drop_missing", {"columns": names, "how": "any"}, reason, fill


def _duplicates(frame: pd.DataFrame, profile: TableProfile, dropped: set[str]) -> _Found:
    if any(column.distinct == profile.rows for column in profile.columns):
        return
    rows = int(frame.duplicated().sum())
    if 0 < rows <= _MANY_DUPLICATES * profile.rows:
        many = "row repeats" if rows == 1 else "rows repeat"
        yield "drop_duplicates", {"columns": []}, f"{rows:,} of {profile.rows:,} {many} an earlier row exactly."


def _words_of(profile: TableProfile, dropped: set[str]) -> Iterator[ColumnProfile]:
    return (c for c in profile.columns if c.type in _WORDS and c.name not in dropped)


def _is_code(word: str) -> bool:
    """Digits that are a name rather than an amount: 00123, or longer than a number keeps exactly."""
    word = word.strip()
    return bool(re.match(r"[+-]?0\d", word)) or bool(re.fullmatch(r"\d{16,}", word))


def _names(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
