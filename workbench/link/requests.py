"""What a face asks of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.core.facts import DataFacts
from workbench.core.project import Augmentation, EarlyStopping, Graph, TrainSpec

from .message import Message


@dataclass(frozen=True)
class Warm(Message):
    """Import TensorFlow and trace a first tiny step. Answer: Ready."""


@dataclass(frozen=True)
class CheckGraph(Message):
    """Build the graph symbolically. Answer: GraphChecked. A newer CheckGraph makes an older one stale."""

    graph: Graph
    data: DataFacts | None
    train: TrainSpec


@dataclass(frozen=True)
class Train(Message):
    """Train the run frozen in `folder` (made by core.runs.create_run). Answers: RunStarted, Batches, EpochEnded,
    Probed, RunAdjusted, RunStateChanged, and last RunEnded; Failed where it cannot begin. With `resume`, from the
    folder's checkpoint; a run that is over is trained on to `epochs` in all (0: as many as its record says).
    batch_size: with `resume`, go on in batches of so many rows from the row where it stands, or less than a batch
    before it, and judge in no larger ones; 0: as before."""

    folder: str
    resume: bool = False
    epochs: int = 0
    batch_size: int = 0


@dataclass(frozen=True)
class Control(Message):
    """action: "pause" | "resume" | "stop" (end now, keep the best) | "abort" (end now). Answer: RunStateChanged."""

    run: str
    action: str


@dataclass(frozen=True)
class Adjust(Message):
    """Change settings of the run that trains; None leaves one as it is. Answers: RunStateChanged at once, RunAdjusted
    for each when it is done, or stays as it was; a run that is paused does it when it goes on.

    learning_rate: of the next step. batch_size: from the next epoch on; where it is so already nothing is told. epochs:
    in all, and no fewer than have begun.
    """

    run: str
    learning_rate: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    early_stopping: EarlyStopping | None = None


@dataclass(frozen=True)
class Forecast(Message):
    """What training would take, measured on one batch of made-up rows before any data is prepared; not while a run
    trains. augment: how training pictures are varied. Answer: Forecasted."""

    graph: Graph
    data: DataFacts
    train: TrainSpec
    augment: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True)
class TryRates(Message):
    """A range test: the learning rate grows from step to step of a model that begins as the run would, trained on the
    arrays at `prepared`. Answer: RatesTried. Not while a run trains.

    augment: how training pictures are varied. home: folder of the project, for the weights that its layers start from.
    begins, which: folder of the run whose weights it begins with, and which of them (core.runs.Start); "" for none.
    """

    graph: Graph
    data: DataFacts
    train: TrainSpec
    prepared: str
    augment: Augmentation = field(default_factory=Augmentation)
    home: str = ""
    begins: str = ""
    which: str = "best"


@dataclass(frozen=True)
class Predict(Message):
    """Answer prepared inputs with the model of a run. Answer: Predicted.

    x: {input name: array (n, *shape)} as the Preprocessor gives it (dtype and unscaled values as prepared).
    live: the weights of this moment when the run is training, else those on disk. checkpoint: which of these: "best",
    "last", or the number of an epoch, from 1, of which one was kept.
    """

    folder: str
    x: Mapping[str, np.ndarray]
    live: bool = True
    checkpoint: str = "best"


@dataclass(frozen=True)
class Vary(Message):
    """Vary pictures as a training step would, to be looked at. Answer: Varied.

    pictures: uint8 (n, height, width, channels) as prepared. seed: another one draws otherwise.
    """

    pictures: np.ndarray
    augment: Augmentation
    seed: int = 0


@dataclass(frozen=True)
class Evaluate(Message):
    """Score a run on a part ("train", "validation", "test") of the prepared data at `prepared` (a folder; "" for the
    run's own). checkpoint: see Predict. Answer: Evaluated."""

    folder: str
    part: str = "test"
    prepared: str = ""
    checkpoint: str = "best"


@dataclass(frozen=True)
class Export(Message):
    """format: "keras" | "savedmodel" | "onnx" | "litert" | "python". checkpoint: see Predict. Answers: Progress, then
    Exported."""

    folder: str
    format: str
    out: str
    checkpoint: str = "best"


@dataclass(frozen=True)
class InspectModel(Message):
    """Describe a model file or folder. Answer: ModelDescribed."""

    path: str


@dataclass(frozen=True)
class ImportModel(Message):
    """Read a model file or folder as a graph; nothing of it is run. Answers: Progress, then ModelImported.

    weights: folder its weights are written into, as a file of their own; "" leaves them.
    """

    path: str
    weights: str = ""


@dataclass(frozen=True)
class MakeNetwork(Message):
    """A network of keras.applications for this data (core.applications). Answers: Progress, then ModelImported.

    weights: folder its weights are written into. file: of weights for it; "": those Keras has downloaded before, else
    none. frozen: weights from a file stay as they are, so that only the new answer learns.
    """

    name: str
    data: DataFacts
    weights: str = ""
    file: str = ""
    frozen: bool = True


@dataclass(frozen=True)
class PredictFile(Message):
    """Answer raw inputs with an exported file, in the runtime it is for. Answer: Predicted.

    x: {input name of its card: array (n, ...)}; text columns as numpy str arrays. outputs: of several, their names in
    the card, in the order in which the answer has them side by side.
    """

    path: str
    x: Mapping[str, np.ndarray]
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cancel(Message):
    """Give up request number `target`; it answers Failed(cancelled=True) or is already done."""

    target: int


@dataclass(frozen=True)
class Shutdown(Message):
    """Stop everything (a running run checkpoints first) and end."""
