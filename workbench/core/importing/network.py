"""A model's configuration as a graph: sequential, functional and nested models, shared layers, placeholders.

Nothing is made and nothing is called: the configuration is read as data. Nested models become groups of the canvas.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..catalog import Catalog, load_catalog
from ..names import identifier, snake_case
from ..project import Graph, Group, Json, Node, Wire
from .calls import Inbound, inbound_calls, references
from .config import ModelFileError, mapping, plain, sequence, shape_of
from .layers import PREVIOUS, Call, convert
from .legacy import CLASSES, sequential_layers
from .stored import Names

MOST_NODES = 10_000
MOST_MODELS = 16  # models within models
SEQUENTIAL, FUNCTIONAL = "Sequential", "Functional"


@dataclass(frozen=True)
class LayerSource:
    """Where the weights of a node are in the file.

    path: of the layer in a weights file of Keras 3 ("layers/dense_1"). names: of the layer and the models it lies in,
    outermost first, as an HDF5 file of Keras 1 and 2 has them. kind, params: of the node. class_name: in the file.
    shape: of what it was built for, batch first; () when the file does not say.
    """

    path: str
    names: tuple[str, ...]
    kind: str
    params: Mapping[str, Json]
    class_name: str = ""
    shape: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class ImportedModel:
    """graph: without places. sources: {id of a node with a layer of its own: where its weights are}. unknown: ids of
    the placeholders. notes: what is not as it was in the file. channels_first: the pictures' channels came first in the
    file; here they come last. calls: {node id: name of its layer in the file, number of the call it stands for}.
    """

    graph: Graph
    name: str = ""
    sources: Mapping[str, LayerSource] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    channels_first: bool = False
    calls: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def read_model(config: Json, where: str) -> ImportedModel:
    """The graph of a serialised model: {"class_name", "config", ...} as Keras 1, 2 and 3 write it.

    Raises:
        ModelFileError: it is no model, its layers are not in it, or it is larger than a canvas can hold.
    """
    top = mapping(config)
    if "model_config" in top:  # some files wrap it
        top = mapping(top["model_config"])
    reader = _Reader(where, load_catalog())
    kind = _model_kind(top)
    if not kind:
        reader.refuse(top)
    outputs = reader.model(top, None, _Place())
    if not reader.nodes or not outputs:
        raise ModelFileError("The model has no layers.", where=where, remedy="Save it again from where it was made.")
    ends = mapping(top.get("config")).get("output_layers")
    called = [identifier(str(key)) for key in ends] if isinstance(ends, dict) and len(ends) == len(outputs) else []
    for number, output in enumerate(outputs):
        own = called[number] if called else ""
        name = reader.name(own or ("output" if len(outputs) == 1 else f"output_{number + 1}"))
        reader.add(Node(name, "Output", name), [output])
    return reader.result(str(mapping(top.get("config")).get("name") or ""))


def _model_kind(layer: Mapping[str, Any]) -> str:
    """ "Sequential" or "Functional" for a model whose layers are in its configuration, else ""."""
    class_name, config = layer.get("class_name"), layer.get("config")
    kind = CLASSES.get(str(class_name), str(class_name))
    if kind == SEQUENTIAL and (isinstance(config, list) or isinstance(mapping(config).get("layers"), list)):
        return SEQUENTIAL
    if isinstance(mapping(config).get("layers"), list) and "input_layers" in mapping(config):
        return FUNCTIONAL
    return ""


@dataclass(frozen=True)
class _Place:
    """Where a model lies in the file and on the canvas."""

    path: str = ""
    names: tuple[str, ...] = ()
    group: str = ""
    frozen: bool = False
    depth: int = 0


class _Reader:
    """A graph being written down from a configuration."""

    def __init__(self, where: str, catalog: Catalog) -> None:
        self._where = where
        self._catalog = catalog
        self.nodes: list[Node] = []
        self._wires: list[Wire] = []
        self._groups: list[Group] = []
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()
        self._sources: dict[str, LayerSource] = {}
        self._unknown: list[str] = []
        self._notes: dict[str, None] = {}
        self._channels_first = False
        self._calls: dict[str, tuple[str, int]] = {}
        self._first: dict[tuple[str, int], Node] = {}  # by the place of a layer in the file and the number of its block

    def refuse(self, top: Mapping[str, Any]) -> None:
        """Raises ModelFileError with what the file holds instead of a model of layers."""
        class_name = str(top.get("class_name", ""))[:60]
        if class_name and isinstance(top.get("config"), (dict, list)):
            text = f"It holds a {class_name}, not a model of layers."
            if "layers" not in mapping(top.get("config")) and class_name not in ("Tokenizer",):
                text = (
                    f"The model is a class of its maker's own ({class_name}): its layers are in code, not in the file."
                )
            raise ModelFileError(text, where=self._where, remedy="Save it as a functional or sequential model.")
        raise ModelFileError(
            "There is no Keras model in this file.",
            where=self._where,
            remedy="It opens .keras and .h5 files, Keras JSON and SavedModels of sequential and functional models.",
        )

    # ---- models ----------------------------------------------------------------------------------------------

    def model(self, layer: Mapping[str, Any], fed: Sequence[str] | None, place: _Place) -> list[str]:
        """Write down a model. fed: what goes in, None for the outermost. Returns what comes out, ids of nodes."""
        if place.depth > MOST_MODELS:
            raise ModelFileError(f"More than {MOST_MODELS} models lie in one another.", where=self._where)
        if mapping(layer.get("config")).get("trainable") is False:
            place = replace(place, frozen=True)
        if _model_kind(layer) == SEQUENTIAL:
            return self._sequential(layer, fed, place)
        return self._functional(mapping(layer.get("config")), fed, place)

    def _sequential(self, model: Mapping[str, Any], fed: Sequence[str] | None, place: _Place) -> list[str]:
        layers = [mapping(one) for one in sequential_layers(model.get("config"))]
        names = Names()
        last = list(fed[:1]) if fed else []
        for number, layer in enumerate(layers):
            if layer.get("class_name") == "InputLayer":
                if not last and fed is None:
                    last = [self._input(layer)]
                continue
            if not last:
                shape = _first_shape(layer) or shape_of(mapping(model.get("config")).get("build_input_shape"))
                last = [self._input_of(shape[1:] if shape else None, "input")]
            path = f"{place.path}layers/{names.of(_stored_class(layer))}"
            last = self._layer(layer, last, Call(), place, path)
            if number > MOST_NODES:
                self._too_many()
        return last[:1]

    def _functional(self, config: Mapping[str, Any], fed: Sequence[str] | None, place: _Place) -> list[str]:
        layers = [mapping(one) for one in sequence(config.get("layers"))]
        entering = [name for name, _, _ in references(config.get("input_layers"))]
        names = Names()
        given: dict[tuple[str, int], list[str]] = {}
        waiting: dict[tuple[str, int], tuple[Mapping[str, Any], Inbound, str, int]] = {}
        for layer in layers:
            name = _layer_name(layer)
            operation = str(layer.get("module", "")).startswith("keras.src.ops")
            path = "" if operation else f"{place.path}layers/{names.of(_stored_class(layer))}"
            calls = inbound_calls(layer)
            if layer.get("class_name") == "InputLayer":
                at = entering.index(name) if name in entering else -1
                if fed is not None and 0 <= at < len(fed):
                    given[name, 0] = [fed[at]]
                elif fed is None:
                    given[name, 0] = [self._input(layer)]
                continue
            if not calls and name in entering:  # Keras 1 and 2: a nested model may begin with any layer
                if fed is not None and entering.index(name) < len(fed):
                    given[name, 0] = self._layer(layer, [fed[entering.index(name)]], Call(), place, path)
                continue
            for number, inbound in enumerate(calls):
                waiting[name, number] = (layer, inbound, path, number)
        self._in_order(waiting, given, place)
        outputs: list[str] = []
        for name, call, tensor in references(config.get("output_layers")):
            found = given.get((name, call))
            if found:
                outputs.append(found[min(tensor, len(found) - 1)])
            else:
                raise ModelFileError(
                    f"The output {name[:60]!r} cannot be reached from the model's inputs.",
                    where=self._where,
                    remedy="The file may be damaged; save it again from where it was made.",
                )
        return outputs

    def _in_order(
        self,
        waiting: dict[tuple[str, int], tuple[Mapping[str, Any], Inbound, str, int]],
        given: dict[tuple[str, int], list[str]],
        place: _Place,
    ) -> None:
        """Write down the calls, each after all that feed it; what hangs on nothing is left out."""
        missing = {key: {t[:2] for t in entry[1].tensors} - given.keys() for key, entry in waiting.items()}
        follows: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for key, needed in missing.items():
            for source in needed:
                follows.setdefault(source, []).append(key)
        ready = deque(key for key in waiting if not missing[key])
        while ready:
            key = ready.popleft()
            layer, inbound, path, number = waiting[key]
            fed = [given[t[:2]][min(t[2], len(given[t[:2]]) - 1)] for t in inbound.tensors]
            given[key] = self._layer(layer, fed, inbound.call, place, path)
            for made in given[key]:
                self._calls.setdefault(made, (key[0], number))
            for after in follows.get(key, ()):
                missing[after].discard(key)
                if not missing[after]:
                    ready.append(after)
        lost = [name for name, number in waiting if (name, number) not in given]
        if lost:
            shown = ", ".join(dict.fromkeys(lost[:5]))
            self._notes[f"Left out, as nothing feeds them: {shown}."] = None

    # ---- layers ----------------------------------------------------------------------------------------------

    def _layer(self, layer: Mapping[str, Any], fed: Sequence[str], call: Call, place: _Place, path: str) -> list[str]:
        name = _layer_name(layer)
        if _model_kind(layer):
            group = self._group(name, place.group)
            inner = _Place(f"{path}/", (*place.names, name), group, place.frozen, place.depth + 1)
            return self.model(layer, fed, inner)
        class_name, config = str(layer.get("class_name", "")), mapping(layer.get("config"))
        if class_name in ("TimeDistributedDense",):
            config = {**config, "units": config.get("output_dim")}
        module = str(layer.get("module") or "")
        if _usual_axes(config, layer):
            config = {k: v for k, v in config.items() if k != "attention_axes"}
        made = convert(class_name, config, module, call, self._catalog)
        self._channels_first = self._channels_first or made.channels_first
        for note in made.notes:
            self._notes[f"{name}: {note}."] = None
        frozen = place.frozen or config.get("trainable") is False
        previous = ""
        last = len(made.blocks) - 1
        for number, block in enumerate(made.blocks):
            # The block others wire to carries the layer's own name.
            suffix = block.suffix or ("" if number in (0, last) else f"_{number}")
            ident = self.name(name + suffix, block.kind)
            node = Node(ident, block.kind, ident, dict(block.params), group=place.group, note=block.note)
            node = replace(node, shares=self._shared_with(node, path, number))
            taken = range(len(fed)) if block.takes is None else block.takes
            ends = [previous if t == PREVIOUS else fed[t] for t in taken if t == PREVIOUS or t < len(fed)]
            entry = self._catalog.layers.get(block.kind)
            still = frozen and entry is not None and entry.learns
            self.add(replace(node, trainable=not still), ends)
            if block.note:
                self._unknown.append(ident)
            elif block.weights and path and not node.shares:
                shape = shape_of(mapping(layer.get("build_config")).get("input_shape")) or ()
                names = (*place.names, name)
                self._sources[ident] = LayerSource(path, names, block.kind, node.params, class_name, shape)
            previous = ident
        return [previous]

    def _shared_with(self, node: Node, path: str, number: int) -> str:
        """The block that stands for the same layer of the file at an earlier place; "" at the first one, and where
        there are no weights to share."""
        entry = self._catalog.layers.get(node.kind)
        if not path or node.note or entry is None or not entry.learns:
            return ""
        first = self._first.setdefault((path, number), node)
        alike = (first.kind, first.params) == (node.kind, node.params)
        return first.id if alike and first.id != node.id else ""

    def _input(self, layer: Mapping[str, Any]) -> str:
        config = mapping(layer.get("config"))
        shape = shape_of(config.get("batch_shape")) or shape_of(config.get("batch_input_shape"))
        return self._input_of(shape[1:] if shape else None, _layer_name(layer))

    def _input_of(self, shape: tuple[int | None, ...] | None, name: str) -> str:
        ident = self.name(name, "Input")
        self.add(Node(ident, "Input", ident, {} if shape is None else {"shape": list(shape)}), [])
        return ident

    def _group(self, name: str, parent: str) -> str:
        if len(self._groups) >= MOST_NODES:
            self._too_many()
        ident = f"group_{len(self._groups) + 1}"
        self._groups.append(Group(ident, name[:60] or ident, parent))
        return ident

    def add(self, node: Node, fed: Sequence[str]) -> None:
        """One more node, wired to what feeds it."""
        if len(self.nodes) >= MOST_NODES:
            self._too_many()
        self.nodes.append(node)
        self._wires += [Wire(source, node.id, port) for port, source in enumerate(fed)]

    def _too_many(self) -> None:
        raise ModelFileError(
            f"The model has more than {MOST_NODES:,} layers, which no canvas can hold.", where=self._where
        )

    def name(self, wanted: str, kind: str = "") -> str:
        """An identifier no other node has."""
        base = identifier(wanted[:80]) or identifier(snake_case(kind)) or "layer"
        found, stem = base, re.sub(r"_\d+$", "", base)
        while found in self._taken:  # each stem counts on from where it was: a file may name all its layers alike
            self._numbers[stem] += 1
            found = f"{stem}_{self._numbers[stem]}"
        self._taken.add(found)
        return found

    def result(self, name: str) -> ImportedModel:
        """What was written down."""
        nodes = tuple(self.nodes)
        if self._channels_first:
            self._notes["It was made for channels first; here they come last, and its weights are not taken."] = None
            nodes = tuple(_last_channels(n) if n.kind == "Input" else n for n in nodes)
        graph = Graph(nodes, tuple(self._wires), tuple(self._groups))
        notes = tuple(self._notes)
        unknown = tuple(self._unknown)
        return ImportedModel(graph, name, self._sources, unknown, notes, self._channels_first, self._calls)


def _last_channels(node: Node) -> Node:
    shape = node.params.get("shape")
    if not isinstance(shape, list) or len(shape) not in (3, 4):
        return node
    return replace(node, params={**node.params, "shape": [*shape[1:], shape[0]]})


def _layer_name(layer: Mapping[str, Any]) -> str:
    config = layer.get("config")
    return str(layer.get("name") or mapping(config).get("name") or layer.get("class_name") or "layer")


def _usual_axes(config: Mapping[str, Any], layer: Mapping[str, Any]) -> bool:
    """Whether attention runs over all axes between batch and features, as it does where nothing is said."""
    axes = plain(config.get("attention_axes"))
    built = mapping(mapping(layer.get("build_config")).get("shapes_dict"))
    query = shape_of(built.get("query_shape"))
    return bool(axes == list(range(1, len(query) - 1 if query else 2)))


def _stored_class(layer: Mapping[str, Any]) -> str:
    """The class whose name Keras gives the layer's place among the weights."""
    kind = _model_kind(layer)
    return kind or str(layer.get("class_name", "layer"))


def _first_shape(layer: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    """The batch shape the first layer of a Sequential was given, in any of the ways there were."""
    if _model_kind(layer):
        inner = sequential_layers(layer.get("config")) if _model_kind(layer) == SEQUENTIAL else []
        inner = inner or sequence(mapping(layer.get("config")).get("layers"))
        return _first_shape(mapping(inner[0])) if inner else None
    config = mapping(layer.get("config"))
    for name in ("batch_shape", "batch_input_shape"):
        if (shape := shape_of(config.get(name))) is not None:
            return shape
    inner_layer = config.get("layer")
    if isinstance(inner_layer, dict) and (shape := _first_shape(inner_layer)) is not None:
        return shape
    built = mapping(layer.get("build_config")).get("input_shape")
    if (shape := shape_of(built)) is not None:
        return shape
    if layer.get("class_name") in ("Dense", "Highway", "MaxoutDense") and isinstance(config.get("input_dim"), int):
        return (None, config["input_dim"])
    return None
