"""From a column and a wish to a cleaning step, and what is worth saying about a column. No Qt.

The kinds of steps are imported when first asked for: by then a job has loaded pandas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.project import CsvOptions, DataSpec
from workbench.ui.data import figures

MOST_ITEMS = 8
MOST_LETTERS = 24


@dataclass(frozen=True)
class Made:
    """A step to be added. ask: its form is opened, as something is left to be chosen."""

    kind: str
    params: dict[str, Any]
    ask: bool = False
    label: str = ""


def kinds() -> Mapping[str, Any]:
    """The kinds of cleaning steps by name."""
    from workbench.core.data.steps import STEPS

    return STEPS


def with_options(spec: DataSpec, options: CsvOptions) -> DataSpec:
    """The same source read in another way."""
    return replace(spec, csv=options, fingerprint="")


def verb(suggestion: Any) -> str:
    """What accepting does, short enough for a button."""
    if suggestion.step.kind == "merge_values":
        return "Look at them…"
    kind = kinds().get(suggestion.step.kind)
    text = kind.summary(suggestion.step.params) if kind is not None else ""
    return text if 0 < len(text) <= MOST_LETTERS else kind.title if kind is not None else "Accept"


def columns_of(step: Any) -> tuple[str, ...]:
    """The columns a step is about."""
    params = step.params
    if isinstance(params.get("column"), str):
        return (params["column"],)
    found = params.get("columns")
    return tuple(found) if isinstance(found, (list, tuple)) else ()


def problems(column: Any, rows: int, suggestions: Sequence[Any]) -> list[tuple[str, str, Any]]:
    """What is wrong with a column, (severity, text, suggestion or None); what can be mended with a click first."""
    found: list[tuple[str, str, Any]] = []
    for suggestion in suggestions:
        if column.name in columns_of(suggestion.step):
            found.append(("warning", suggestion.reason, suggestion))
    if column.type == "empty" and not found:
        found.append(("warning", "Every cell is missing: the column tells nothing.", None))
    elif column.distinct == 1 and not found:
        value = figures.cell(column.samples[0]) if column.samples else "the same"
        found.append(("warning", f"Every filled cell is “{value}”: the column tells nothing.", None))
    elif column.type in ("text", "category") and rows > 20 and column.distinct == rows - column.missing and not found:
        found.append(("info", "Every row has another value: a name or an id, from which nothing can be learned.", None))
    if column.missing and not any(s is not None for _, _, s in found) and column.type != "empty":
        n = figures.plural(column.missing, "cell")
        share = figures.percent(column.missing, rows)
        found.append(("info", f"{n} missing ({share}). Gaps are filled when the numbers are made; see Features.", None))
    return found


def first_look(profile: Any, suggestions: Sequence[Any], target: str) -> tuple[str, list[tuple[str, str, Any]]]:
    """A sentence about the table, and what to look at first: (text, column or "", suggestion or None)."""
    gaps = sum(1 for c in profile.columns if c.missing)
    numeric = sum(1 for c in profile.columns if c.type in ("number", "integer"))
    parts = [f"{figures.plural(profile.rows, 'row')}, {figures.plural(len(profile.columns), 'column')}"]
    parts.append(f"{figures.count(numeric)} with numbers")
    parts.append(f"{figures.count(gaps)} with gaps" if gaps else "no gaps")
    items: list[tuple[str, str, Any]] = []
    for suggestion in suggestions:
        names = columns_of(suggestion.step)
        items.append((suggestion.reason, names[0] if len(names) == 1 else "", suggestion))
    if target:
        items.append((f"“{target}” is taken as the target: what the model learns to predict.", target, None))
    else:
        items.insert(0, ("No target is chosen: open the column to predict and make it the target.", "", None))
    return ", ".join(parts) + ".", items[:MOST_ITEMS]


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
    """How a step went. text: one line; error: what is wrong, or ""."""

    text: str
    error: str = ""


def outcomes(cleaned: Any) -> dict[str, Outcome]:
    """How each step of the recipe went, by its id; {} while it is not known."""
    return {o.step_id: Outcome(_outcome_text(cleaned, o), o.error) for o in cleaned.outcomes} if cleaned else {}


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
        parts.append(figures.plural(outcome.cells_changed, "cell") + " changed")
    return ", ".join(parts) or f"{figures.plural(outcome.rows_after, 'row')}, nothing changed"


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
        "replace": Made("replace", {"column": name}, ask=True),
        "filter": Made("filter_rows", {"column": name}, ask=True),
        "drop": Made("drop_column", {"columns": [name]}, label=f"Drop “{name}”"),
    }
    return made[action]
