"""From a column and a wish to a cleaning step, and how the steps went, in words. No Qt.

The kinds of steps are imported when first asked for: by then a job has loaded pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.project import CsvOptions, DataSpec
from workbench.core.wording import plural
from workbench.ui.data import figures

MOST_UNREAD = 4


@dataclass(frozen=True)
class Made:
    """A step to be added. ask: its form is opened, as something is left to be chosen."""

    kind: str
    params: dict[str, Any]
    ask: bool = False
    label: str = ""


def kinds(data: str = "") -> Mapping[str, Any]:
    """The kinds of steps by name: those on a "table", on "images", or all of them."""
    from workbench.core.data.every_step import EVERY_STEP
    from workbench.core.data.picture_recipe import PICTURE_STEPS
    from workbench.core.data.steps import STEPS

    return {"table": STEPS, "images": PICTURE_STEPS}.get(data, EVERY_STEP)


def with_options(spec: DataSpec, options: CsvOptions) -> DataSpec:
    """The same source read in another way."""
    return replace(spec, csv=options, fingerprint="")


def columns_of(step: Any) -> tuple[str, ...]:
    """The columns a step is about."""
    params = step.params
    if isinstance(params.get("column"), str):
        return (params["column"],)
    found = params.get("columns")
    return tuple(found) if isinstance(found, (list, tuple)) else ()


def columns_before(recipe: Sequence[Any], cleaned: Any, first: Any) -> dict[str, tuple[str, ...]]:
    """The columns there are before each step: those its form offers. first: the table as it was read."""
    known = {o.step_id for o in cleaned.outcomes} if cleaned is not None else set()
    names: tuple[str, ...] = tuple(str(c) for c in first.columns)
    made = {}
    for step in recipe:
        if step.id in known:
            before, after = cleaned.frames(step.id)
            made[step.id] = tuple(str(c) for c in before.columns)
            names = tuple(str(c) for c in after.columns)
        else:
            made[step.id] = names
    return made


@dataclass(frozen=True)
class Outcome:
    """How a step went. text: one line; error: what is wrong, or ""; unread: cells that could not be read, or "".
    asks: answers to the error, (in words, parameter, value)."""

    text: str
    error: str = ""
    unread: str = ""
    asks: tuple[tuple[str, str, Any], ...] = ()


def outcomes(cleaned: Any) -> dict[str, Outcome]:
    """How each step of the recipe went, by its id; {} while it is not known."""
    if not cleaned:
        return {}
    return {o.step_id: Outcome(_outcome_text(cleaned, o), o.error, _unread_text(o), o.asks) for o in cleaned.outcomes}


def _unread_text(outcome: Any) -> str:
    """Which cells a step that reads numbers or dates could not read, the commonest first."""
    if not outcome.cells_unread:
        return ""
    shown = ", ".join(f"“{cell[:24]}” ({figures.count(rows)})" for cell, rows in outcome.unread[:MOST_UNREAD])
    more = " …" if sum(rows for _, rows in outcome.unread[:MOST_UNREAD]) < outcome.cells_unread else ""
    cells = plural(outcome.cells_unread, "cell")
    return f"{cells} could not be read and {'is' if outcome.cells_unread == 1 else 'are'} missing now: {shown}{more}"


def _outcome_text(cleaned: Any, outcome: Any) -> str:
    before, after = cleaned.frames(outcome.step_id)
    parts = []
    if outcome.rows_before != outcome.rows_after:
        parts.append(f"{figures.count(outcome.rows_before)} → {figures.count(outcome.rows_after)} rows")
    if before.shape[1] != after.shape[1]:
        parts.append(f"{figures.count(before.shape[1])} → {figures.count(after.shape[1])} columns")
    elif list(before.columns) != list(after.columns):
        parts.append("renamed")
    if outcome.cells_changed:
        parts.append(plural(outcome.cells_changed, "cell") + " changed")
    return ", ".join(parts) or f"{plural(outcome.rows_after, 'row')}, nothing changed"


def default_params(kind: Any, column: str) -> dict[str, Any]:
    """Parameters of a step just chosen from the menu: the column looked at, where it takes one."""
    params: dict[str, Any] = {}
    if column:
        for field in kind.fields:
            if field.kind == "column":
                params[field.name] = column
            elif field.kind == "columns" and field.required:
                params[field.name] = [column]
    return params


def rename(before: str, after: str) -> Made:
    """The step that renames a column."""
    return Made("rename_column", {"column": before, "name": after}, label=f"Rename “{before}” to “{after}”")


def step_for(action: str, column: Any) -> Made:
    """The step behind a quick action of the column panel. KeyError for an action that is no step."""
    name = column.name
    numeric = column.type in ("number", "integer")
    made = {
        "fill": Made("fill_missing", {"columns": [name], "method": "median" if numeric else "mode"}, ask=True),
        "drop_rows": Made("drop_missing", {"columns": [name]}, label=f"Drop rows without “{name}”"),
        "parse": Made("parse_numbers", {"column": name}, label=f"Read “{name}” as numbers"),
        "dates": Made("parse_dates", {"column": name}, label=f"Read “{name}” as dates"),
        "tidy": Made("trim_text", {"columns": [name]}, ask=True),
        "rare": Made("merge_rare", {"column": name}, ask=True),
        "replace": Made("replace", {"column": name}, ask=True),
        "filter": Made("filter_rows", {"column": name}, ask=True),
        "drop": Made("drop_column", {"columns": [name]}, label=f"Drop “{name}”"),
    }
    return made[action]
