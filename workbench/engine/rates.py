"""The learning rate of a compiled model, read and changed while it trains, be it a number or a schedule."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from workbench.core.project import Plateau


class Adjustable(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule times a factor that is 1 until a person, or a plateau, changes the rate. The shape of the schedule
    stays: a rate that is set to half of what it is will be half of what it would have been from then on."""

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.schedule = schedule
        self.factor = tf.Variable(1.0, trainable=False, dtype=tf.float32)

    def __call__(self, step: Any) -> Any:
        return tf.cast(self.schedule(step), tf.float32) * self.factor

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


def rate(model: keras.Model) -> float:
    """The learning rate of the next step."""
    return of(model.optimizer)


def of(optimizer: Any) -> float:
    """The same of an optimizer."""
    return float(inner(optimizer).learning_rate.numpy())


def set_rate(model: keras.Model, value: float) -> None:
    """Let the next step have this rate."""
    optimizer = inner(model.optimizer)
    schedule = optimizer._learning_rate
    if isinstance(schedule, Adjustable):
        plain = float(schedule.schedule(optimizer.iterations))
        schedule.factor.assign(value / plain if plain else 1.0)
    else:
        optimizer.learning_rate = value


def factor(model: keras.Model) -> float:
    """What the schedule is multiplied by; 1 without one."""
    schedule = inner(model.optimizer)._learning_rate
    return float(schedule.factor.numpy()) if isinstance(schedule, Adjustable) else 1.0


def set_factor(model: keras.Model, value: float) -> None:
    """Put back a factor that was saved."""
    schedule = inner(model.optimizer)._learning_rate
    if isinstance(schedule, Adjustable):
        schedule.factor.assign(value)


def on_plateau(rule: Plateau, plateau: tuple[float, int], value: float, rate: float) -> tuple[tuple[float, int], float]:
    """(what the next epoch is compared with and for how many it waits, the rate from here on) after an epoch.

    plateau: the same after the epoch before. value: of the monitor, less is better.
    """
    best, waited = plateau
    best, waited = (value, 0) if value < best else (best, waited + 1)
    if waited < max(1, rule.patience):
        return (best, waited), rate
    return (best, 0), min(rate, max(rate * rule.factor, rule.lowest))


def averages(model: keras.Model) -> bool:
    """Whether the optimizer keeps a moving average of the weights (`use_ema`), which is what is validated and kept."""
    return bool(getattr(inner(model.optimizer), "use_ema", False))


class Averaged:
    """Exchanges the weights for their moving averages and back."""

    def __init__(self, model: keras.Model) -> None:
        averages = inner(model.optimizer)._model_variables_moving_average
        self._pairs = [(v.value, a.value) for v, a in zip(model.trainable_variables, averages, strict=True)]
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
