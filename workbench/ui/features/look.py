"""What the Features page shows beyond the settings, worked out on a job's thread: samples before and after encoding,
class shares of each part, the audit, the reasons. Nothing here imports Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.data.targets import each_target
from workbench.core.errors import WorkbenchError
from workbench.core.one_line import shortened
from workbench.core.project import Features, Project
from workbench.core.reconstruction import TASK, rebuilds
from workbench.ui.data import figures
from workbench.ui.data.first_look import findings_of
from workbench.ui.features.array_head import ArrayHead, array_head

if TYPE_CHECKING:
    import pandas as pd

    from workbench.core.data.dataset import Dataset
    from workbench.core.data.preprocess import Preprocessor

HEAD = 200
MOST_NUMBERS = 6
VARIED = 8


@dataclass(frozen=True, eq=False)
class Look:
    """becomes: {column: "22 → -0.53"}. shares: {part: count of each class}. notes: of the plan. findings: of the audit.
    pictures: (name, before, after) of three sample pictures, uint8 arrays. varied: training pictures as prepared, to be
    shown varied. array: the first training rows as the network gets them. series: training windows of series, see
    sequence_preview. of_targets: {target: (its classes, shares)} where the table has several."""

    becomes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    shares: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Any, ...] = ()
    pictures: tuple[tuple[str, np.ndarray, np.ndarray], ...] = ()
    varied: tuple[np.ndarray, ...] = ()
    array: ArrayHead | None = None
    series: tuple[Any, ...] = ()
    of_targets: Mapping[str, tuple[tuple[str, ...], Mapping[str, np.ndarray]]] = field(default_factory=dict)


def make_look(
    project: Project,
    dataset: Dataset,
    cleaned: Any,
    profile: Any,
    features: Features,
    preprocessor: Preprocessor | None,
) -> Look:
    """Everything at once. What cannot be worked out because the settings do not fit yet is left empty: the page shows
    that error from the session itself."""
    from workbench.core.data.features import explain
    from workbench.core.data.planning import make_plan

    reasons = explain(profile, features)
    if dataset.kind == "images":
        from workbench.core.data.picture_recipe import used_pictures

        dataset = used_pictures(dataset, cleaned)
    plan = None
    if preprocessor is not None:
        try:
            plan = make_plan(replace(project, features=features), dataset, cleaned)
        except WorkbenchError:
            plan = None
    rows = plan.rows if plan is not None else None
    findings = _findings(dataset, cleaned, profile, features, rows)
    if preprocessor is None or plan is None:
        return Look(reasons=reasons, findings=findings)
    pictures: tuple[Any, ...] = ()
    varied: tuple[np.ndarray, ...] = ()
    becomes: Mapping[str, str] = {}
    array: ArrayHead | None = None
    if dataset.kind == "images":
        labels = np.asarray(dataset.labels)
        pictures = _pictures(dataset, preprocessor)
        varied = _some(dataset, preprocessor, plan.rows["train"])
    elif dataset.kind == "sequences":
        from workbench.ui.features.sequence_preview import sample_windows

        labels = plan.series.labels if preprocessor.classes else np.zeros(0, np.int32)
        shares = _shares(labels, plan.rows, len(preprocessor.classes))
        series = sample_windows(dataset, plan)
        return Look({}, {}, preprocessor.classes, shares, plan.notes, findings, series=series)
    else:
        becomes = sample_becomes(cleaned.frame, preprocessor)
        array = array_head(cleaned.frame, preprocessor, plan.rows["train"])
        labels = _labels(cleaned.frame, preprocessor)
        several = len(preprocessor.targets) > 1
        for target in preprocessor.targets if not rebuilds(preprocessor.target) else ():  # spellings may count as one
            word = "A target" if several else "The target"
            what = f"one of {len(target.classes):,} classes" if target.classes else "a number"
            if target.classes or several:
                reasons[target.name] = f"{word}: {what}."
    shares = _shares(labels, plan.rows, len(preprocessor.classes))
    made = Look(becomes, reasons, preprocessor.classes, shares, plan.notes, findings, pictures, varied, array)
    if len(preprocessor.targets) < 2:
        return made
    of_targets = {}
    for one in each_target(preprocessor):
        own = _shares(_labels(cleaned.frame, one), plan.rows, len(one.classes))
        of_targets[one.target.name] = (one.classes, own)
    return replace(made, of_targets=of_targets)


def sample_becomes(frame: pd.DataFrame, preprocessor: Preprocessor) -> dict[str, str]:
    """For each input, and the target, one raw value and the numbers it becomes."""
    head = frame.head(HEAD)
    try:
        numbers = preprocessor.transform(head)
    except WorkbenchError:
        return {}
    made: dict[str, str] = {}
    at = 0
    for column in preprocessor.columns:
        cells = head[column.name]
        row = _first_known(cells)
        if column.image is not None:
            image = column.image
            made[column.name] = f"{image.height} × {image.width} × {image.channels} numbers"
            continue
        values = numbers[row, at : at + column.width]
        made[column.name] = f"{_raw(cells, row)} → {show_numbers(values)}"
        at += column.width
    for one in each_target(preprocessor):
        target = one.target
        if target.name not in head.columns or target.task == TASK:
            continue
        cells = head[target.name]
        row = _first_known(cells)
        y, _ = one.encode_target(cells.iloc[row : row + 1])
        if target.task == "classification":
            number = int(np.asarray(y).reshape(-1)[0])
            made[target.name] = f"{_raw(cells, row)} → class {number + 1} of {len(target.classes)}"
        else:
            made[target.name] = f"{_raw(cells, row)} → {show_numbers(np.asarray(y).reshape(-1))}"
    return made


def show_numbers(values: np.ndarray) -> str:
    """A few numbers in a row; of a long one-hot only where the one is."""
    if len(values) <= MOST_NUMBERS:
        return "  ".join(figures.figure(float(v)) for v in values)
    ones = np.flatnonzero(values)
    if len(ones) == 1:
        return f"place {ones[0] + 1} of {len(values)}"
    return f"{len(values):,} numbers, all 0" if not len(ones) else f"{len(values):,} numbers"


def _first_known(cells: Any) -> int:
    known = np.flatnonzero(cells.notna().to_numpy())
    return int(known[0]) if len(known) else 0


def _raw(cells: Any, row: int) -> str:
    return shortened(figures.cell(cells.iloc[row]), 24)


def _labels(frame: pd.DataFrame, preprocessor: Preprocessor) -> np.ndarray:
    target = preprocessor.target
    if target is None or target.task != "classification":
        return np.zeros(0, np.int32)
    return np.asarray(preprocessor.encode_target(frame[target.name])[0]).reshape(-1)


def _shares(labels: np.ndarray, rows: Mapping[str, np.ndarray], classes: int) -> dict[str, np.ndarray]:
    if not len(labels) or not classes:
        return {}
    made = {}
    for part, places in rows.items():
        own = labels[places]
        made[part] = np.bincount(own[own >= 0], minlength=classes)
    return made


def _findings(dataset: Any, cleaned: Any, profile: Any, features: Features, rows: Any) -> tuple[Any, ...]:
    from workbench.core.data.audit import audit_images
    from workbench.core.data.audit_pictures import alike_pictures

    if dataset.kind == "images":
        if features.task == TASK:
            return tuple(alike_pictures(dataset, rows)) if rows is not None else ()
        labels = np.asarray(dataset.labels)
        return tuple(audit_images(labels, dataset.classes, rows, dataset, features.balance))
    if dataset.kind == "sequences":
        from workbench.core.data.sequence_audit import audit_series

        return audit_series(dataset, profile, features, rows)
    return findings_of(cleaned, profile, features, lambda: rows) if cleaned is not None else ()


def _pictures(dataset: Any, preprocessor: Preprocessor) -> tuple[Any, ...]:
    """Three pictures of different classes, where there are as many."""
    labels = np.asarray(dataset.labels)
    chosen: list[int] = []
    for k in range(len(dataset.classes)):
        found = np.flatnonzero(labels == k)
        if len(found) and len(chosen) < 3:
            chosen.append(int(found[0]))
    chosen += [i for i in range(min(3, len(labels))) if i not in chosen][: 3 - len(chosen)]
    made = []
    for number in chosen:
        try:
            raw = dataset.raw(number)
            made.append((dataset.name(number), dataset.thumbnail(number, 192), preprocessor.image(raw)))
        except WorkbenchError:  # the gallery of the Data page names pictures that cannot be decoded
            continue
    return tuple(made)


def _some(dataset: Any, preprocessor: Preprocessor, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """A few pictures from all over the training part, as the network sees them."""
    made = []
    for number in rows[np.linspace(0, len(rows) - 1, min(VARIED, len(rows))).astype(int)] if len(rows) else ():
        try:
            made.append(preprocessor.image(dataset.raw(int(number))))
        except WorkbenchError:
            continue
    return tuple(made)
