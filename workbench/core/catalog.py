"""What Keras offers, as data: layers, losses, optimizers and the small objects they take.

Written by `python -m workbench.engine.introspect` from the installed Keras into `catalog.json`; this module only
reads it and needs no Keras. Palette, property forms, validation and help are made from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from .errors import WorkbenchError
from .fields import Field
from .project import Json

ENDS = ("Input", "Output")
GROUPS = (
    "Core",
    "Convolution",
    "Pooling",
    "Recurrent",
    "Preprocessing",
    "Normalization",
    "Regularization",
    "Attention",
    "Reshaping",
    "Merging",
    "Activations",
)


@dataclass(frozen=True)
class Entry:
    """Something chosen by name with settings of its own.

    name: as the project stores it (a class name; for losses and metrics the snake_case function name).
    title: for people. help: one or two sentences. fields: its settings, the ones that matter first.
    keras: the Keras class it stands for.
    """

    name: str
    title: str
    help: str
    fields: tuple[Field, ...] = ()
    keras: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True)
class LayerEntry(Entry):
    """A layer of the palette.

    group: one of GROUPS. inputs: how many wires it needs. ports: names of its inputs in order, when they differ in
    meaning (query, value, key); wires beyond `inputs` are optional. many: takes any number of wires from `inputs` up.
    usable: False for layers the canvas cannot make yet, with the reason. start: the params a fresh block gets, so
    that required ones are filled in. rank: how many axes its input has without the batch, 0 when any.
    """

    group: str = "Core"
    inputs: int = 1
    ports: tuple[str, ...] = ()
    many: bool = False
    usable: bool = True
    reason: str = ""
    start: Mapping[str, Json] = field(default_factory=dict)
    rank: int = 0

    @property
    def most_inputs(self) -> int:
        """The largest number of wires; 0 when any number."""
        return 0 if self.many else max(self.inputs, len(self.ports))

    @cached_property
    def learns(self) -> bool:
        """Whether it has weights, which can be frozen."""
        inner = any(f.kind.startswith("object") and f.choices[:1] == ("layers",) for f in self.fields)
        return inner or self.name == "RMSNormalization" or any(f.name.endswith("initializer") for f in self.fields)

    @property
    def kept(self) -> Mapping[str, Json]:
        """Arguments without an editor that an imported model may bring, with what they are otherwise."""
        return _KEPT.get(self.name, {})

    def port_name(self, port: int) -> str:
        """What input number `port` is called."""
        return self.ports[port] if port < len(self.ports) else f"input {port + 1}"


@dataclass(frozen=True)
class Catalog:
    """Everything Keras offers, each group by name in the order it is shown."""

    keras_version: str
    layers: Mapping[str, LayerEntry]
    losses: Mapping[str, Entry]
    optimizers: Mapping[str, Entry]
    metrics: Mapping[str, Entry]
    schedules: Mapping[str, Entry]
    initializers: Mapping[str, Entry]
    regularizers: Mapping[str, Entry]
    constraints: Mapping[str, Entry]
    activations: tuple[str, ...]

    def objects(self, group: str) -> Mapping[str, Entry]:
        """The entries an "object" field with choices (group,) picks from."""
        found: Mapping[str, Entry] = getattr(self, group)
        return found

    def layer(self, kind: str) -> LayerEntry | None:
        """The layer of that class name, or one of the two ends "Input" and "Output"; None when there is none."""
        return _ENDS.get(kind) or self.layers.get(kind)


_KEPT: Mapping[str, Mapping[str, Json]] = {
    "Dropout": {"noise_shape": None},
    "Resizing": {"fill_mode": "constant"},
    "Discretization": {"num_bins": None, "epsilon": 0.01},
    "MultiHeadAttention": {"output_shape": None, "attention_axes": None},
    "Output": {"loss_params": {}, "metrics": ["auto"], "metric_params": {}},
}

_ENDS = {
    "Input": LayerEntry(
        "Input",
        "Input",
        "Where the data enters. It gives one row or one picture after another in the shape the features prepare.",
        (Field("binding", "choice", "Data", help="Which prepared input of the data this block gives."),),
        group="Core",
        inputs=0,
    ),
    "Output": LayerEntry(
        "Output",
        "Output",
        "The answer of the model: what comes in here is compared with the target.",
        (
            Field("target", "choice", "Target", "", help="Which target this block predicts, where there are several."),
            Field(
                "loss",
                "choice",
                "Loss",
                "auto",
                help="What is made small for this target. Auto: as its task and the units of the output need it.",
            ),
            Field(
                "loss_weight",
                "float",
                "Loss weight",
                1.0,
                minimum=0.0,
                help="What the loss of this target counts in the sum of all that is made small.",
            ),
        ),
    ),
}


@cache
def load_catalog() -> Catalog:
    """The catalog shipped with the program; read once.

    Raises:
        WorkbenchError: the file is missing from the installation.
    """
    return read_catalog(catalog_path())


def catalog_path() -> Path:
    """`resources/catalog.json`: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "resources" / "catalog.json"
    return inside if inside.is_file() else package.parent / "resources" / "catalog.json"


