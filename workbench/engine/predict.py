"""Answers in milliseconds: a compiled function per run, and the weights of the moment while a run trains.

While a run trains, predictions come from a second model of the same graph; the training thread copies its weights
over between two calls of the loop while somebody asks. So neither waits for the other, and no answer is torn between
two steps.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts
from workbench.core.outputs import outputs_in_order
from workbench.core.project import Graph

from . import assemble, checkpoints
from .encoding import Encoding, encoding

BATCH = 256
FEW = 16
KEPT = 3  # models of runs held ready
INTEREST_SECONDS = 1.0  # after a request the live weights are kept fresh for so long


class Predictor:
    """A model behind a compiled function. Used on one thread at a time."""

    def __init__(self, model: keras.Model, coding: Encoding) -> None:
        self.model = model
        self._coding = coding
        self._call = tf.function(self._answer, autograph=False, reduce_retracing=False)

    def _answer(self, raw: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return self._coding.answer(self.model(self._coding.x(raw), training=False))

    def predict(self, x: Mapping[str, np.ndarray]) -> np.ndarray:
        """Model answers (n, units) float32 for prepared inputs {name: (n, *shape)}.

        Three shapes are compiled: one row, a few, many; fewer rows are filled up to the next.

        Raises:
            TrainError: an input is missing or has another shape.
        """
        fed = self._checked(x)
        rows = len(next(iter(fed.values())))
        if rows == 1:
            return self._call({name: tf.constant(array) for name, array in fed.items()}).numpy()
        answers = [self._batch({name: a[at : at + BATCH] for name, a in fed.items()}) for at in range(0, rows, BATCH)]
        if answers:
            return np.concatenate(answers)
        widths = [int(np.prod(tensor.shape[1:])) for tensor in self.model.outputs]
        return np.zeros((0, sum(widths) + sum(one.pair for one in self._coding.several)), np.float32)

    def _batch(self, some: dict[str, np.ndarray]) -> np.ndarray:
        rows = len(next(iter(some.values())))
        size = next(s for s in (FEW, BATCH) if rows <= s)
        filled = {}
        for name, array in some.items():
            padding = np.zeros((size - rows, *array.shape[1:]), array.dtype)
            filled[name] = tf.constant(np.concatenate([array, padding]))
        return self._call(filled).numpy()[:rows]

    def _checked(self, x: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        fed = {}
        for _, info in self._coding.inputs:
            array = x.get(info.name)
            if array is None:
                raise TrainError("An input is missing.", where=info.name, remedy="Give a value for every input.")
            if array.ndim != len(info.shape) + 1 or array.shape[1:] != info.shape:
                raise TrainError(
                    f"The input has the shape {array.shape[1:]}; the model takes {info.shape}.", where=info.name
                )
            fed[info.name] = np.ascontiguousarray(array, info.dtype)
        if len({len(array) for array in fed.values()}) != 1:
            raise TrainError("The inputs have different numbers of rows.", where=", ".join(fed))
        return fed


def predictor(model: keras.Model, graph: Graph, facts: DataFacts) -> Predictor:
    """A predictor for a model of that graph."""
    outputs = [(node.name, target.task, "") for node, target in outputs_in_order(graph, facts)] or [("", "", "")]
    return Predictor(model, encoding(model, assemble.bindings(model, graph, facts), outputs))


class Predictors:
    """The few runs that were asked last, ready to answer. One thread at a time."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str, int], Predictor] = OrderedDict()

    def of_run(self, folder: Path, checkpoint: str = "best") -> Predictor:
        """The predictor with the weights of a run as they are on disk now; see checkpoints.weights_file.

        Raises:
            TrainError: the run has no weights. ProjectError: it cannot be read.
        """
        key = (str(folder), checkpoint, checkpoints.weights_file(folder, checkpoint).stat().st_mtime_ns)
        if key not in self._held:
            for stale in [k for k in self._held if k[:2] == key[:2]]:
                del self._held[stale]
            model = checkpoints.load_model(folder, checkpoint)
            self._held[key] = predictor(model, runs.read_project(folder).graph, runs.read_facts(folder))
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return self._held[key]


class LiveModel:
    """The weights of a training run for those who ask meanwhile. Shared by the training thread and one worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._predictor: Predictor | None = None
        self._copy: tf.types.experimental.GenericFunction | None = None
        self._source: keras.Model | None = None
        self._wanted_until = 0.0

    def lend(self, model: keras.Model) -> None:
        """On the training thread, between two calls of the loop: copy the weights while somebody asks."""
        self._source = model
        if self._copy is not None and time.monotonic() < self._wanted_until:
            with self._lock:
                self._copy()

    def predict(self, x: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """On the worker: answers with weights at most one call of the loop old; None before training has begun."""
        source = self._source
        if source is None:
            return None
        now = time.monotonic()
        lapsed, self._wanted_until = now >= self._wanted_until, now + INTEREST_SECONDS
        if self._predictor is None:
            self._prepare(source)
        elif lapsed and self._copy is not None:
            # Nobody asked for a while, so nobody copied. A step more or less in some layer does no harm.
            with self._lock:
                self._copy()
        assert self._predictor is not None
        with self._lock:
            return self._predictor.predict(x)

    def _prepare(self, source: keras.Model) -> None:
        project, facts = runs.read_project(self.folder), runs.read_facts(self.folder)
        model = assemble.build(project.graph, facts, project.train.seed)
        pairs = list(zip(model.variables, source.variables, strict=True))

        def copy() -> None:
            for mine, theirs in pairs:
                mine.assign(theirs.value)

        with self._lock:
            compiled = tf.function(copy, autograph=False)
            compiled()
            self._predictor = predictor(model, project.graph, facts)
            self._copy = compiled
