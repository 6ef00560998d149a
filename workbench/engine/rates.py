"""The learning rate of a compiled model, read and changed while it trains, be it a number or a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from workbench.core.project import Plateau

GONE = 1e-3  # of a rate that is wanted: a schedule that gives less has ended, and no factor brings it back


class Adjustable(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule times a factor that is 1 until a person, or a plateau, changes the rate. The shape of the schedule
    stays: a rate that is set to half of what it is will be half of what it would have been from then on. Where the
    schedule has ended (at 0, no factor does anything) the rate is `held` from there on; below 0 it is not.

    origin: steps of the optimizer before the schedule began, of a run that took the state of another.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.schedule = self.built = schedule
        self.factor = tf.Variable(1.0, trainable=False, dtype=tf.float32)
        self.held = tf.Variable(-1.0, trainable=False, dtype=tf.float32)
        self.origin = tf.Variable(0, trainable=False, dtype=tf.int64)

    def plain(self, step: Any) -> Any:
        """What the schedule gives by itself at a step of the optimizer."""
        return tf.cast(self.schedule(tf.cast(step, tf.int64) - self.origin), tf.float32)

    def __call__(self, step: Any) -> Any:
        return tf.where(self.held < 0, self.plain(step) * self.factor, self.held)

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule)}


def inner(optimizer: Any) -> Any:
    """The optimizer itself, also where Keras has wrapped it to scale the loss."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def steps_done(model: keras.Model) -> tf.Tensor:
    """How many steps the optimizer has taken, also where it adds up the gradients of several (Keras' `iterations` is
    then no variable, and counts the changes of the weights)."""
    return inner(model.optimizer)._iterations.value


def scheduled(model: keras.Model) -> bool:
    """Whether the rate follows a schedule."""
    return isinstance(inner(model.optimizer)._learning_rate, Adjustable)


def rate(model: keras.Model, ago: int = 0) -> float:
    """The learning rate of the next step. ago: by its schedule, so many steps before that."""
    optimizer = inner(model.optimizer)
    if ago and scheduled(model):
        return float(optimizer._learning_rate(optimizer._iterations - ago))
    return of(optimizer)


def of(optimizer: Any) -> float:
    """The same of an optimizer."""
    return float(inner(optimizer).learning_rate.numpy())


def set_rate(model: keras.Model, value: float) -> bool:
    """Let the next step have this rate. True where a schedule has ended, so that the rate stays this from here on."""
    optimizer = inner(model.optimizer)
    schedule = optimizer._learning_rate
    if not isinstance(schedule, Adjustable):
        optimizer.learning_rate = value
        return False
    plain = float(schedule.plain(optimizer._iterations))
    ended = plain < GONE * value or float(schedule.held.numpy()) >= 0
    schedule.held.assign(value if ended else -1.0)
    if not ended:
        schedule.factor.assign(value / plain)
    return ended


def kept(model: keras.Model) -> dict[str, Any]:
    """What a place keeps of a schedule that was changed (checkpoints.Place), by its names there."""
    schedule = inner(model.optimizer)._learning_rate
    if not isinstance(schedule, Adjustable):
        return {"rate_factor": 1.0, "rate_held": -1.0, "rate_origin": 0}
    held, origin = float(schedule.held.numpy()), int(schedule.origin.numpy())
    return {"rate_factor": float(schedule.factor.numpy()), "rate_held": held, "rate_origin": origin}


def put_back(model: keras.Model, rate_factor: float = 1.0, rate_held: float = -1.0, rate_origin: int = 0) -> None:
    """Let a schedule be as it was kept."""
    schedule = inner(model.optimizer)._learning_rate
    if isinstance(schedule, Adjustable):
        schedule.factor.assign(rate_factor)
        schedule.held.assign(rate_held)
        schedule.origin.assign(rate_origin)


def as_built(model: keras.Model) -> None:
    """Let a schedule be as when the model was made."""
    put_back(model)
    schedule = inner(model.optimizer)._learning_rate
    if isinstance(schedule, Adjustable):
        schedule.schedule = schedule.built


def begin_schedule(model: keras.Model) -> None:
    """Let a schedule begin with the next step, however many the optimizer has done."""
    schedule = inner(model.optimizer)._learning_rate
    if isinstance(schedule, Adjustable):
        schedule.origin.assign(tf.cast(steps_done(model), tf.int64))


def refit(model: keras.Model, schedule: Any) -> None:
    """Follow another schedule. What was compiled has the one before: compile it anew."""
    own = inner(model.optimizer)._learning_rate
    assert isinstance(own, Adjustable)
    own.schedule = schedule


@dataclass(frozen=True)
class Wait:
    """For a lower rate. best: value that the next epoch is compared with, less is better; waited: epochs since then;
    resting: epochs of the cooldown that are left."""

    best: float = float("inf")
    waited: int = 0
    resting: int = 0


def on_plateau(rule: Plateau, wait: Wait, value: float, rate: float, least: float) -> tuple[Wait, float]:
    """The wait after an epoch, and the rate from here on; as Keras' ReduceLROnPlateau has it.

    value: of the figure, less is better. least: the change of it that counts.
    """
    resting = max(0, wait.resting - 1)
    waited = 0 if wait.resting else wait.waited
    if value < wait.best - least:
        return Wait(value, 0, resting), rate
    waited += 0 if resting else 1
    if resting or waited < max(1, rule.patience):
        return Wait(wait.best, waited, resting), rate
    lower = min(rate, max(rate * rule.factor, rule.lowest))
    return Wait(wait.best, 0, rule.cooldown if lower < rate else 0), lower


def averages(model: keras.Model) -> bool:
    """Whether the optimizer keeps a moving average of the weights (`use_ema`), which is what is validated and kept."""
    return bool(getattr(inner(model.optimizer), "use_ema", False))


def averaged_weights(model: keras.Model) -> list[tuple[Any, Any]]:
    """(weight, its moving average) of a model whose optimizer keeps them."""
    averages = inner(model.optimizer)._model_variables_moving_average
    return list(zip(model.trainable_variables, averages, strict=True))


class Averaged:
    """Exchanges the weights for their moving averages and back."""

    def __init__(self, model: keras.Model) -> None:
        self._pairs = [(v.value, a.value) for v, a in averaged_weights(model)]
        self._exchange = tf.function(self._exchanged, autograph=False)
        self.on = False

    def _exchanged(self) -> None:
        for weight, average in self._pairs:
            held = tf.identity(weight)
            with tf.control_dependencies([held]):
                weight.assign(tf.identity(average))
                average.assign(held)

    def set(self, on: bool) -> None:
        """Let the model have the averages, or its own weights again."""
        if on != self.on:
            self._exchange()
            self.on = on