def read_catalog(path: Path) -> Catalog:
    """The catalog in that file.

    Raises:
        WorkbenchError: the file is missing or not a catalog.
    """
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        groups = {name: {e["name"]: Entry(**_entry(e)) for e in raw[name]} for name in _ENTRY_GROUPS}
        layers = {e["name"]: LayerEntry(**{**_entry(e), "ports": tuple(e.get("ports", ()))}) for e in raw["layers"]}
        return Catalog(raw["keras_version"], layers, activations=tuple(raw["activations"]), **groups)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkbenchError(
            f"The list of layers cannot be read ({error}).",
            where=str(path),
            remedy="Install the program again, or run python -m workbench.engine.introspect.",
        ) from error


_ENTRY_GROUPS = (
    "losses",
    "optimizers",
    "metrics",
    "schedules",
    "initializers",
    "regularizers",
    "constraints",
)


def _entry(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "fields": tuple(_field(f) for f in raw.get("fields", ()))}


def _field(raw: Mapping[str, Any]) -> Field:
    return Field(**{**raw, "choices": tuple(raw.get("choices", ()))})


def object_parts(value: Json) -> tuple[str, Mapping[str, Json]] | None:
    """Name and settings of an "object" value: a bare name, {"kind", "params"}, or None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value, {}
    return str(value["kind"]), value.get("params") or {}


def with_required(entry: Entry, params: Mapping[str, Json]) -> dict[str, Json]:
    """The params, and what the entry requires and nobody gave: a layer's start values, else the field's default.

    A whole number that stands for a float is one: Keras does not take 1 for a learning rate.
    """
    found = dict(params)
    start = entry.start if isinstance(entry, LayerEntry) else {}
    for spec in entry.fields:
        usual = start.get(spec.name, spec.default)
        if spec.required and spec.name not in found and usual is not None:
            found[spec.name] = usual
        value = found.get(spec.name)
        if spec.kind in ("float", "object") and isinstance(value, int) and not isinstance(value, bool):
            found[spec.name] = float(value)
    return found


def is_number(value: Json) -> bool:
    """Whether the value is an int or a float; True and False are neither."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def offered(catalog: Catalog, spec: Field) -> Mapping[str, Entry]:
    """What an "object" field picks from: a whole group of the catalog, or the entries of it that the field names."""
    entries = catalog.objects(str(spec.choices[0]))
    names = spec.choices[1:]
    return {str(name): entries[str(name)] for name in names} if names else entries


_ALIASES = {"uniform": "RandomUniform", "normal": "RandomNormal", "one": "Ones", "zero": "Zeros"}  # as Keras has them


def find_object(catalog: Catalog, group: str, name: str) -> Entry | None:
    """An entry of that group by class name ("GlorotUniform") or by Keras' short name ("glorot_uniform", "l2")."""
    entries = catalog.objects(group)
    if name in entries:
        return entries[name]
    plain = _ALIASES.get(name, name).replace("_", "").lower()
    return next((entry for key, entry in entries.items() if key.lower() == plain), None)
