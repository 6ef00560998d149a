"""What was measured of loops on this machine, kept: by the model, its batches and whatever else they depend on.

Measuring takes half a second, and on a busy machine could come out otherwise the next time; the same run is to take the
same way, as its last digits follow from it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tensorflow as tf

from workbench.core.errors import WorkbenchError
from workbench.core.facts import Objective
from workbench.core.project import TrainSpec
from workbench.core.settings import cache_folder
from workbench.core.storage import atomic_write

from .modes import Timing, Way

log = logging.getLogger(__name__)
KEPT = 500
LARGEST = 1_000_000  # bytes; what is kept has a tenth of it
BUSY = 0.25  # with that share of the machine in the hands of others, nothing can be said for another time


def file() -> Path:
    """Where they are kept; safe to delete."""
    return cache_folder() / "timings.json"


def key(way: Way, settings: TrainSpec, outputs: Sequence[Objective], device: str) -> str:
    """Of all that the seconds of a step depend on. Names of layers are no part of it.

    outputs: what each learns; with several, their losses and metrics are not those of the settings.
    """
    model, feed, test = way.loops.model, way.loops.train, way.loops.validation
    layers = []
    for layer in model._flatten_layers(include_self=False):
        config = {name: value for name, value in layer.get_config().items() if name not in ("name", "layers")}
        nodes = [[list(t.shape) for t in (*n.input_tensors, *n.outputs)] for n in layer._inbound_nodes]
        layers.append((type(layer).__name__, config, nodes, layer.trainable))
    said = (
        layers,
        [(facts.shape, facts.dtype) for _, facts in feed.encoding.inputs],
        (type(feed).__name__, feed.batch_size, feed.capacity),
        # a sweep validates in the same call
        way.sweeps is not None and (feed.rows, test is not None and (test.rows, test.batch_size)),
        (settings.optimizer, dict(settings.optimizer_params), settings.precision),
        [(o.loss, dict(o.loss_params), o.metrics) for o in outputs],
        (device, _card(device), os.cpu_count(), tf.config.threading.get_intra_op_parallelism_threads(), tf.__version__),
    )
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _card(device: str) -> str:
    """The name of the graphics card of a device ("gpu:0"); "" of the processor. Another card has other times."""
    kind, _, number = device.partition(":")
    cards = tf.config.list_physical_devices("GPU")
    if kind != "gpu" or not number.isdecimal() or int(number) >= len(cards):
        return ""
    return str(tf.config.experimental.get_device_details(cards[int(number)]).get("device_name", ""))


def recall(key: str) -> Timing | None:
    """What was measured for that key; None when nothing was, or it cannot be read."""
    try:
        return Timing(**{name: _seconds(value) for name, value in _read()[key].items()})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _seconds(value: Any) -> float:
    """ValueError when it was never measured: what is kept may have been changed by hand, or damaged."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{value!r} is no time")
    return float(value)


def keep(key: str, timing: Timing) -> None:
    """Remember it unless the machine was busy; the oldest are forgotten.

    A folder that cannot be written is said in the log, and it is measured again.
    """
    if timing.others > BUSY:
        return
    known = _read()
    known.pop(key, None)
    kept = dict([*known.items(), (key, asdict(timing))][-KEPT:])
    try:
        file().parent.mkdir(parents=True, exist_ok=True)
        atomic_write(file(), json.dumps(kept).encode())
    except (OSError, WorkbenchError) as error:
        log.info("timings are not kept: %s", error)


def _read() -> dict[str, Any]:
    try:
        if file().stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        found = json.loads(file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.info("kept timings are not readable, measured again: %s", error)
        return {}
    return found if isinstance(found, dict) else {}
