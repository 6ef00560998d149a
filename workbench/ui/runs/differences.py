"""What differs between the projects of two runs, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from workbench.core.project import ColumnFeature, DataSpec, Features, Graph, ImageFeature, Project, Step
from workbench.core.sharing import owner


@dataclass(frozen=True)
class Difference:
    """One thing: where it is ("Training", "Model", "Features", "Cleaning", "Data"), what, and its two values."""

    part: str
    what: str
    first: str
    second: str


def differences(a: Project, b: Project) -> tuple[Difference, ...]:
    """All differences that can change what is learnt; positions on the canvas do not count."""
    return tuple(
        Difference(part, what, show(one), show(two))
        for part, found in (
            ("Training", _training(a, b)),
            ("Model", _model(a.graph, b.graph)),
            ("Features", _features(a.features, b.features)),
            ("Cleaning", _recipe(a.recipe, b.recipe)),
            ("Data", _data(a.data, b.data)),
        )
        for what, one, two in found
    )


def show(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(show(v) for v in value) or "–"
    if isinstance(value, Mapping):
        if set(value) >= {"kind"}:
            return show(value["kind"])
        return ", ".join(f"{k} {show(v)}" for k, v in value.items()) or "–"
    return str(value)


Found = Iterator[tuple[str, Any, Any]]


def _changed(a: Mapping[str, Any], b: Mapping[str, Any], prefix: str = "") -> Found:
    for name in dict.fromkeys((*a, *b)):
        if a.get(name) != b.get(name):
            yield prefix + name.replace("_", " "), a.get(name), b.get(name)


def _plain(record: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    return {f.name: getattr(record, f.name) for f in fields(record) if f.name not in ("extra", *leave_out)}


def _training(a: Project, b: Project) -> Found:
    left_out = ("optimizer_params", "early_stopping")
    yield from _changed(_plain(a.train, left_out), _plain(b.train, left_out))
    yield from _changed(a.train.optimizer_params, b.train.optimizer_params)
    yield from _changed(_plain(a.train.early_stopping), _plain(b.train.early_stopping), "early stopping: ")


def _model(a: Graph, b: Graph) -> Found:
    one, two = {n.name: n for n in a.nodes}, {n.name: n for n in b.nodes}
    for name in dict.fromkeys((*one, *two)):
        first, second = one.get(name), two.get(name)
        if first is None or second is None:
            yield name, first.kind if first else None, second.kind if second else None
        elif first.kind != second.kind:
            yield name, first.kind, second.kind
        else:
            yield from _changed(first.params, second.params, f"{name}: ")
            yield from _changed({"layer of": owner(a, first).name}, {"layer of": owner(b, second).name}, f"{name}: ")
    if _wires(a) != _wires(b) and set(one) == set(two):
        yield "wires", f"{len(a.wires)}", f"{len(b.wires)}, otherwise"


def _wires(graph: Graph) -> set[tuple[str, str, int]]:
    names = {n.id: n.name for n in graph.nodes}
    return {(names.get(w.source, ""), names.get(w.target, ""), w.port) for w in graph.wires}


def _features(a: Features, b: Features) -> Found:
    yield from _changed({"task": a.task}, {"task": b.task})
    one, two = {c.name: c for c in a.columns}, {c.name: c for c in b.columns}
    for name in dict.fromkeys((*one, *two)):
        if one.get(name) != two.get(name):
            yield name, _column(one.get(name)), _column(two.get(name))
    yield from _changed(_image(a.image), _image(b.image), "picture ")
    yield from _changed({"balance": a.balance}, {"balance": b.balance})
    yield from _changed(_plain(a.augment), _plain(b.augment), "pictures varied: ")
    yield from _changed(_plain(a.split) if a.split else {}, _plain(b.split) if b.split else {}, "split: ")


def _column(column: ColumnFeature | None) -> str | None:
    if column is None:
        return None
    told = "".join(f", {name} {value}" for name, value in sorted(column.params.items()))
    return column.role if column.role == "ignore" else f"{column.role}, {column.encoder}{told}"


def _image(image: ImageFeature) -> dict[str, Any]:
    return _plain(image)


def _recipe(a: tuple[Step, ...], b: tuple[Step, ...]) -> Found:
    one, two = {s.id: s for s in a if s.enabled}, {s.id: s for s in b if s.enabled}
    for step_id in dict.fromkeys((*one, *two)):
        first, second = one.get(step_id), two.get(step_id)
        if first != second:
            yield ((first or second).kind.replace("_", " "), _step(first), _step(second))  # type: ignore[union-attr]
    if list(one) != list(two) and set(one) == set(two):
        yield "order of the steps", [s.kind for s in one.values()], [s.kind for s in two.values()]


def _step(step: Step | None) -> str | None:
    return None if step is None else show(dict(step.params)) if step.params else "yes"


def _data(a: DataSpec | None, b: DataSpec | None) -> Found:
    left_out = ("csv", "params")
    yield from _changed(_plain(a, left_out) if a else {}, _plain(b, left_out) if b else {})
    if a is not None and b is not None:
        yield from _changed(a.params, b.params)
        yield from _changed(_plain(a.csv), _plain(b.csv), "reading: ")
