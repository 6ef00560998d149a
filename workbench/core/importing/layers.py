"""One layer of a model file as one or several blocks of the canvas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog import Catalog, LayerEntry, is_number
from ..project import Json
from .config import mapping, plain
from .legacy import modern
from .values import function_name, params_of

PREVIOUS = -1


@dataclass(frozen=True)
class Block:
    """takes: numbers of the layer's inputs that feed it, PREVIOUS for the block before; None: all of them, in order.
    note: not "" for a block that stands for something unknown, and says what. weights: whether the layer's weights are
    this block's."""

    kind: str
    params: Mapping[str, Json] = field(default_factory=dict)
    takes: tuple[int, ...] | None = None
    note: str = ""
    suffix: str = ""
    weights: bool = True


@dataclass(frozen=True)
class Call:
    """How a layer is called: how many tensors it gets, the constants among its arguments in order, those given by
    name, and whether it gets the state of another layer."""

    tensors: int = 1
    values: tuple[Json, ...] = ()
    words: Mapping[str, Json] = field(default_factory=dict)
    states: bool = False
    order: tuple[str, ...] = ()  # "t" for a tensor, "v" for a constant, as they come


@dataclass(frozen=True)
class Converted:
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    channels_first: bool = False


def convert(class_name: str, raw: Mapping[str, Any], module: str, call: Call, catalog: Catalog) -> Converted:
    """The blocks a layer stands for. Anything unknown becomes one placeholder that says what it is."""
    if module.startswith("keras.src.ops") or module == "keras.ops":
        return Converted(_operation(class_name, raw, call))
    if class_name in ("TFOpLambda", "SlicingOpLambda"):
        return Converted(_lambda_operation(class_name, raw, call))
    kind, config = modern(class_name, raw)
    if found := _of_applications(kind, module, config):
        return Converted(found)
    entry = catalog.layers.get(kind)
    if entry is None:
        return Converted((unknown(class_name, module),))
    if not entry.usable:
        return Converted((Block(kind, note=f"{kind} cannot be used here: {entry.reason}"),))
    if call.states or config.get("return_state"):
        text = f"{kind} hands on or takes the state of its cells, which a wire cannot carry yet."
        return Converted((Block(f"{kind} with states", note=text),))
    return _known(kind, entry, config, catalog)


def unknown(class_name: str, module: str = "") -> Block:
    """A placeholder for a class that Keras itself does not have."""
    kind = re.sub(r"[^0-9A-Za-z_ ]+", "", class_name)[:60] or "Unknown"
    ours = module == "keras" or module.startswith(("keras.", "tensorflow.", "tf_keras."))
    origin = f" (from {module[:60]})" if module and not ours else ""
    text = f"{kind} is a layer of its maker's own{origin}: its code is not in the file, or is not run here."
    return Block(kind, note=text)


def _known(kind: str, entry: LayerEntry, config: dict[str, Any], catalog: Catalog) -> Converted:
    notes: list[str] = []
    blocks: list[Block] = []
    if kind == "Normalization":
        config = {**config, "mean": config.get("mean"), "variance": config.get("variance")}
        for name, usual in (("mean", 0.0), ("variance", 1.0)):  # what one that has not seen data yet computes with
            config[name] = plain(config[name]) if config[name] is not None else usual
    custom = ""
    activation = config.get("activation")
    if isinstance(activation, Mapping) and function_name(activation) not in catalog.activations:
        inner = catalog.layers.get(str(activation.get("class_name")))
        if inner is not None and inner.group == "Activations" and kind != "Activation":
            params, lost = params_of(inner, mapping(modern(inner.name, mapping(activation.get("config")))[1]), catalog)
            blocks.append(Block(inner.name, params, (PREVIOUS,), suffix="_activation", weights=False))
            notes += lost
            config = {**config, "activation": None}
        else:
            custom = function_name(activation)
    elif isinstance(activation, str) and activation not in catalog.activations:
        custom = activation
    params, lost = params_of(entry, config, catalog)
    first = str(config.get("data_format")) == "channels_first"
    if custom or _code_in(config):
        what = f"its {'activation ' + custom[:40] if custom else 'arguments'}"
        text = f"{kind} needs {what}, which is code of its maker and is not run here."
        return Converted((Block(f"{kind} with code", note=text),))
    if any(f.required and f.name in config and f.name not in params for f in entry.fields):
        text = f"{kind} cannot be made here with {', '.join(lost)}."
        return Converted((Block(f"{kind} with code", note=text),))
    if lost:
        notes.append("not kept: " + ", ".join(lost))
    if first and "axis" in params and isinstance(params["axis"], int) and params["axis"] == 1:
        params["axis"] = -1
        if entry.field("axis") is not None and entry.field("axis").default == -1:  # type: ignore[union-attr]
            del params["axis"]
    return Converted((Block(kind, params), *blocks), tuple(notes), first)


