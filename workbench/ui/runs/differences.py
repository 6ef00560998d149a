"""What differs between the projects of some runs, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from workbench.core.catalog import load_catalog
from workbench.core.project import ColumnFeature, DataSpec, Features, Graph, ImageFeature, Project, Step
from workbench.core.runs import RunRecord
from workbench.core.sharing import owner

MEANWHILE = "While it trained"
NONE = "–"
Events = Sequence[tuple[int, str]]
"""Of one run: (global step, what was changed at it, in words), as its history has them."""


@dataclass(frozen=True)
class Difference:
    """One thing: where it is ("Training", "Model", "Features", "Cleaning", "Data", "While it trained"), what, and its
    value in each run, in order."""

    part: str
    what: str
    values: tuple[str, ...]


def told_apart(records: Sequence[RunRecord]) -> dict[str, str]:
    """Names for narrow places, by the run's id: folds by their folds alone, as what comes before would leave no room
    for it; of several cross-validations with its last word, "1 · fold 2", where that tells them apart."""
    folds = {r.id: r.name.rpartition(", ") for r in records if r.group and ", " in r.name}
    heads = {head for head, _, _ in folds.values()}
    last = {head: head.split(" ")[-1] for head in heads}
    if len(records) < 2 or len(set(last.values())) < len(heads):
        return {r.id: r.name for r in records}
    told = {i: fold if len(heads) == 1 else f"{last[head]} · {fold}" for i, (head, _, fold) in folds.items()}
    return {r.id: told.get(r.id, r.name) for r in records}


def differences(projects: Sequence[Project], events: Sequence[Events] = ()) -> tuple[Difference, ...]:
    """All differences that can change what is learnt; positions on the canvas do not count. events: of each run."""
    return tuple(
        Difference(part, what, tuple(map(show, values)))
        for part, found in (
            ("Training", _training(projects)),
            (MEANWHILE, _events(events)),
            ("Model", _model([p.graph for p in projects])),
            ("Features", _features([p.features for p in projects])),
            ("Cleaning", _recipe([p.recipe for p in projects])),
            ("Data", _data([p.data for p in projects])),
        )
        for what, values in found
    )


def show(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(show(v) for v in value) or NONE
    if isinstance(value, Mapping):
        if set(value) >= {"kind"}:
            return show(value["kind"])
        return ", ".join(f"{k} {show(v)}" for k, v in value.items()) or NONE
    return str(value)


Found = Iterator[tuple[str, Sequence[Any]]]


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values)


def _names(maps: Sequence[Mapping[str, Any] | None]) -> list[str]:
    """In the order in which they come first."""
    return list(dict.fromkeys(name for one in maps for name in one or {}))


def _changed(maps: Sequence[Mapping[str, Any] | None], prefix: str = "") -> Found:
    """None: this run has no such thing, and is not asked."""
    for name in _names(maps):
        if _differ([one.get(name) for one in maps if one is not None]):
            yield prefix + name.replace("_", " "), [None if one is None else one.get(name) for one in maps]


def _plain(record: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name not in ("extra", *leave_out)}


def _training(projects: Sequence[Project]) -> Found:
    left_out = ("optimizer_params", "early_stopping")
    settings = [p.train for p in projects]
    yield from _changed([_plain(one, left_out) for one in settings])
    given = {name for one in settings for name in one.optimizer_params}
    yield from _changed([{**_defaults(one.optimizer, given), **one.optimizer_params} for one in settings])
    yield from _changed([_plain(one.early_stopping) for one in settings], "early stopping: ")


def _defaults(optimizer: str, names: Iterable[str]) -> dict[str, Any]:
    """What an optimizer takes where nothing is chosen, of those of these settings that it has."""
    entry = load_catalog().optimizers.get(optimizer)
    return {name: found.default for name in names if entry is not None and (found := entry.field(name)) is not None}


def _events(runs: Sequence[Events]) -> Found:
    for step, text in sorted({event for events in runs for event in events}):
        values = [text if (step, text) in events else None for events in runs]
        if _differ(values):
            yield f"at step {step:,}" if step else "at its beginning", values


def _model(graphs: Sequence[Graph]) -> Found:
    blocks = [{n.name: n for n in graph.nodes} for graph in graphs]
    for name in _names(blocks):
        nodes = [one.get(name) for one in blocks]
        kinds = [None if node is None else node.kind for node in nodes]
        if _differ(kinds):
            yield name, kinds
        if len({kind for kind in kinds if kind is not None}) > 1:
            continue
        yield from _changed([None if node is None else node.params for node in nodes], f"{name}: ")
        owners = [None if n is None else {"layer of": owner(g, n).name} for g, n in zip(graphs, nodes, strict=True)]
        yield from _changed(owners, f"{name}: ")
    wires = [_wires(graph) for graph in graphs]
    if _differ(wires) and not _differ([set(one) for one in blocks]):
        yield "wires", [f"{len(one)}{'' if one == wires[0] else ', otherwise'}" for one in wires]


def _wires(graph: Graph) -> set[tuple[str, str, int]]:
    names = {n.id: n.name for n in graph.nodes}
    return {(names.get(w.source, ""), names.get(w.target, ""), w.port) for w in graph.wires}


def _features(features: Sequence[Features]) -> Found:
    yield from _changed([{"task": one.task} for one in features])
    columns = [{c.name: c for c in one.columns} for one in features]
    for name in _names(columns):
        values = [one.get(name) for one in columns]
        if _differ(values):
            yield name, [_column(value) for value in values]
    yield from _changed([_image(one.image) for one in features], "picture ")
    yield from _changed([{"balance": one.balance} for one in features])
    yield from _changed([_plain(one.augment) for one in features], "pictures varied: ")
    yield from _changed([_plain(one.split) if one.split else {} for one in features], "split: ")


def _column(column: ColumnFeature | None) -> str | None:
    if column is None:
        return None
    told = "".join(f", {name} {value}" for name, value in sorted(column.params.items()))
    return column.role if column.role == "ignore" else f"{column.role}, {column.encoder}{told}"


def _image(image: ImageFeature) -> dict[str, Any]:
    return _plain(image)


def _recipe(recipes: Sequence[tuple[Step, ...]]) -> Found:
    steps = [{s.id: s for s in recipe if s.enabled} for recipe in recipes]
    for step_id in _names(steps):
        values = [one.get(step_id) for one in steps]
        if _differ(values):
            kind = next(value.kind for value in values if value is not None)
            yield kind.replace("_", " "), [_step(value) for value in values]
    if _differ([list(one) for one in steps]) and not _differ([set(one) for one in steps]):
        yield "order of the steps", [[s.kind for s in one.values()] for one in steps]


def _step(step: Step | None) -> str | None:
    return None if step is None else show(dict(step.params)) if step.params else "yes"


def _data(specs: Sequence[DataSpec | None]) -> Found:
    left_out = ("csv", "params")
    yield from _changed([_plain(one, left_out) if one else {} for one in specs])
    yield from _changed([one.params if one else None for one in specs])
    yield from _changed([_plain(one.csv) if one else None for one in specs], "reading: ")
