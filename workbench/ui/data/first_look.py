"""What is worth a look in a table, ranked over the whole of it, each with one or more remedies. No Qt.

Findings of the audit, and suggested steps where one column is looked at, become items of one kind here; the person
chooses a remedy or puts an item aside, which the project remembers by its key.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.errors import WorkbenchError
from workbench.core.project import Project, Step
from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.quick import columns_of, kinds

MERGE = "merge_values"
MOST_LETTERS = 24


@dataclass(frozen=True)
class Remedy:
    """One way out: steps to add, an edit, or (`look`) alike spellings to be looked at before they merge.

    label: on the button. said: in the history. key: of the suggestion that it settles.
    """

    label: str
    steps: tuple[Step, ...] = ()
    edit: Callable[[Project], Project] | None = None
    look: Step | None = None
    said: str = ""
    key: str = ""


@dataclass(frozen=True)
class Item:
    """severity: "error" | "warning" | "info". column: "" when it is about the whole. key: what it is known by when put
    aside; "" for what cannot be."""

    severity: str
    text: str
    column: str = ""
    remedies: tuple[Remedy, ...] = ()
    key: str = ""


# ---- from suggestions and findings to items ----------------------------------------------------------------------


def summary(step: Step) -> str:
    """What a step does, in the words of its kind."""
    kind = kinds().get(step.kind)
    return str(kind.summary(step.params)) if kind is not None else ""


def is_ready(suggestion: Any) -> bool:
    """Whether the step can be accepted unseen: not one that merges spellings or that only points something out."""
    return bool(suggestion.step.enabled) and suggestion.step.kind != MERGE


def key_of(suggestion: Any) -> str:
    return f"{suggestion.step.kind}: {', '.join(columns_of(suggestion.step))}"


def remedies_of(suggestion: Any) -> tuple[Remedy, ...]:
    """What can be done about a suggestion, the usual way first."""
    step = suggestion.step
    text = summary(step)
    if step.kind == MERGE:
        return (Remedy("Look at them…", look=step),)
    made = []
    if step.enabled:
        kind = kinds().get(step.kind)
        label = text if 0 < len(text) <= MOST_LETTERS else kind.title if kind is not None else "Accept"
        said = f"Accept “{text}”" if text else "Accept a suggestion"
        made.append(Remedy(label, (step,), said=said, key=key_of(suggestion)))
    for label, steps in suggestion.others:
        said = f"{label}: {', '.join(columns_of(step)) or 'whole table'}"
        made.append(Remedy(label, steps, said=said[:80], key=key_of(suggestion)))
    return tuple(made)


def item_of(suggestion: Any) -> Item:
    names = columns_of(suggestion.step)
    severity = "warning" if suggestion.step.enabled else "info"
    column = names[0] if len(names) == 1 else ""
    return Item(severity, suggestion.reason, column, remedies_of(suggestion), key_of(suggestion))


def item_of_finding(finding: Any) -> Item:
    made = tuple(Remedy(label, edit=edit, said=label) for label, edit in finding.remedies)
    return Item(
        finding.severity, f"{finding.title}. {finding.text}", finding.column, made, f"{finding.title}: {finding.column}"
    )


def shown_suggestions(suggestions: Sequence[Any], aside: Sequence[str], targets: Sequence[str] = ()) -> tuple[Any, ...]:
    """Without those put aside, and without dropping a target."""
    return tuple(
        s
        for s in suggestions
        if key_of(s) not in aside
        and not (s.step.kind == "drop_column" and not set(targets).isdisjoint(columns_of(s.step)))
    )


# ---- the whole table -----------------------------------------------------------------------------------------------


def first_look(
    profile: Any,
    suggestions: Sequence[Any],
    targets: Sequence[str],
    findings: Sequence[Any] = (),
    aside: Sequence[str] = (),
) -> tuple[str, list[Item]]:
    """A sentence about the table, and what to look at beside the suggested steps, the gravest first.

    The suggestions themselves stand beside the steps they become, and nowhere else.
    """
    gaps = sum(1 for c in profile.columns if c.missing)
    numeric = sum(1 for c in profile.columns if c.type in ("number", "integer"))
    parts = [f"{plural(profile.rows, 'row')}, {plural(len(profile.columns), 'column')}"]
    parts.append(f"{figures.count(numeric)} with numbers")
    parts.append(f"{figures.count(gaps)} with gaps" if gaps else "no gaps")
    dropped = {n for s in suggestions if s.step.kind == "drop_column" and s.step.enabled for n in columns_of(s.step)}
    told = [f for f in findings if not _told_already(f, dropped)]
    items: list[Item] = []
    if not targets:
        items.append(Item("warning", "No target is chosen: open the column to predict and make it the target."))
    items += [item_of_finding(f) for f in told if f.severity != "info"]
    items += [item_of_finding(f) for f in told if f.severity == "info"]
    if len(targets) == 1:
        said = f"“{targets[0]}” is taken as the target: what the model learns to predict."
        items.append(Item("info", said, targets[0]))
    elif targets:
        named = ", ".join(f"“{name}”" for name in targets[:4]) + (" …" if len(targets) > 4 else "")
        items.append(Item("info", f"The model learns to predict {len(targets)} columns: {named}.", targets[0]))
    summary = ", ".join(parts) + "."
    if suggestions:
        stand = "suggestion stands" if len(suggestions) == 1 else "suggestions stand"
        summary += f" {figures.count(len(suggestions))} {stand} on the left."
    return summary, [one for one in items if one.key not in aside or not one.key]


def _told_already(finding: Any, dropped: set[str]) -> bool:
    """Whether a suggestion to drop the column says the same."""
    if finding.title == "Mostly missing" and not finding.column:
        return bool(dropped)
    return bool(finding.column) and finding.column in dropped


def problems(
    column: Any, rows: int, suggestions: Sequence[Any], findings: Sequence[Any] = (), aside: Sequence[str] = ()
) -> list[Item]:
    """What is wrong with one column; what can be mended with a click first."""
    found = [replace(item_of(s), column="") for s in suggestions if column.name in columns_of(s.step)]
    dropped = {n for s in suggestions if s.step.kind == "drop_column" and s.step.enabled for n in columns_of(s.step)}
    about = [f for f in findings if f.column == column.name and not _told_already(f, dropped)]
    found += [replace(item_of_finding(f), column="") for f in about]
    found = [one for one in found if one.key not in aside]
    text = ""
    if column.type == "empty":
        text = "Every cell is missing: the column tells nothing."
    elif column.distinct == 1:
        value = figures.cell(column.samples[0]) if column.samples else "the same"
        text = f"Every filled cell is “{value}”: the column tells nothing."
    if text and not found:
        found.append(Item("warning", text))
    elif column.type in ("text", "category") and rows > 20 and column.distinct == rows - column.missing and not found:
        found.append(Item("info", "Every row has another value: a name or an id, from which nothing can be learned."))
    if column.missing and not any(one.remedies for one in found) and column.type != "empty":
        n = plural(column.missing, "cell")
        share = figures.percent(column.missing, rows)
        found.append(Item("info", f"{n} missing ({share}). Gaps are filled when the numbers are made; see Features."))
    return found


# ---- the audit, made once for all pages ------------------------------------------------------------------------------

_lock = threading.Lock()
_made: weakref.WeakKeyDictionary[Any, tuple[Any, Any, tuple[Any, ...]]] = weakref.WeakKeyDictionary()


def findings_of(cleaned: Any, profile: Any, features: Any, rows: Callable[[], Any]) -> tuple[Any, ...]:
    """The audit of a cleaned table. On a job's thread; the pages that ask for the same get the same answer.

    rows: gives the positions of each part, or None.
    """
    from workbench.core.data.audit import audit

    with _lock:
        known = _made.get(cleaned)
        if known is not None and known[0] is profile and known[1] is features:
            return known[2]
        found = tuple(audit(cleaned.frame, features, profile, rows(), cleaned.parts))
        _made[cleaned] = (profile, features, found)
        return found


def planned_rows(project: Project, dataset: Any, cleaned: Any, features: Any) -> Any:
    """Positions of each part as training would have them; None where the settings do not fit yet."""
    from workbench.core.data.planning import make_plan

    try:
        return make_plan(replace(project, features=features), dataset, cleaned).rows
    except WorkbenchError:  # the session says so, at the settings
        return None
