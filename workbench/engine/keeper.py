"""The best weights so far and the rule of early stopping, the same in Python and inside a compiled loop.

All comparisons are made in float32, so that both ways decide alike to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from workbench.core.monitors import rises, watched
from workbench.core.project import EarlyStopping
from workbench.core.units import Units

from .control import look

OWN = Units()


@dataclass(frozen=True)
class Rule:
    """What is watched. monitor: a name in an epoch's logs. sign: +1 less is better, -1 more is better.
    patience below 0: never stops."""

    monitor: str
    sign: float
    patience: int
    min_delta: float


def rule(early: EarlyStopping, names: tuple[str, ...], validated: bool, units: Units = OWN) -> tuple[Rule, str]:
    """The rule of a run, and a word for the person where it is not what they chose (core.monitors).

    It watches what Keras computes; the least change that counts is given in the units of the person.
    """
    monitor, note = watched(early, names, validated)
    sign = -1.0 if rises(monitor) else 1.0
    return Rule(
        monitor, sign, early.patience if early.enabled else -1, abs(early.min_delta) / units.factor(monitor)
    ), note


@dataclass(frozen=True)
class Standing:
    """best: of the watched value times the rule's sign; reference: the value early stopping counts from; wait: epochs
    since then; epoch: of the best, -1 when there is none."""

    best: float = float("inf")
    epoch: int = -1
    reference: float = float("inf")
    wait: int = 0


class Keeper:
    """Holds a copy of the model's variables at the best epoch, on the device where they are; in this process' own
    memory where several devices have them (on_host)."""

    def __init__(self, model: keras.Model, rule: Rule, *, on_host: bool = False) -> None:
        self.rule = rule
        self.standing = Standing()
        self.changed = False  # since it was last written to disk
        self._model = model
        self._held = _host(model) if on_host else None
        self._variables = [] if on_host else [v.value for v in model.variables]
        self.shadows = [tf.Variable(v, trainable=False) for v in self._variables]
        self._copy = tf.function(self.copy, autograph=False)

    def begin(self, rule: Rule) -> None:
        """Be as newly made, for the variables of this moment."""
        self.rule, self.standing = rule, Standing()
        self.keep()
        self.changed = False

    def keep(self) -> None:
        """Keep the variables of this moment."""
        if self._held is None:
            self._copy()
        else:
            self._held = _host(self._model)
        self.changed = True

    def copy(self) -> None:
        """The same inside compiled loops."""
        for shadow, variable in zip(self.shadows, self._variables, strict=True):
            shadow.assign(tf.identity(variable))

    def epoch_ended(self, epoch: int, value: float) -> tuple[bool, bool]:
        """Decide after an epoch: (is it the best so far, shall the run stop)."""
        signed = np.float32(value) * np.float32(self.rule.sign)
        held = self.standing
        best = bool(signed < np.float32(held.best))
        if best:
            self.keep()
        if signed < np.float32(held.reference) - np.float32(self.rule.min_delta):
            reference, wait = float(signed), 0
        else:
            reference, wait = held.reference, held.wait + 1
        self.standing = Standing(float(signed) if best else held.best, epoch if best else held.epoch, reference, wait)
        return best, self.waited_enough

    @property
    def waited_enough(self) -> bool:
        """Whether early stopping ends the run."""
        return 0 <= self.rule.patience <= self.standing.wait and self.standing.wait > 0

    def swept(self, standing: Standing, best: bool) -> None:
        """A compiled loop over epochs has kept and decided by itself."""
        self.standing = standing
        self.changed = self.changed or best

    def held(self) -> Sequence[Any]:
        """The kept variables, in the order of model.variables: as they are, or host copies of them."""
        return self.shadows if self._held is None else self._held

    def arrays(self) -> list[np.ndarray]:
        """Host copies of the kept variables, in the order of model.variables."""
        return [shadow.numpy() for shadow in self.shadows] if self._held is None else list(self._held)

    def restore(self, arrays: Sequence[np.ndarray], standing: Standing) -> None:
        """Go on from a checkpoint."""
        self.standing = standing
        if self._held is None:
            for shadow, array in zip(self.shadows, arrays, strict=True):
                shadow.assign(array)
                look()
        else:
            self._held = list(arrays)
        self.changed = standing.epoch >= 0


def _host(model: keras.Model) -> list[np.ndarray]:
    return [np.array(v.numpy()) for v in model.variables]
