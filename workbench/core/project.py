"""What a person intends, as frozen plain data.

A `Project` never holds a DataFrame, a weight, a selection or a zoom. Every record keeps fields it does not
know in `extra`, so that a file written by a newer minor version survives a load and a save.
Mappings are treated as frozen: replace them, never write into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .graph import FAR, Graph, Group, Node, Note, StartWeights, Wire, layer_of
from .record import Json, Record

__all__ = [
    "FAR",
    "Augmentation",
    "ColumnFeature",
    "CsvOptions",
    "DataSpec",
    "EarlyStopping",
    "Features",
    "Graph",
    "Group",
    "ImageFeature",
    "Json",
    "Node",
    "Note",
    "Plateau",
    "Project",
    "Record",
    "SequenceFeature",
    "Split",
    "StartWeights",
    "Step",
    "TrainSpec",
    "Wire",
    "layer_of",
]


@dataclass(frozen=True)
class CsvOptions(Record):
    """How delimited text is read. An empty string or None means: found out from the file."""

    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    header: bool | None = None
    comment: str = ""
    null_words: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")


@dataclass(frozen=True)
class DataSpec(Record):
    """Where the data is.

    source: "csv" | "images" | "idx" | "npz" | "sample" | "pasted" | "excel" | "parquet" | "json" | "arff" |
        "image_table" (a text table whose one column names pictures) | "series" (a folder with one text file a series) |
        "series_table" (a text table of series, one step a row).
    path: absolute file or folder; for a sample its name (see core.data.samples); for pasted cells the file
        inside the project folder that keeps them.
    params: settings of a generated sample (points, noise, seed); {"sheet"} of a workbook; {"member"} of a ZIP with
        several tables; {"rows"}, how many lines of a text table are read, all when absent; {"path", "label", "part"},
        columns of an "image_table"; of series, see core.data.series_options.
    fingerprint: content hash taken when the data was opened; "" when not yet read.
    test_path: a separate test file or folder; "" when there is none.
    from_cache: go on with what was kept of the data when it had this fingerprint; the file is not read.
    """

    source: str
    path: str
    csv: CsvOptions = CsvOptions()
    params: Mapping[str, Json] = field(default_factory=dict)
    fingerprint: str = ""
    test_path: str = ""
    from_cache: bool = False


@dataclass(frozen=True)
class Step(Record):
    """One cleaning step of the recipe; its kinds and their parameters are described in core.data.steps.

    title: what the person calls it; "" for the words made from its parameters.
    """

    id: str
    kind: str
    params: Mapping[str, Json] = field(default_factory=dict)
    enabled: bool = True
    title: str = ""


@dataclass(frozen=True)
class ColumnFeature(Record):
    """What becomes of one column of the cleaned table.

    role: "input" | "target" | "ignore" | "weight" (numbers, 0 or above: what a row counts in the loss).
    encoder: one of core.data.fitted.INPUT_ENCODERS for inputs; "class" | "none" | "standard" for the target;
        "auto": the one the proposal (core.data.features.propose) chooses.
    params: what the encoder is told beyond its name; see core.data.fitted.PARAMS. Empty: its usual settings.
    input: the input of the model that the column goes into together with others of that name; "": the table.
    """

    name: str
    role: str = "input"
    encoder: str = "standard"
    params: Mapping[str, Json] = field(default_factory=dict)
    input: str = ""


@dataclass(frozen=True)
class ImageFeature(Record):
    """How pictures become arrays (height, width, channels), kept as uint8 and scaled inside the graph.

    channels: 1 or 3. resize: "fit" (keeps the aspect, pads) | "fill" (crops) | "stretch".
    scale: "/255" (0..1) | "-1..1" | "none". Zero height or width means: the most common size, at most 64.
    """

    height: int = 0
    width: int = 0
    channels: int = 0
    resize: str = "fill"
    scale: str = "/255"


@dataclass(frozen=True)
class Augmentation(Record):
    """How training pictures are varied, otherwise each time they are shown; validation and test stay as they are.

    horizontal, vertical: mirrored that way in half of the cases. rotate: at most so many degrees either way. shift: at
    most that share of width and of height. zoom: smaller or larger by at most that share. contrast: differences from
    the picture's mean times 1 - contrast to 1 + contrast. brightness: at most that share of the full range added.
    noise: deviation of the noise added to each number, as a share of the full range.
    border: "repeat" (the edge) | "mirror" | "black", where a moved picture leaves its frame.
    """

    enabled: bool = False
    horizontal: bool = False
    vertical: bool = False
    rotate: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    noise: float = 0.0
    border: str = "repeat"


@dataclass(frozen=True)
class SequenceFeature(Record):
    """How series become windows: float32 (length, channels), and what is predicted from one.

    channels: inputs by name; empty: all that suit. length, stride: steps of a window and from one to the next; 0:
    proposed from the data. pad: what a series shorter than a window gets in front of it, "repeat" (its first step
    again), "mean" (the training mean of each channel) or "drop" (it is left out).
    missing: "auto", "linear", "forward" (the last known
    value) or "mean". scale: "standard", "minmax", "robust" or "none", each channel by its training steps. rate: steps a
    second that all series are brought to; 0: as the data needs it; -1: as recorded.
    predict: "auto" | "class" (of the whole series) | "column" (`target`, a channel or a column of classes, `horizon`
    steps after the window's last one). without: names of series that are left out.
    """

    channels: tuple[str, ...] = ()
    length: int = 0
    stride: int = 0
    pad: str = "repeat"
    missing: str = "auto"
    scale: str = "standard"
    rate: float = 0.0
    predict: str = "auto"
    target: str = ""
    horizon: int = 0
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Split(Record):
    """Shares of train, validation and test. A separate test part of the source replaces the test share.

    method: "random" | "group" (rows with the same value of `column` stay together) | "time" (sorted by `column`, the
        latest rows are the test part) | "column" (each cell of `column` names its row's part; the shares are unused).
    folds: 0, or how many train/validation pairs a cross-validation makes of the rows that are not for testing.
    fold: 0, or which of them this is, from 1: set in the frozen project of each run of a cross-validation.
    """

    train: float = 0.7
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0
    stratify: bool = True
    method: str = "random"
    column: str = ""
    folds: int = 0
    fold: int = 0


@dataclass(frozen=True)
class Features(Record):
    """Columns, pictures and split. A column not listed takes what core.data.features.propose gives it.

    task: "auto" | "classification" | "regression" | "reconstruction" (the model rebuilds its input; columns of role
        "target" are then neither learnt nor inputs, and keep their role for when the task changes back).
    balance: "none" | "weights" (rare classes count more in the loss) | "oversample" (their training rows are repeated).
    """

    task: str = "auto"
    columns: tuple[ColumnFeature, ...] = ()
    image: ImageFeature = ImageFeature()
    split: Split | None = None
    balance: str = "none"
    augment: Augmentation = Augmentation()
    sequence: SequenceFeature = SequenceFeature()


@dataclass(frozen=True)
class EarlyStopping(Record):
    """Stops when `monitor` has not improved by `min_delta` for `patience` epochs; the best weights are always kept."""

    enabled: bool = False
    monitor: str = "val_loss"
    patience: int = 10
    min_delta: float = 0.0


@dataclass(frozen=True)
class Plateau(Record):
    """Multiplies the learning rate by `factor` when a figure has not improved by `min_delta` for `patience` epochs,
    down to `lowest`; for `cooldown` epochs after that nothing is counted. As Keras' ReduceLROnPlateau.

    monitor: Keras' name of the figure; "" for the one that decides which epoch is the best.
    """

    enabled: bool = False
    factor: float = 0.5
    patience: int = 5
    lowest: float = 0.0
    min_delta: float = 1e-4
    cooldown: int = 0
    monitor: str = ""


@dataclass(frozen=True)
class TrainSpec(Record):
    """How to train. "auto" is resolved by core.checks from the task and the output.

    loss: "auto" or a snake_case Keras loss name. optimizer: a Keras class name of the catalog, with its changed
    arguments in optimizer_params ({"learning_rate": 0.001}). metrics: ("auto",) or Keras names.
    device: "auto" | "cpu" | "gpu:0" ... | "all" (every graphics card of the machine together).
    loss_params, metric_params: changed arguments of the loss, and of metrics by their names.
    precision: "float32" | "mixed_bfloat16" | "mixed_float16" (half-sized numbers inside, weights stay float32).
    compiler: "auto" (XLA where it is measured to be faster) | "on" | "off".
    class_weights: what a training row of a class counts in the loss, by class name, in place of what Features.balance
        gives it; those not named count as that says. A class that is not there has no effect (core.class_weights).
    tensorboard: write logs that TensorBoard reads, into the run's folder.
    threads: of the processor, to compute with; 0: all.
    keep_every: keep a checkpoint of its own every so many epochs; 0: only the last and the best.
    probes: "auto" (looks inside the model for the doctor, where they cost next to nothing) | "off".
    """

    loss: str = "auto"
    optimizer: str = "Adam"
    optimizer_params: Mapping[str, Json] = field(default_factory=dict)
    metrics: tuple[str, ...] = ("auto",)
    batch_size: int = 32
    epochs: int = 20
    seed: int = 0
    device: str = "auto"
    early_stopping: EarlyStopping = EarlyStopping()
    loss_params: Mapping[str, Json] = field(default_factory=dict)
    metric_params: Mapping[str, Json] = field(default_factory=dict)
    precision: str = "float32"
    compiler: str = "auto"
    plateau: Plateau = Plateau()
    class_weights: Mapping[str, float] = field(default_factory=dict)
    tensorboard: bool = False
    threads: int = 0
    keep_every: int = 0
    probes: str = "auto"


@dataclass(frozen=True)
class Project(Record):
    """Everything a person decided; the unit of undo and of saving.

    aside: keys of suggestions and findings that the person has put aside; see `ui.data.first_look`.
    """

    name: str = "Untitled"
    data: DataSpec | None = None
    recipe: tuple[Step, ...] = ()
    features: Features = Features()
    graph: Graph = field(default_factory=Graph)
    train: TrainSpec = TrainSpec()
    notes: str = ""
    aside: tuple[str, ...] = ()
