"""What a training row of each class counts: the weights typed for a run, over those of the features.

A typed weight replaces that of the class it names; every other class keeps what the features give it, 1 where they give
none. They are of the first target that has classes. One of a class that is no longer there counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from .facts import DataFacts, Problem, Repair, TargetFacts
from .project import Graph, TrainSpec

SETTING = "class_weights"
LONG = 24  # characters of a class that is named


def weighed_target(targets: Sequence[TargetFacts]) -> TargetFacts | None:
    """The target that typed weights are of: the first with classes; None where there is none."""
    return next((t for t in targets if t.task == "classification" and t.classes), None)


def weights_of(target: TargetFacts, train: TrainSpec) -> tuple[float, ...]:
    """What a row of each class of the weighed target counts; empty where all count alike."""
    typed = {name: value for name, value in train.class_weights.items() if name in target.classes}
    if not typed:
        return target.class_weights
    given = target.class_weights or (1.0,) * len(target.classes)
    return tuple(float(typed.get(name, own)) for name, own in zip(target.classes, given, strict=True))


def gone(targets: Sequence[TargetFacts], train: TrainSpec) -> tuple[str, ...]:
    """The classes that have a typed weight and are no longer there, renamed or merged, in order."""
    target = weighed_target(targets)
    return tuple(sorted(set(train.class_weights) - set(target.classes if target is not None else ())))


def gone_in_words(targets: Sequence[TargetFacts], train: TrainSpec) -> str:
    """What is to be said of weights without a class; "" where there are none."""
    lost = gone(targets, train)
    if len(lost) < 2:
        return f"A weight is typed for {_first(lost)}, which is no class any more: it has no effect." if lost else ""
    return f"Weights are typed for {_first(lost)} and {len(lost) - 1} more that are no classes any more: no effect."


def _first(names: Sequence[str]) -> str:
    name = names[0]
    return f"“{name if len(name) <= LONG else name[: LONG - 1] + '…'}”"


def weight_problems(graph: Graph, data: DataFacts, train: TrainSpec) -> list[Problem]:
    """What is wrong with the typed weights, each with the edit that mends it."""
    found = []
    lost, target = gone(data.targets, train), weighed_target(data.targets)
    if lost:
        title = "Drop this weight" if len(lost) == 1 else f"Drop these {len(lost)} weights"
        repair = Repair(title, graph, unweighed=lost)
        found.append(Problem("warning", gone_in_words(data.targets, train), setting=SETTING, repairs=(repair,)))
    weights = weights_of(target, train) if target is not None else ()
    if weights and not (min(weights) >= 0 and max(weights) > 0):
        drop = Repair("Drop the typed weights", graph, unweighed=tuple(sorted(train.class_weights)))
        text = "Class weights are 0 or above, and not all are 0."
        found.append(Problem("error", text, setting=SETTING, repairs=(drop,)))
    return found
