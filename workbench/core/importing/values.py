"""Arguments of a Keras layer as the params of a node: only what the catalog knows, only what differs from Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..allowed import value_problem
from ..catalog import Catalog, Entry, LayerEntry, find_object, is_number, object_parts
from ..fields import Field
from ..one_line import shortened
from ..project import Json
from .config import mapping, plain
from .legacy import initializer, modern, regularizer

# Belongs to the base class, to how it was run, or to an older Keras: nothing of the layer's meaning is lost.
UNSAID = {
    *("name", "trainable", "dtype", "batch_shape", "input_shape", "input_dtype", "input_dim", "input_length", "ragged"),
    *("sparse", "optional", "implementation", "time_major", "use_cudnn", "flash_attention", "autocast", "consume_less"),
    *("forget_bias_init", "weights", "build_config", "shared_object_id", "lora_rank", "lora_alpha", "mode"),
    *("quantization_config", "quantization_mode", "gptq_unpacked_column_size", "synchronized", "batch_size"),
    *(
        "zero_output_for_mask",
        "backward_layer",
        "input_axes",
        "output_axes",
        "fused",
        "virtual_batch_size",
        "adjustment",
        "seed_generator",
        "learning_phase",
    ),
    *("arguments", "input_spec", "batch_input_shape", "data_format", "renorm_clipping", "compiled", "registered_name"),
}
_SPREAD = {"kernel_size", "strides", "pool_size", "dilation_rate", "size", "output_padding", "output_size"}
_PAIRED = {"padding", "cropping"}
_SAME_FUNCTION = {"sigmoid_v2": "sigmoid", "softmax_v2": "softmax", "swish": "silu", "hard_swish": "hard_silu"}


def params_of(entry: LayerEntry, config: Mapping[str, Any], catalog: Catalog) -> tuple[dict[str, Json], list[str]]:
    """The changed arguments a node keeps, and what of the layer's arguments it cannot keep, as words."""
    params: dict[str, Json] = {}
    lost: list[str] = []
    for spec in entry.fields:
        if spec.name not in config:
            continue
        value, known = converted(spec, config[spec.name], catalog)
        if not known:
            lost.append(f"{spec.name} = {_short(config[spec.name])}")
        elif spec.required or not same(spec, value, spec.default, catalog):
            params[spec.name] = value
    params = _without_implied(entry, params)
    for name, value in config.items():
        if name in entry.kept:
            if plain(value) not in (None, entry.kept[name]):
                params[name] = plain(value)
        elif entry.field(name) is None and name not in UNSAID and plain(value) not in (None, False, "auto", [], {}, ""):
            lost.append(f"{name} = {_short(value)}")
    return params, lost


def essential(kind: str, params: Mapping[str, Json], catalog: Catalog) -> dict[str, Json]:
    """The params of a node so that all that mean the same are equal: no defaults, one number for equal ones."""
    entry = catalog.layers.get(kind)
    if entry is None:
        return dict(params)
    found: dict[str, Json] = {}
    for name, value in params.items():
        spec = entry.field(name)
        if spec is None or spec.required or not same(spec, value, spec.default, catalog):
            found[name] = _alike(spec, value, catalog)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in _without_implied(entry, found).items()}


def _alike(spec: Field | None, value: Json, catalog: Catalog) -> Json:
    """One form for values of a field that mean the same: 3 for 3, 3, and 64 for a list of that alone."""
    if spec is not None and spec.kind == "objects" and isinstance(value, (list, tuple)):
        return [_alike(replace(spec, kind="object"), one, catalog) for one in value]
    if spec is not None and spec.kind == "object" and not is_number(value):
        parts = _parts(spec, value, catalog)
        return None if parts is None else {"kind": parts[0], "params": dict(parts[1])}
    if spec is not None and spec.kind == "floats":
        return _range(spec, value)
    if spec is not None and spec.kind == "choice" and isinstance(value, str):
        return _SAME_FUNCTION.get(value, value) if spec.name.endswith("activation") else value
    if spec is not None and (spec.name in _SPREAD or spec.name in _PAIRED):
        return _even(value)
    if spec is not None and spec.kind == "ints" and isinstance(value, (list, tuple)) and len(value) == 1:
        return value[0]
    return value


def _without_implied(entry: LayerEntry, params: Mapping[str, Json]) -> dict[str, Json]:
    """The params without those that Keras gives the same value where none is given."""

    def known(name: str) -> Json:
        spec = entry.field(name)
        return _even(params.get(name, spec.default if spec else None))

    implied = {"strides": known("pool_size"), "value_dim": known("key_dim")}
    if entry.name == "MelSpectrogram":
        implied = {"sequence_length": known("fft_length"), "max_freq": int(known("sampling_rate") / 2)}
    return {k: v for k, v in params.items() if v is None or k not in implied or _even(v) != implied[k]}


def _short(value: Any) -> str:
    return shortened(str(plain(value)), 40)


def converted(spec: Field, raw: Any, catalog: Catalog) -> tuple[Json, bool]:
    """The value as the canvas stores it, and whether the canvas can have it at all."""
    group = str(spec.choices[0]) if spec.choices else ""
    if spec.kind == "object":
        value, known = object_value(group, raw, catalog)
    elif spec.kind == "objects":
        found = [object_value(group, one, catalog) for one in (raw if isinstance(raw, list) else [])]
        value, known = [one for one, _ in found], all(ok for _, ok in found)
    else:
        value, known = _scalar(spec, raw), True
    if not known or value_problem(spec, value, catalog):
        return None, False
    return value, True


