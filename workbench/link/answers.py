"""What the engine says: answers to requests, and events of the run that trains."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.core.facts import GraphFacts
from workbench.core.project import EarlyStopping, Graph

from .message import Message


@dataclass(frozen=True)
class Device:
    """name: as TrainSpec.device takes it ("cpu", "gpu:0"). title: for people. memory: bytes, 0 unknown.
    capability: of a card of NVIDIA, what its generation can compute, as (7, 5); (0, 0) unknown."""

    name: str
    title: str
    memory: int = 0
    capability: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Ready(Message):
    versions: Mapping[str, str]
    devices: tuple[Device, ...]
    seconds: float


@dataclass(frozen=True)
class Vitals(Message):
    """Sent about every two seconds: resident memory of the engine in bytes, its share of all processor cores (0 to 1),
    and of the first graphics card the share of the time it computes and the bytes taken; -1: not known."""

    memory: int
    load: float = -1.0
    card_load: float = -1.0
    card_memory: int = -1


@dataclass(frozen=True)
class GraphChecked(Message):
    facts: GraphFacts
    milliseconds: float = 0.0


@dataclass(frozen=True)
class RunStarted(Message):
    """mode: which loop was chosen, e.g. "compiled loop", "compiled loop, XLA", "streamed".
    first_epoch and first_step, the global step number, count from 0; they are above 0 after a resume.
    early: the rule of early stopping as it is by now."""

    run: str
    epochs: int
    steps_per_epoch: int
    batch_size: int
    parameters: int
    device: str
    mode: str
    loss: str
    metrics: tuple[str, ...]
    first_epoch: int = 0
    first_step: int = 0
    early: EarlyStopping | None = None


@dataclass(frozen=True)
class Batches(Message):
    """Values for consecutive batches, at most 20 of these messages a second.

    step: global step number of the first (from 0). values: {"loss": float32 (k,), metric: (k,)}; a metric's value
    is that of its running mean within the epoch, as Keras' progress bar shows it; "loss" is each batch's own.
    """

    run: str
    epoch: int
    step: int
    values: Mapping[str, np.ndarray]
    samples_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class EpochEnded(Message):
    """epoch from 0. logs: {"loss", metrics, "val_loss", "val_…", "learning_rate"} as Keras names them."""

    run: str
    epoch: int
    logs: Mapping[str, float]
    seconds: float
    best: bool


@dataclass(frozen=True)
class RunStateChanged(Message):
    """state: "preparing" | "tracing" | "running" | "paused" | "stopping". text: what is going on, for people."""

    run: str
    state: str
    text: str = ""


@dataclass(frozen=True)
class Probed(Message):
    """What a look inside the model found after an epoch (from 0), on a few hundred rows; see engine.probe.

    layers: with weights that are trained, from the input on. gradients, weights: float32, the Euclidean norm of each
    layer's gradient and of its weights. relus: layers that end in a ReLU; dead, units: int32, how many of their units
    answered nothing but zeros, and how many they have. predicted, actual: int32, rows of each class among some
    validation rows, as the model says and as it is; of several targets with classes side by side in their order; empty
    where none has classes.
    """

    run: str
    epoch: int
    layers: tuple[str, ...]
    gradients: np.ndarray
    weights: np.ndarray
    relus: tuple[str, ...]
    dead: np.ndarray
    units: np.ndarray
    predicted: np.ndarray
    actual: np.ndarray


@dataclass(frozen=True)
class RunAdjusted(Message):
    """Something of note at a step of the run, kept in its history: settings that were changed, weights it began with.

    step: global, from 0. text: for people. epochs, batch_size, steps_per_epoch: as they are from `epoch` on, 2.5 in the
    middle of the third, which is at global step `epoch_step`. learning_rate: from here on; NaN where it is not known.
    early: the rule of early stopping from here on, where it is another one now.
    """

    run: str
    step: int
    text: str
    epochs: int
    batch_size: int
    steps_per_epoch: int
    epoch: float = 0
    epoch_step: int = 0
    learning_rate: float = math.nan
    early: EarlyStopping | None = None


@dataclass(frozen=True)
class Forecasted(Message):
    """epoch_seconds: of an epoch with its validation; run_seconds: of all of them, without preparing the run and
    scoring the test part. model: bytes of the weights. memory: bytes that training takes on the device. free: bytes
    there. batch_size: of the plan. device: for people. fits: whether it is expected to. smaller: a batch size that fits
    where this one does not; 0 when none. layer: to be made smaller where no batch is small enough."""

    step_seconds: float
    epoch_seconds: float
    run_seconds: float
    model: int
    memory: int
    free: int
    batch_size: int
    device: str
    fits: bool = True
    smaller: int = 0
    layer: str = ""


@dataclass(frozen=True)
class RatesTried(Message):
    """rates, losses: float64 (steps,), the learning rate of each step and the loss of its batch, up to where it ran
    away. device: where it was computed."""

    rates: np.ndarray
    losses: np.ndarray
    device: str


@dataclass(frozen=True)
class RunEnded(Message):
    """reason: "finished" | "early_stopped" | "stopped" | "aborted" | "failed".
    what, where, remedy: filled when it failed. best_epoch from 0, -1 when none was completed.
    cause: "" | "nan" | "data" (it holds what is no number) | "memory" | "weights" (no memory for those of a layer) |
        "crash" | "worker" | "disk".
    rate: the learning rate at the end."""

    run: str
    reason: str
    epochs: int
    best_epoch: int
    seconds: float
    what: str = ""
    where: str = ""
    remedy: str = ""
    cause: str = ""
    rate: float = 0.0


@dataclass(frozen=True)
class Attended(Message):
    """Who trains a run that others may follow by its journal: the process of a face, on which computer. started: when
    it began, in seconds, as its system counts them; boot: by what the computer tells its starts apart; space: in which
    its number is one ("": unknown). Numbers of processes are used again, containers count them each for itself, and
    computers are called alike."""

    run: str
    computer: str
    process: int
    started: float = 0.0
    boot: str = ""
    space: str = ""


@dataclass(frozen=True)
class WishHeard(Message):
    """What was asked for in the folder of a run reached the engine that trains it. wish: see link.asked. why: it is not
    done, and why not; "" when it is."""

    run: str
    wish: str
    why: str = ""


@dataclass(frozen=True)
class Predicted(Message):
    """y: (n, units) float32 as the model answers (probabilities once its loss is not from logits)."""

    y: np.ndarray
    milliseconds: float


@dataclass(frozen=True)
class Varied(Message):
    """pictures: uint8 of the shape that was asked about. seconds: what varying one picture takes here, in a batch."""

    pictures: np.ndarray
    seconds: float = 0.0


@dataclass(frozen=True)
class Evaluated(Message):
    """metrics: {"loss": …, Keras metric names: …}, in the units of the run's other figures (core.units). y: the model's
    answers (n, units)."""

    metrics: Mapping[str, float]
    y: np.ndarray
    part: str = "test"


@dataclass(frozen=True)
class Progress(Message):
    """done of total (total 0: unknown), with one line for people."""

    done: float
    total: float
    text: str


@dataclass(frozen=True)
class Exported(Message):
    """difference: largest absolute difference between this file's answers, in its own runtime, and the model's on
    `samples` real rows. files: everything written. notes: what travels inside and beside."""

    path: str
    format: str
    size: int
    runtime: str
    samples: int
    difference: float
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelDescribed(Message):
    """summary: rows of (name, kind, output shape, parameters)."""

    format: str
    parameters: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    summary: tuple[tuple[str, str, str, int], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelImported(Message):
    """A model file as a graph, laid out. source: name of the file. format: "keras" | "h5" | "json" | "savedmodel" |
    "tfjs" | "application". version: of the Keras that wrote it. layers: without the ends. with_weights: how many of
    them start from the file's weights, `parameters` numbers in all. unknown: ids of nodes that stand for something
    unknown. notes: what is not as it was in the file."""

    graph: Graph
    name: str
    source: str
    format: str
    version: str = ""
    layers: int = 0
    with_weights: int = 0
    parameters: int = 0
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed(Message):
    """The request cannot be answered. `detail` is a traceback when it was our mistake, for the log only.

    cause: "memory" where that was not enough, "weights" where it was not for those of a layer; else "".
    """

    what: str
    where: str = ""
    remedy: str = ""
    detail: str = ""
    cancelled: bool = False
    cause: str = ""
