"""How prepared arrays become what the model and its loss take, inside the compiled loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from workbench.core.augmentation import active
from workbench.core.facts import InputFacts
from workbench.core.project import Augmentation

from .augment import varied_input
from .spread import Share

AS_IT_IS = Augmentation()
REBUILT = "input"


@dataclass(frozen=True)
class Learnt:
    """What one output learns.

    name: of the output. kind, classes, class_weights: as Encoding says of target. pair: its one unit is the probability
    of the second of two classes.
    """

    name: str
    kind: str
    classes: int = 0
    class_weights: tuple[float, ...] = ()
    pair: bool = False

    def coded(self, raw: tf.Tensor) -> tf.Tensor:
        """Targets as the loss takes them, in the graph; not of an input that is rebuilt, which is its own target."""
        if self.kind == "onehot":
            return tf.one_hot(tf.cast(tf.reshape(raw, [-1]), tf.int32), self.classes, dtype=tf.float32)
        if self.kind == "column":
            return tf.reshape(tf.cast(raw, tf.float32), [tf.shape(raw)[0], -1])
        return tf.cast(tf.reshape(raw, [-1]) if len(raw.shape) > 1 else raw, tf.int32)

    def counts(self, y: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
        """What each row counts, by its class times its own weight; in the graph."""
        if not self.class_weights:
            return tf.ones([tf.shape(y)[0]]) if weights is None else weights
        by_class = tf.constant(self.class_weights, tf.float32)
        if self.kind == "onehot":
            counts = tf.linalg.matvec(y, by_class)
        else:
            counts = tf.gather(by_class, tf.cast(tf.reshape(y, [-1]), tf.int32))
        return counts if weights is None else counts * weights


@dataclass(frozen=True)
class Encoding:
    """How prepared arrays become what the model and its loss take.

    inputs: for each model input, in the model's order, its name in the model and what was prepared for it.
    target: "index" (int32 classes), "onehot" (float32 (n, classes)), "column" (float32 (n, 1)), "input" (what the model
        is given, scaled and varied, is what it is to give: float32 (n, *shape); the prepared y is not looked at).
    as_dict: the model takes a mapping by input name.
    class_weights: what a training row of each class counts in the loss; empty: all alike.
    several: of several outputs, each by its name, in the order of the targets; the three above are empty then.
    augment: how training pictures are varied; seed: of the run, from which what is drawn follows.
    """

    inputs: tuple[tuple[str, InputFacts], ...]
    target: str
    classes: int = 0
    as_dict: bool = False
    class_weights: tuple[float, ...] = ()
    augment: Augmentation = AS_IT_IS
    seed: int = 0
    several: tuple[Learnt, ...] = ()

    @property
    def varies(self) -> bool:
        """Whether training batches hold pictures that are varied."""
        return active(self.augment) and any(f.kind == "image" for _, f in self.inputs)

    def x(self, raw: Mapping[str, tf.Tensor]) -> Any:
        """Model inputs from prepared ones, in the graph: float32 x * scale + offset."""
        made = {}
        for name, facts in self.inputs:
            tensor = tf.cast(raw[facts.name], tf.float32)
            if facts.scale != 1.0:
                tensor = tensor * tf.constant(facts.scale, tf.float32)
            if facts.offset != 0.0:
                tensor = tensor + tf.constant(facts.offset, tf.float32)
            made[name] = tensor
        return self._fed(made)

    def _fed(self, made: dict[str, tf.Tensor]) -> Any:
        if self.as_dict:
            return made
        tensors = list(made.values())
        return tensors[0] if len(tensors) == 1 else tensors

    def varied(self, data: tuple[Any, ...], step: tf.Tensor, share: Share | None = None) -> tuple[Any, ...]:
        """(x, y) or (x, y, weights) of a training batch, or of a replica's share of it, with its pictures varied; in
        the graph.

        step: number of the training step.
        """
        if not self.varies:
            return data
        x, *told = data
        made = {}
        for i, (name, facts) in enumerate(self.inputs):
            tensor = x[name] if self.as_dict else x[i] if len(self.inputs) > 1 else x
            made[name] = varied_input(tensor, facts, self.augment, self.seed, step, share)
        if self.target == REBUILT:
            told[0] = next(iter(made.values()))
        return self._fed(made), *told

    @property
    def learnt(self) -> tuple[Learnt, ...]:
        """What is learnt, an output each."""
        return self.several or (Learnt("", self.target, self.classes, self.class_weights),)

    def data(self, raw: Mapping[str, tf.Tensor], told: tf.Tensor) -> tuple[Any, Any]:
        """(x, y) of a batch from prepared inputs and prepared targets, in the graph."""
        x = self.x(raw)
        return (x, tf.nest.flatten(x)[0]) if self.target == REBUILT else (x, self.y(told))

    def y(self, raw: tf.Tensor) -> Any:
        """Prepared targets of a batch as the loss takes them, in the graph: a tensor, or of several outputs one by
        name."""
        if not self.several:
            return self.learnt[0].coded(raw)
        return {one.name: one.coded(raw[:, i : i + 1]) for i, one in enumerate(self.several)}

    def weighed(self, data: tuple[Any, ...], factor: tf.Tensor | None = None) -> tuple[Any, ...]:
        """(x, y) or (x, y, weights) of a training batch, with what each row counts in the loss: its own weight times
        that of its class, by the name of each of several outputs; in the graph.

        factor: what every row counts besides, as a replica's share of a batch does; None for 1.
        """
        x, y, *own = data
        weights = own[0] if own else None
        if factor is not None:
            rows = tf.shape(tf.nest.flatten(y)[0])[0]
            weights = tf.fill([rows], factor) if weights is None else weights * factor
        if weights is not None and self.target == REBUILT and len(y.shape) > 2:
            # The loss of a picture is a number a pixel, and what the row counts must have as many axes.
            weights = tf.reshape(weights, [-1, *[1] * (len(y.shape) - 2)])
        if not any(one.class_weights for one in self.learnt):
            return (x, y) if weights is None else (x, y, weights)
        if not self.several:
            return x, y, self.learnt[0].counts(y, weights)
        return x, y, {one.name: one.counts(y[one.name], weights) for one in self.several}

    def answer(self, y: Any) -> tf.Tensor:
        """What the model says, float32 (n, units); of several outputs side by side in the order of the targets, with
        one unit for two classes as the probability of either; in the graph."""
        if not self.several:
            return _flat(y)
        pieces = [(one, _flat(y[one.name])) for one in self.several]
        return tf.concat([tf.concat([1.0 - p, p], 1) if one.pair else p for one, p in pieces], 1)


def _flat(y: tf.Tensor) -> tf.Tensor:
    y = tf.cast(y, tf.float32)
    return tf.reshape(y, [tf.shape(y)[0], -1])


def encoding(
    model: keras.Model, bindings: Mapping[str, InputFacts], outputs: Sequence[tuple[str, str, str]]
) -> Encoding:
    """The encoding for a model, what its inputs are bound to, and what it learns.

    outputs: name, task and resolved loss of each output, in the order of the targets.
    """
    inputs = tuple((tensor.name, bindings[tensor.name]) for tensor in model.inputs)
    as_dict = isinstance(model.input, dict)
    learnt = [_learnt(model, *output) for output in outputs]
    if len(learnt) == 1:
        return Encoding(inputs, learnt[0].kind, learnt[0].classes, as_dict)
    return Encoding(inputs, "", as_dict=as_dict, several=tuple(learnt))


def _learnt(model: keras.Model, name: str, task: str, loss: str) -> Learnt:
    shape = model.output[name].shape if isinstance(model.output, dict) else model.outputs[0].shape
    if task == "reconstruction":
        return Learnt(name, REBUILT)
    units = shape[-1] if len(shape) > 1 else 1
    if task != "classification" or units == 1:
        return Learnt(name, "column", pair=task == "classification")
    kind = "index" if loss.startswith("sparse_") or loss == "circle" else "onehot"
    return Learnt(name, kind, int(units))