def _code_in(value: Any) -> bool:
    """Whether code hides anywhere among the arguments."""
    if isinstance(value, Mapping):
        if value.get("class_name") in ("__lambda__", "Lambda"):
            return True
        return any(_code_in(v) for v in value.values())
    return isinstance(value, list) and any(_code_in(v) for v in value)


# ---- what Keras' own applications bring along ----------------------------------------------------------------


def _of_applications(kind: str, module: str, config: Mapping[str, Any]) -> tuple[Block, ...]:
    """Small layers that keras.applications defines for itself, as stock layers that compute the same."""
    if module and not module.startswith(("keras.", "tensorflow.", "tf_keras.")):
        return ()  # another maker's layer of the same name
    if kind == "CustomScaleLayer" and is_number(config.get("scale", 1)):  # InceptionResNetV2: a + b * scale
        scaled = Block("Rescaling", {"scale": config.get("scale", 1)}, (1,), suffix="_scale", weights=False)
        return (scaled, Block("Add", {}, (0, PREVIOUS), weights=False))
    if kind == "LayerScale" and isinstance(config.get("projection_dim"), int):  # ConvNeXt: one factor a channel
        start = {"kind": "Constant", "params": {"value": config.get("init_values") or 0.0}}
        units = config["projection_dim"]
        return (Block("EinsumDense", {"equation": "...c,c->...c", "output_shape": units, "kernel_initializer": start}),)
    rate = config.get("drop_path_rate")
    if kind == "StochasticDepth" and is_number(rate):  # ConvNeXt: whole samples are dropped
        return (Block("Dropout", {"rate": rate, "noise_shape": [None, 1, 1, 1]}),)
    return ()


# ---- operations without a layer ------------------------------------------------------------------------------

_MERGING = {"add": "Add", "subtract": "Subtract", "multiply": "Multiply", "maximum": "Maximum", "minimum": "Minimum"}


def _operation(class_name: str, config: Mapping[str, Any], call: Call) -> tuple[Block, ...]:
    """An operation of keras.ops in a functional model: `x + 3` is one."""
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", class_name).lower()
    return _arithmetic(name, class_name, config, call)


def _lambda_operation(class_name: str, config: Mapping[str, Any], call: Call) -> tuple[Block, ...]:
    """Keras 2 kept an operation by the name of its TensorFlow function."""
    name = str(config.get("function", class_name)).rsplit(".", 1)[-1].strip("_")
    name = {"truediv": "divide", "__add__": "add", "sub": "subtract", "mul": "multiply"}.get(name, name)
    return _arithmetic(name, f"operation {name}", {}, call)


def _arithmetic(name: str, shown: str, config: Mapping[str, Any], call: Call) -> tuple[Block, ...]:
    numbers = [*call.values, *(call.words[k] for k in ("y", "x1", "x2") if k in call.words)]
    number = float(numbers[0]) if len(numbers) == 1 and is_number(numbers[0]) else None
    constant_first = call.order[:1] == ("v",)
    if call.tensors == 2 and not numbers and name in _MERGING:
        return (Block(_MERGING[name]),)
    if call.tensors == 1 and number is not None:
        scale, offset = _straight(name, number, constant_first)
        if scale is not None:
            params: dict[str, Json] = {"scale": scale}
            return (Block("Rescaling", {**params, "offset": offset} if offset else params),)
    activation = {"relu6": "relu6"}.get(name, name)
    if call.tensors == 1 and not numbers and activation in _FUNCTIONS:
        return (Block("Activation", {"activation": activation}),)
    if call.tensors == 1 and name == "reshape":
        target = plain(config.get("newshape"))
        if isinstance(target, list) and len(target) > 1 and all(isinstance(v, int) for v in target[1:]):
            return (Block("Reshape", {"target_shape": target[1:]}),)
    text = f"{shown} is a computation between layers; as a layer of its own the workbench has nothing like it."
    return (Block(re.sub(r"[^0-9A-Za-z_ ]+", "", shown)[:60] or "Operation", note=text),)


_FUNCTIONS = ("relu", "relu6", "sigmoid", "tanh", "softmax", "gelu", "silu", "elu", "selu", "softplus", "hard_sigmoid")


def _straight(name: str, number: float, first: bool) -> tuple[float | None, float]:
    """Scale and offset of x op number (or number op x): what is a straight line in x."""
    if name == "add":
        return 1.0, number
    if name == "subtract":
        return (-1.0, number) if first else (1.0, -number)
    if name == "multiply":
        return number, 0.0
    if name in ("divide", "true_divide") and not first and number:
        return 1.0 / number, 0.0
    return None, 0.0
