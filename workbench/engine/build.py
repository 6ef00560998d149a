"""From a layer graph to a Keras model, through the functional API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from workbench.core.catalog import Entry, find_object, is_number, load_catalog, object_parts, with_required
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, InputFacts
from workbench.core.names import snake_case
from workbench.core.project import Graph, Json, Node
from workbench.core.schedule_length import USUAL, fitted
from workbench.core.sharing import owners
from workbench.core.structure import structure_problems
from workbench.core.wiring import incoming, input_bindings, topological_order, used_nodes

from .plain_words import Shape, why_layer_fails, why_sharing_fails
from .refused import why_not_input, why_not_settings
from .short_of_memory import is_short, short_of_memory

_MODULES = {
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
    "constraints": keras.constraints,
    "schedules": keras.optimizers.schedules,
    "layers": keras.layers,
}


def build_model(graph: Graph, facts: DataFacts, seed: int, precision: str = "float32") -> keras.Model:
    """The functional model of a graph; inputs and layers carry the names of their nodes.

    One `keras.Input` (float32, shape of the data input it is bound to) for each Input node the Output depends on; the
    tensor wired to the Output is the model's output, shape (batch, ...); of several Outputs the model gives a dict by
    their names. Nodes that no Output depends on are left out. A single input is called with its tensor, several with a
    dict by name. Pictures are expected scaled: the feed computes x * scale + offset. The same seed gives the same
    weights: Python's, NumPy's and the backend's generators are set from it. precision: Keras' dtype policy of all
    layers but the last, whose answers stay float32.

    Raises:
        GraphError: the graph cannot be built; `where` is the name of the node.
    """
    names = {n.id: n.name for n in graph.nodes}
    for problem in structure_problems(graph, data=facts):
        if problem.severity == "error":
            remedy = f"{problem.repairs[0].title}." if problem.repairs else "Mend it on the canvas."
            raise GraphError(problem.message, where=names.get(problem.node, "model"), remedy=remedy)
    used = used_nodes(graph)
    of = owners(graph)
    last = {of[w.source] for w in graph.wires if graph.node(w.target).kind == "Output"}
    sources = bound_inputs(graph, facts)
    keras.utils.set_random_seed(seed)
    tensors: dict[str, Any] = {}
    layers: dict[str, Shared] = {}  # by owner
    inputs: list[Any] = []
    outputs: dict[str, Any] = {}
    for node_id in topological_order(graph) or []:
        if node_id not in used:
            continue
        node = graph.node(node_id)
        if node.kind == "Input":
            tensors[node_id] = keras.Input(shape=sources[node_id].shape, name=node.name, dtype="float32")
            inputs.append(tensors[node_id])
            continue
        fed = [tensors[w.source] for w in incoming(graph, node_id)]
        if node.kind == "Output":
            outputs[node.name] = fed[0]
            continue
        owner = of[node_id]
        with _precision("float32" if owner in last else precision):
            if owner not in layers:
                layers[owner] = Shared(make_layer(graph.node(owner)), node.name, [tuple(t.shape) for t in fed])
            tensors[node_id] = layers[owner].call(node, fed, ports_of(graph, node_id))
    given = inputs[0] if len(inputs) == 1 else {tensor.name: tensor for tensor in inputs}
    answer = next(iter(outputs.values())) if len(outputs) == 1 else outputs
    return keras.Model(inputs=given, outputs=answer, name="model")


@dataclass(frozen=True, eq=False)
class Shared:
    """A layer with the block it is first used at, and the shapes it gets there."""

    layer: keras.layers.Layer
    place: str
    made_for: list[Shape]

    def call(self, node: Node, tensors: Sequence[Any], ports: Sequence[int]) -> Any:
        """`call_layer` at one of its places.

        Raises:
            GraphError: the shapes do not fit, or not those it was made for.
        """
        try:
            return call_layer(self.layer, node, tensors, ports)
        except GraphError as error:
            if node.name == self.place:
                raise
            shapes = [tuple(t.shape) for t in tensors]
            raise GraphError(
                why_sharing_fails(self.layer.name, self.place, self.made_for, shapes),
                where=node.name,
                remedy=f"Give {node.name} its own layer.",
            ) from error


@contextmanager
def _precision(name: str) -> Iterator[None]:
    """Layers made inside have this dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def bound_inputs(graph: Graph, facts: DataFacts) -> dict[str, InputFacts]:
    """{id of each Input node: the prepared input it gives}; those bound to nothing known are left out."""
    known = {i.name: i for i in facts.inputs}
    bound = input_bindings(graph, facts)
    return {n.id: known[bound[n.name]] for n in graph.nodes if n.kind == "Input" and bound[n.name] in known}


