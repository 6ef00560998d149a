"""The figures above the curves, decided without Qt: what a run says of itself right now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.core.units import Units
from workbench.core.wording import plural
from workbench.ui import readable
from workbench.ui.live_run import recent
from workbench.ui.train.findings import ENDED

OWN = Units()


@dataclass(frozen=True)
class Tile:
    """One figure with its name. hint: what it means, for the tooltip."""

    key: str
    name: str
    value: str
    hint: str = ""


STATES = {
    "preparing": "Preparing the data",
    "tracing": "Tracing the model: TensorFlow compiles the training step",
    "running": "Training",
    "paused": "Paused",
    "stopping": "Stopping",
    "interrupted": "Interrupted: the engine ended",
    "finished": "Finished",
    "early_stopped": "Stopped early: it no longer got better",
    "stopped": "Stopped by hand",
    "aborted": "Ended by hand",
    "failed": "Failed",
}


def in_words(state: str, text: str, mode: str, device: str) -> str:
    """The state of a run in one line: what is going on, how, and where."""
    said = (text or STATES.get(state, state)).rstrip(".")
    details = [part for part in (mode, device) if part]
    return " · ".join([said, *details])


def tiles(
    state: str,
    epoch: int,
    epochs: int,
    batches: Mapping[str, np.ndarray],
    logs: Mapping[str, np.ndarray],
    samples_per_second: float,
    seconds_left: float,
    seconds: float = math.nan,
    units: Units = OWN,
    chosen: str = "",
    outputs: Mapping[str, str] = readable.NONE,
    of_fold: bool = False,
) -> tuple[Tile, ...]:
    """The figures of a run.

    chosen: the metric that is looked at, "" for the first. outputs: of several, the target of each by its name.

    epoch: the one under way from 0, or how many are done when it has ended. units: in which the errors of a regression
    are. of_fold: the run is one of a cross-validation.
    """
    scaled = ""
    if units.scale != 1.0:
        scaled = f" In scaled units: 1 is {units.scale:.4g} of {units.name} (its square where the loss is squared)."
    ended = state in ENDED or state == "interrupted"
    shown = min(epoch if ended or state == "preparing" else epoch + 1, epochs)
    names = tuple(logs) or tuple(batches)
    metric = chosen if chosen in names else readable.metric_shown(names)
    held_out = "val_loss" in logs or not any(len(column) for column in logs.values())
    found = [
        Tile("epoch", "epoch", f"{shown:,} / {epochs:,}", "One epoch is one pass over all training rows."),
        Tile(
            "loss",
            "loss",
            _last("loss", batches, logs, ended),
            f"What training makes small, on the training rows.{scaled}",
        ),
    ]
    if held_out:
        hint = f"The loss on held-out rows after each epoch: nothing is learned from them.{scaled}"
        found.append(Tile("val_loss", "val. loss", _last("val_loss", {}, logs, True), hint))
    if metric:
        word = readable.short(readable.output_of(metric, outputs)[1])  # of which output, the box above the curves says
        found.append(
            Tile(
                "metric",
                word,
                _last(metric, batches, logs, ended),
                f"{readable.with_unit(metric, units, outputs)}, training rows.",
            )
        )
    if metric and held_out:
        hint = f"{readable.with_unit(metric, units, outputs)} on held-out rows."
        found.append(Tile("val_metric", f"val. {word}", _last(f"val_{metric}", {}, logs, True), hint))
    found.append(
        Tile("rate", "samples/s", readable.rate(samples_per_second), "Training rows gone through in a second.")
    )
    if ended:
        found.append(Tile("time", "took", readable.duration(seconds), readable.TOOK))
    else:
        hint = (
            "Until the last epoch at this speed, with validation, saving and the scores of the test part. "
            "Early stopping may end it sooner; runs that wait come after it."
        )
        hint += " Of this fold alone; others follow or have been." if of_fold else ""
        found.append(
            Tile("time", "left of this fold" if of_fold else "time left", readable.duration(seconds_left), hint)
        )
    return tuple(found)


def _last(name: str, batches: Mapping[str, np.ndarray], logs: Mapping[str, np.ndarray], whole: bool) -> str:
    """The newest value: of the last batches while it trains (a short mean, that it can be read), else of the epoch."""
    column = logs.get(name) if whole else batches.get(name, logs.get(name))
    if column is None or not len(column):
        return "–"
    if whole or name != "loss":
        return readable.figure(float(column[-1]), name)
    return readable.figure(recent(column), name)


def plan_in_words(
    rows: int, batch_size: int, epochs: int, optimizer: str, rate: float | None, loss: str, kind: str = "table"
) -> str:
    """What pressing Train will do, before there is any run. kind: of the data, "table", "images" or "sequences"."""
    things = {"images": "pictures", "sequences": "windows"}.get(kind, "rows")
    steps = -(-rows // max(1, batch_size))
    passes = "once" if epochs == 1 else f"{epochs:,} times"
    goal = f" to make the {loss} small" if loss else ""
    speed = f" with learning rate {readable.learning_rate(rate)}" if rate is not None else ""
    return (
        f"It goes {passes} over {rows:,} training {things} in batches of {min(batch_size, max(rows, 1)):,}: "
        f"{plural(steps * epochs, 'step')}. {optimizer}{speed} changes the weights at each step{goal}. "
        "The curves appear here while it learns."
    )