def _scalar(spec: Field, raw: Any) -> Json:
    value = plain(raw)
    if isinstance(value, dict):
        value = function_name(value)
    if spec.kind == "choice" and isinstance(value, str) and spec.name.endswith("activation"):
        return _SAME_FUNCTION.get(value, value)
    if spec.name in _PAIRED and isinstance(value, list):
        pairs = [v[0] if isinstance(v, list) and len(v) == 2 and v[0] == v[1] else v for v in value]
        return _even(pairs) if spec.length > 1 and not any(isinstance(v, list) for v in pairs) else pairs
    if spec.name in _SPREAD:
        return _even(value)
    if (spec.kind == "int" or spec.name == "output_shape") and isinstance(value, list) and len(value) == 1:
        return value[0]
    if spec.kind == "int" and spec.name == "salt":  # of two numbers, both the one that was given
        return _even(value)
    if spec.kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    if spec.kind in ("float", "floats"):
        value = [_decimal(v) for v in value] if isinstance(value, list) else _decimal(value)
    return _range(spec, value) if spec.kind == "floats" else value


def _decimal(value: Json) -> Json:
    """What was typed, of a number that Keras keeps in single precision: 0.01 for 0.009999999776482582."""
    if isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value


def _range(spec: Field, value: Json) -> Json:
    """One number for a range from its negative, or from the lowest there may be, up to it: what Keras makes of one."""
    if spec.length == 2 and isinstance(value, (list, tuple)) and len(value) == 2 and all(is_number(v) for v in value):
        low, high = value
        if low == (-high if spec.minimum is None else max(-high, spec.minimum)):
            return high
    return value


def _even(value: Json) -> Json:
    """One number for a list of equal ones."""
    if isinstance(value, (list, tuple)) and value and all(v == value[0] and isinstance(v, int) for v in value):
        first: Json = value[0]
        return first
    return value


def function_name(value: Mapping[str, Any]) -> str:
    """The name of a serialised function such as an activation; nothing of it is ever looked up but that name."""
    for part in (value.get("config"), value.get("registered_name"), value.get("class_name")):
        if isinstance(part, str) and part not in ("function", "activation"):
            return part.rsplit(">", 1)[-1]
    return ""


def object_value(group: str, raw: Any, catalog: Catalog) -> tuple[Json, bool]:
    """An initializer, regularizer or constraint as {"kind", "params"} or a bare name, and whether it is one."""
    if raw is None:
        return None, True
    name: str
    config: Mapping[str, Any]
    if isinstance(raw, str):
        name, config = raw, {}
    elif isinstance(raw, dict) and isinstance(raw.get("class_name"), str) and group == "layers":
        name, config = modern(raw["class_name"], mapping(raw.get("config")))
    elif isinstance(raw, dict) and isinstance(raw.get("class_name"), str):
        name, config = initializer(raw["class_name"], mapping(raw.get("config")))
    elif isinstance(raw, dict) and "name" in raw:
        name, config = regularizer(raw)
    else:
        return None, False
    entry = find_object(catalog, group, name)
    if entry is None:
        return None, False
    return named(entry, config, catalog)


def named(entry: Entry, config: Mapping[str, Any], catalog: Catalog) -> tuple[Json, bool]:
    """The entry with those of its settings that are not its defaults."""
    if isinstance(entry, LayerEntry):  # a layer inside another one
        inner, lost = params_of(entry, config, catalog)
        return {"kind": entry.name, "params": inner}, not lost
    params: dict[str, Json] = {}
    for spec in entry.fields:
        if spec.name not in config or (spec.name == "seed" and not isinstance(config["seed"], int)):
            continue
        value, known = converted(spec, config[spec.name], catalog)
        if not known:
            return None, False
        if not same(spec, value, spec.default, catalog):
            params[spec.name] = value
    return ({"kind": entry.name, "params": params} if params else entry.name), True


def same(spec: Field, value: Json, other: Json, catalog: Catalog) -> bool:
    """Whether two values of a field mean the same."""
    if spec.kind == "object" and spec.choices and not is_number(value) and not is_number(other):
        return _parts(spec, value, catalog) == _parts(spec, other, catalog)
    if spec.kind == "choice" and {value, other} <= {None, "linear"}:
        return True
    if spec.kind == "objects" and isinstance(value, (list, tuple)) and isinstance(other, (list, tuple)):
        return [_parts(spec, v, catalog) for v in value] == [_parts(spec, v, catalog) for v in other]
    if spec.kind == "floats":
        value, other = (_range(spec, list(v) if isinstance(v, tuple) else v) for v in (value, other))
    a, b = _even(value), _even(list(other) if isinstance(other, tuple) else other)
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _parts(spec: Field, value: Json, catalog: Catalog) -> tuple[str, Mapping[str, Json]] | None:
    parts = object_parts(value)
    if parts is None:
        return None
    entry = find_object(catalog, str(spec.choices[0]), parts[0])
    if entry is None:
        return parts
    if isinstance(entry, LayerEntry):
        return entry.name, essential(entry.name, parts[1], catalog)
    known = {f.name: f for f in entry.fields}
    given = {k: v for k, v in parts[1].items() if k not in known or not same(known[k], v, known[k].default, catalog)}
    return entry.name, {k: _alike(known.get(k), v, catalog) for k, v in given.items()}
