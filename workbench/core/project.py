"""What a person intends, as frozen plain data.

A `Project` never holds a DataFrame, a weight, a selection or a zoom. Every record keeps fields it does not
know in `extra`, so that a file written by a newer minor version survives a load and a save.
Mappings are treated as frozen: replace them, never write into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

Json = Any  # None | bool | int | float | str | list | dict, as the json module reads them


FAR = 1e7
"""Pixels: nothing lies farther from the middle of the canvas. A place that is no number, or out of all reach, is one of
a damaged file; what stands there is brought back to the middle, where it can be seen and moved."""


@dataclass(frozen=True)
class Record:
    """Base of everything that is stored."""

    extra: Mapping[str, Json] = field(default_factory=dict, kw_only=True, repr=False)


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
class StartWeights(Record):
    """Weights a layer starts from instead of random ones.

    file: name of the .npz in the project's "weights" folder. key: the layer's name in it; its arrays are
    "<key>/<path>". kind: class of the layer they were made for. source: name of the file a person opened, to be shown.
    shapes: {path: shape} of the arrays, so that it can be told without the file whether they fit.
    """

    file: str
    key: str
    kind: str
    source: str = ""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Node(Record):
    """One block on the canvas.

    kind: a layer's class name of the catalog ("Dense"), or "Input" / "Output", the two ends bound to the data.
    name: unique in the graph, a Python identifier. params: the changed arguments only, as JSON; what is absent
    keeps Keras' default. x, y: canvas position of the top left corner, in pixels at zoom 1.
    An "Input" has params {"binding": name of a DataFacts input}. An "Output" has one incoming wire and, where there are
    several targets, params {"target": name of the one it predicts, "loss": "auto" or a Keras name, "loss_params": {},
    "loss_weight": 1.0, "metrics": ["auto"], "metric_params": {}}, all optional; of a single one TrainSpec says them.
    group: id of the Group it belongs to; "" none.
    trainable: False keeps its weights as they are in training (frozen). weights: what it starts from; None: as its
    initializers draw them. note: what an import has to say of it, such as why it stands for an unknown layer.
    An "Input" from a model file also has params {"shape": [...]}, without the batch: what the model was made for.
    shares: id of the node whose layer is used here once more; "" for a layer of its own. Never a chain: it points at an
    owner. What belongs to the layer (kind, params, trainable, weights) is then the owner's, see `Graph`.
    """

    id: str
    kind: str
    name: str
    params: Mapping[str, Json] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    group: str = ""
    trainable: bool = True
    weights: StartWeights | None = None
    note: str = ""
    shares: str = ""

    def __post_init__(self) -> None:
        _onto_the_canvas(self)


@dataclass(frozen=True)
class Wire(Record):
    """From the output of node `source` to input number `port` of node `target` (ids)."""

    source: str
    target: str
    port: int = 0


@dataclass(frozen=True)
class Group(Record):
    """Blocks of the canvas under one name. parent: id of the group it lies in; "" none. folded: drawn as one block.
    colour: number of one of the theme's colours."""

    id: str
    name: str
    parent: str = ""
    folded: bool = False
    colour: int = 0


@dataclass(frozen=True)
class Note(Record):
    """What a person wrote beside the blocks of the canvas; it means nothing to the model. text: plain, with its line
    ends. x, y, width, height: as a Node's place, in pixels at zoom 1. colour: number of one of the theme's colours."""

    id: str
    text: str
    x: float = 0.0
    y: float = 0.0
    width: float = 200.0
    height: float = 96.0
    colour: int = 0

    def __post_init__(self) -> None:
        _onto_the_canvas(self)
        if not (0 < self.width <= FAR and 0 < self.height <= FAR):
            object.__setattr__(self, "width", 200.0)
            object.__setattr__(self, "height", 96.0)


