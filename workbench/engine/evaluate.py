"""Scores of a run on a part of prepared data: Keras' own metrics, and every answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError
from workbench.core.units import units_of
from workbench.link.messages import Evaluated

from . import assemble, checkpoints, devices
from .control import RunControl
from .feed import Feed
from .loop import Loops, Pace
from .modes import make_feed, reading
from .parts import open_part
from .predict import predictor
from .spread import Spread

BATCH = 256


def evaluate(folder: Path, part: str, prepared: str, control: RunControl, checkpoint: str = "best") -> Evaluated:
    """Score weights of a run (see checkpoints.weights_file) on "train", "validation" or "test" of its prepared data, or
    of the folder `prepared`. metrics: {"loss": ..., Keras metric names: ...} as model.evaluate gives them, the errors
    of a regression in the units of the run's figures; y: (n, units) float32.

    Raises:
        TrainError: no weights yet, or the part is empty. DataError: the arrays are gone. Cancelled: `control` ended.
    """
    project, facts, record = runs.read_project(folder), runs.read_facts(folder), runs.read_run(folder)
    data = open_part(Path(prepared or record.prepared), part, facts)
    if not data.rows:
        raise TrainError(
            f"The {part} part is empty.", where=part, remedy="Give it a share on the Features page, then train again."
        )
    place, _ = devices.resolve("cpu" if project.train.device == "cpu" else "auto")
    with tf.device(place):
        loss, metrics = record.loss, record.metrics
        if not loss:
            found = assemble.resolved(project.graph, facts, project.train)
            loss, metrics = found.loss, found.metrics
        made = assemble.assemble(project.graph, facts, project.train, loss, metrics)
        saved = checkpoints.load_weights(folder, checkpoint)
        checkpoints.assign(made.model.variables, saved, folder)
        feed = make_feed(data, made.encoding, BATCH, block=reading([data], Spread()))
        assemble.build_state(made.model, feed.sample())

        def between() -> None:
            if control.ending:
                raise Cancelled

        scores = score(made.model, feed, between)
        answers = predictor(made.model, project.graph, facts)
        pieces = []
        for at in range(0, data.rows, 8 * BATCH):
            if control.ending:
                raise Cancelled
            pieces.append(answers.predict({name: array[at : at + 8 * BATCH] for name, array in data.x.items()}))
    return Evaluated(units_of(record, facts).of(scores), np.concatenate(pieces), part)


def score(
    model: keras.Model, feed: Feed, between: Callable[[], None], spread: Spread | None = None
) -> dict[str, float]:
    """The metrics of a compiled model on all rows of a feed, as model.evaluate gives them.

    between: called between calls of the compiled loop (about 50 ms); a Cancelled it raises ends the scoring, on all
    machines where there are several: they call this at the same point.
    """
    loops, pace = Loops(model, feed, feed, xla=False, spread=spread), Pace()
    loops.reset_metrics()
    walk = feed.walk(np.arange(feed.rows))
    try:
        while (piece := walk.take(pace.steps)) is not None:
            began = time.perf_counter()
            loops.test_steps(*piece)
            pace.took(piece[2], time.perf_counter() - began)
            if loops.spread.workers == 1:
                between()
            else:
                pace.steps = _together(loops.spread, pace.steps, between)
    finally:
        walk.close()
    return loops.results()


def _together(spread: Spread, steps: int, between: Callable[[], None]) -> int:
    """The steps of the next call, as the first machine has them. Raises Cancelled when one of them wants to end."""
    over = False
    try:
        between()
    except Cancelled:
        over = True
    told = spread.sum(np.array([steps if spread.chief else 0, over], np.int64))
    if told[1]:
        raise Cancelled
    return int(told[0])
