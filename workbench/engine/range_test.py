"""A range test: a model is trained for a hundred steps, each with a larger learning rate than the one before. It begins
with the weights that the run would begin with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from workbench.core.errors import Cancelled, TrainError
from workbench.link.messages import RatesTried, TryRates

from . import assemble, devices, modes, rates, start_weights
from .control import RunControl
from .loop import Loops
from .parts import open_part
from .spread import Spread
from .warmstart import weights_of

LOWEST, HIGHEST = 1e-6, 3.0
STEPS = 120
GONE = 4.0  # times the best loss: it has run away


def try_rates(asked: TryRates, control: RunControl) -> RatesTried:
    """Nothing is kept. The test ends where the loss has run away.

    Raises:
        WorkbenchError: it cannot be trained as it is, or the rate follows a schedule. Cancelled: `control` ended.
    """
    graph, facts, train = asked.graph, asked.data, asked.train
    place, device = devices.resolve("auto" if train.device == "all" else train.device)
    found = assemble.resolved(graph, facts, train)
    part = open_part(Path(asked.prepared), "train", facts)
    if not part.rows:
        raise TrainError("The training part is empty.", where="split", remedy="Give it a larger share.")
    tried: list[float] = []
    losses: list[float] = []
    with tf.device(place):
        made = assemble.assemble(graph, facts, train, found.loss, found.metrics)
        if rates.scheduled(made.model):
            raise TrainError(
                "The learning rate follows a schedule, so there is no one rate to find.",
                where="learning rate",
                remedy="Choose a plain number, find it, then put the schedule back.",
            )
        start_weights.put(made.model, graph, [Path(asked.home) / start_weights.FOLDER] if asked.home else [])
        if asked.begins:
            weights_of(made.model, graph, Path(asked.begins), asked.which)
        coding = replace(made.encoding, augment=asked.augment, seed=train.seed)
        feed = modes.make_feed(part, coding, train.batch_size, block=modes.reading([part], Spread()))
        assemble.build_state(made.model, feed.sample())
        loops = Loops(made.model, feed, None, xla=False)
        for number, rate in enumerate(np.geomspace(LOWEST, HIGHEST, STEPS).tolist()):
            if control.ending:
                raise Cancelled
            if number % feed.steps == 0:
                walk = feed.walk(feed.order(train.seed, number // feed.steps))
            piece = walk.take(1)
            assert piece is not None
            rates.set_rate(made.model, rate)
            loss = float(loops.train_steps(*piece)[0, 0])
            if not np.isfinite(loss):
                break
            tried.append(rate)
            losses.append(loss)
            if (number + 1) % feed.steps == 0:
                walk.close()
            if number > STEPS // 4 and np.mean(losses[-3:]) > GONE * max(min(losses), 1e-8):
                break
        walk.close()
    return RatesTried(np.array(tried, np.float64), np.array(losses, np.float64), device)