@dataclass(frozen=True)
class Graph(Record):
    """Blocks and wires.

    A block that shares a layer always holds what its owner holds of it: whoever reads a node need not know of sharing,
    and what is written into such a block alone is lost (core.sharing writes it to the owner).
    hushed: keys of advice (core.facts.Problem.key) that the person does not want to see.
    """

    nodes: tuple[Node, ...] = ()
    wires: tuple[Wire, ...] = ()
    groups: tuple[Group, ...] = ()
    hushed: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if any(node.shares for node in self.nodes):
            object.__setattr__(self, "nodes", _following(self.nodes))

    def node(self, node_id: str) -> Node:
        """The node of that id. KeyError when there is none."""
        return self._by_id[node_id]

    def group(self, group_id: str) -> Group:
        """The group of that id. KeyError when there is none."""
        return self._group_by_id[group_id]

    def into(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that end at a node, by port."""
        return self._into.get(node_id, ())

    def out_of(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that begin at a node."""
        return self._out_of.get(node_id, ())

    # Looked up for each node of a graph of thousands; a frozen record never has to forget them.

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in reversed(self.nodes)}

    @cached_property
    def _group_by_id(self) -> dict[str, Group]:
        return {group.id: group for group in reversed(self.groups)}

    @cached_property
    def _into(self) -> dict[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {}
        for wire in self.wires:
            found.setdefault(wire.target, []).append(wire)
        return {node: tuple(sorted(wires, key=lambda w: w.port)) for node, wires in found.items()}

    @cached_property
    def _out_of(self) -> dict[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {}
        for wire in self.wires:
            found.setdefault(wire.source, []).append(wire)
        return {node: tuple(wires) for node, wires in found.items()}


def _onto_the_canvas(item: Node | Note) -> None:
    if not (-FAR <= item.x <= FAR and -FAR <= item.y <= FAR):
        object.__setattr__(item, "x", 0.0)
        object.__setattr__(item, "y", 0.0)


def _following(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Blocks that share a layer, with what their owners hold of it; those without a proper owner as they are."""
    owners = {n.id: n for n in nodes if not n.shares and n.kind not in ("Input", "Output")}
    found: list[Node] = []
    for node in nodes:
        owner = owners.get(node.shares) if node.kind not in ("Input", "Output") else None
        if owner is not None and layer_of(node) != layer_of(owner):
            node = replace(node, **layer_of(owner))
        found.append(node)
    return tuple(found)


def layer_of(node: Node) -> dict[str, Any]:
    """What of a node belongs to its layer, and is the same at all places that share it."""
    return {"kind": node.kind, "params": node.params, "trainable": node.trainable, "weights": node.weights}


@dataclass(frozen=True)
class EarlyStopping(Record):
    """Stops when `monitor` has not improved by `min_delta` for `patience` epochs; the best weights are always kept."""

    enabled: bool = False
    monitor: str = "val_loss"
    patience: int = 10
    min_delta: float = 0.0


@dataclass(frozen=True)
class Plateau(Record):
    """Multiplies the learning rate by `factor` when the monitor of early stopping has not improved for `patience`
    epochs, down to `lowest`."""

    enabled: bool = False
    factor: float = 0.5
    patience: int = 5
    lowest: float = 0.0


@dataclass(frozen=True)
class TrainSpec(Record):
    """How to train. "auto" is resolved by core.checks from the task and the output.

    loss: "auto" or a snake_case Keras loss name. optimizer: a Keras class name of the catalog, with its changed
    arguments in optimizer_params ({"learning_rate": 0.001}). metrics: ("auto",) or Keras names.
    device: "auto" | "cpu" | "gpu:0" ... | "all" (every graphics card of the machine together).
    loss_params, metric_params: changed arguments of the loss, and of metrics by their names.
    precision: "float32" | "mixed_bfloat16" | "mixed_float16" (half-sized numbers inside, weights stay float32).
    compiler: "auto" (XLA where it is measured to be faster) | "on" | "off".
    class_weights: what a training row of a class counts in the loss, by class name; those not named count 1. Empty:
        as Features.balance says.
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
    graph: Graph = Graph()
    train: TrainSpec = TrainSpec()
    notes: str = ""
    aside: tuple[str, ...] = ()
