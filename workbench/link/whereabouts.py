"""Where a run is, by what it has told: for who lost its engine, which cannot say it any more."""

from __future__ import annotations

import math

from .messages import Batches, EpochEnded, Message, RunAdjusted, RunStarted


class Whereabouts:
    """Hears what a run tells. Not thread-safe."""

    def __init__(self) -> None:
        self._epoch = -1  # from 0; below that until it trains
        self._epochs = 0  # in all
        self._steps = 0  # of an epoch
        self._begin = 0  # global step the epoch began at
        self._step = 0  # the next one
        self._validates = False

    def hear(self, message: Message) -> None:
        """Something that the run tells."""
        if isinstance(message, RunStarted):
            self._epoch, self._step, self._steps = message.first_epoch, message.first_step, message.steps_per_epoch
            self._epochs = message.epochs
            self._begin = message.first_epoch * message.steps_per_epoch
            if not 0 <= self._step - self._begin <= self._steps:  # it had batches of another size before
                self._begin = self._step
        elif isinstance(message, RunAdjusted):
            within = message.epoch - math.floor(message.epoch)
            if message.steps_per_epoch != self._steps:
                self._begin = message.epoch_step - round(within * message.steps_per_epoch)
            self._steps, self._epochs = message.steps_per_epoch, message.epochs
        elif isinstance(message, Batches):
            self._epoch = message.epoch
            self._step = message.step + max((len(values) for values in message.values.values()), default=0)
        elif isinstance(message, EpochEnded):
            # told batches may reach into the next epoch
            self._epoch, self._begin = message.epoch + 1, min(self._step, self._begin + self._steps)
            self._validates = any(name.startswith("val_") for name in message.logs)

    def words(self) -> str:
        """For people: "epoch 3, about batch 40", "the validation of epoch 3"; "" before it trained."""
        if self._epoch < 0:
            return ""
        if self._epoch >= self._epochs > 0:  # it saved, or was scored
            return f"the end of epoch {self._epochs}"
        done = self._step - self._begin
        if done >= self._steps > 0:
            return f"the {'validation' if self._validates else 'end'} of epoch {self._epoch + 1}"
        return f"epoch {self._epoch + 1}, about batch {done + 1}"