def ports_of(graph: Graph, node_id: str) -> list[int]:
    """The ports of the wires into a node, in order."""
    return [w.port for w in incoming(graph, node_id)]


def make_layer(node: Node) -> keras.layers.Layer:
    """The Keras layer of a node, not built yet.

    Raises:
        GraphError: there is no such layer, or Keras does not take its arguments.
    """
    entry = load_catalog().layer(node.kind)
    cls = getattr(keras.layers, node.kind, None)
    if entry is None or cls is None or not entry.usable:
        why = f": {entry.reason}" if entry and entry.reason else "."
        raise GraphError(f"{node.kind} cannot be used{why}", where=node.name, remedy="Take it out.")
    if wrong := why_not_settings(node.kind, node.params):
        raise GraphError(wrong, where=node.name, remedy="Change the setting, or reset it.")
    try:
        made: keras.layers.Layer = cls(name=node.name, **arguments(entry, node.params))
        if not node.trainable:
            made.trainable = False
    except GraphError as error:
        raise GraphError(error.what, where=node.name, remedy=error.remedy) from error
    except (ValueError, TypeError) as error:
        raise GraphError(
            why_layer_fails(node.kind, entry, (), node.params, error),
            where=node.name,
            remedy="Change the setting, or reset it.",
        ) from error
    return made


def call_layer(layer: keras.layers.Layer, node: Node, tensors: Sequence[Any], ports: Sequence[int]) -> Any:
    """The layer's output for the tensors at those ports.

    Raises:
        GraphError: the shapes do not fit.
        OutOfMemory: its weights do not.
    """
    entry = load_catalog().layer(node.kind)
    assert entry is not None
    if wrong := why_not_input(node.kind, node.params, [tuple(t.shape) for t in tensors]):
        raise GraphError(wrong, where=node.name)
    try:
        if node.kind in ("MultiHeadAttention", "GroupQueryAttention"):
            made = layer(**{entry.port_name(p): t for p, t in zip(ports, tensors, strict=True)})
        elif entry.inputs > 1:
            made = layer(list(tensors))
        else:
            made = layer(tensors[0])
    except Exception as error:  # Keras and TensorFlow raise many kinds here; all of them concern this layer
        if is_short(error):
            raise short_of_memory(error, node.name) from error
        shapes = tuple(tuple(t.shape) for t in tensors)
        raise GraphError(why_layer_fails(node.kind, entry, shapes, node.params, error), where=node.name) from error
    if isinstance(made, (list, tuple, dict)):
        raise GraphError(f"{node.kind} gives several outputs, which cannot be wired yet.", where=node.name)
    return made


# ---- params --------------------------------------------------------------------------------------------------


def arguments(entry: Entry, params: Mapping[str, Json]) -> dict[str, Any]:
    """Keras' keyword arguments from JSON params: lists become tuples, named objects are made."""
    found: dict[str, Any] = {}
    for name, value in with_required(entry, params).items():
        spec = entry.field(name)
        if spec is not None and spec.kind == "object" and not is_number(value):
            found[name] = make_object(str(spec.choices[0]), value)
        elif spec is not None and spec.kind == "objects":
            found[name] = [make_object(str(spec.choices[0]), one, number) for number, one in enumerate(value)]
        elif isinstance(value, list):
            found[name] = tuple(value)
        else:
            found[name] = value
    return found


def make_object(group: str, value: Json, number: int = 0) -> Any:
    """An initializer, regularizer, constraint, schedule or inner layer from {"kind", "params"}, a bare name or None.

    number: which of several inner layers it is, from 0.

    Raises:
        GraphError: there is none of that name, or its settings do not fit.
    """
    if group == "schedules":  # one that is to follow a run was fitted to it by now
        value = fitted(value, USUAL, load_catalog())
    parts = object_parts(value)
    if parts is None:
        return None
    name, params = parts
    entry = find_object(load_catalog(), group, name)
    if entry is None:
        raise GraphError(f"There is no {name!r} among the {group}.", remedy="Choose one from the list.")
    try:
        # Keras' own names of inner layers count up with every model made in this process.
        name = f"{snake_case(entry.keras)}_{number}" if number else snake_case(entry.keras)
        named = {"name": name} if group == "layers" else {}
        return getattr(_MODULES[group], entry.keras)(**named, **arguments(entry, params))
    except (ValueError, TypeError) as error:
        raise GraphError(f"{entry.title} does not take these settings ({error}).", remedy="Reset them.") from error
