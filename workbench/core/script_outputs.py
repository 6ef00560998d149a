"""The parts of a Keras script that differ where a network answers several questions: an output for each target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .class_metrics import takes_one_hot
from .class_weights import weighed_target, weights_of
from .facts import DataFacts, TargetFacts
from .objectives import as_one_hot, on_one_hot, resolve_training
from .outputs import loss_weight, outputs_in_order, own_train
from .project import Node, Project, TrainSpec
from .script_words import number, quoted
from .wiring import closing_dense, output_activation


@dataclass(frozen=True)
class End:
    """One output of the script. train: the settings with its own loss and metrics; loss, metrics: by Keras' names.
    class_weights: what a row of each class counts, empty where all count alike. units: numbers a row."""

    node: Node
    target: TargetFacts
    train: TrainSpec
    loss: str
    metrics: tuple[str, ...]
    class_weights: tuple[float, ...] = ()
    units: int = 1

    @property
    def one_hot(self) -> bool:
        """Whether the loss takes classes as one number each, as the focal one does, or a metric, as F1 of several."""
        return on_one_hot(self.train) or _measured_on_one_hot(self.target, self.units, self.metrics)


def _measured_on_one_hot(target: TargetFacts, units: int, metrics: Sequence[str]) -> bool:
    return target.task == "classification" and any(takes_one_hot(name, units) for name in metrics)


def ends(project: Project, facts: DataFacts) -> tuple[End, ...]:
    """The outputs in the order of the targets."""
    graph, several, weighed = project.graph, bool(facts.more), weighed_target(facts.targets)
    made: list[End] = []
    for node, target in outputs_in_order(graph, facts):
        own = own_train(node, project.train, several)
        dense, count = closing_dense(graph, node.id), max(len(target.classes), 1)
        units = int(dense.params.get("units", count)) if dense is not None else count
        loss, metrics, _ = resolve_training(target.task, units, output_activation(graph, node.id), target.classes, own)
        if _measured_on_one_hot(target, units, metrics):  # Keras' metrics are given what the loss is given
            loss, metrics = as_one_hot(loss, metrics)
        by_class = (
            weights_of(target, project.train)
            if weighed is not None and target.name == weighed.name
            else target.class_weights
        )
        made.append(End(node, target, own, loss, metrics, by_class, units))
    return tuple(made)


def names_of(found: Sequence[End]) -> tuple[str, ...]:
    """The figures of a run as Keras names them."""
    return ("loss", *(f"{e.node.name}_{name}" for e in found for name in ("loss", *e.metrics)))


def head_lines(found: Sequence[End]) -> list[str]:
    """What the outputs mean, as a constant of the script."""
    lines = [
        "# What each output says: one probability a class (with a single unit, that of the last), or a number that"
    ]
    lines += ["# is output * scale + offset in the units of its column.", "OUTPUTS = {"]
    for end in found:
        target = end.target
        lines += [f"    {quoted(end.node.name)}: {{", f'        "column": {quoted(target.name)},']
        if target.task == "classification":
            lines += _listed("classes", [quoted(c) for c in target.classes])
            lines += _listed("class_weights", [number(w) for w in end.class_weights]) if end.class_weights else []
        else:
            lines += [f'        "scale": {number(target.scale)},', f'        "offset": {number(target.offset)},']
        lines += ["    },"]
    return [*lines, "}"]


def _listed(name: str, words: Sequence[str]) -> list[str]:
    return [f'        "{name}": [', *(f"            {word}," for word in words), "        ],"]


def load_lines(found: Sequence[End]) -> list[str]:
    """The targets of each output out of the prepared array, in which each has a column."""
    lines = ['        columns = data[part + "_y"]', "        y = {"]
    for place, end in enumerate(found):
        text = f"columns[:, {place}:{place + 1}]"
        if end.target.task == "classification":
            text = f'columns[:, {place}].astype("int32")'
        if end.one_hot:
            text = f"keras.utils.to_categorical({text}, {len(end.target.classes)})"
        lines.append(f"            {quoted(end.node.name)}: {text},")
    return [*lines, "        }"]


def by_output(keyword: str, found: Sequence[End], word: Callable[[End], str]) -> list[str]:
    """An argument of compile that has a value for each output."""
    lines = [f"        {keyword}={{"]
    lines += [f"            {quoted(end.node.name)}: {word(end)}," for end in found]
    return [*lines, "        },"]


def weighs(found: Sequence[End]) -> bool:
    """Whether the losses do not all count alike."""
    return any(loss_weight(end.node) != 1.0 for end in found)


def row_weights(found: Sequence[End], *, given: bool) -> list[str]:
    """What each training row counts for each output, where classes do not count alike; Keras has class_weight for a
    single output only. given: rows have weights of their own, called weights."""
    if not any(end.class_weights for end in found):
        return []
    lines = ["    weights = {"]
    for end in found:
        name = quoted(end.node.name)
        rows = "weights" if given else f"np.ones(len(y[{name}]))"
        if end.class_weights:
            classes = f"y[{name}].argmax(axis=1)" if end.one_hot else f"y[{name}]"
            lines += [f'        {name}: np.array(OUTPUTS[{name}]["class_weights"])[', f"            {classes}"]
            lines += [f"        ]{' * weights' if given else ''},"]
            continue
        lines.append(f"        {name}: {rows},")
    return [*lines, "    }"]
