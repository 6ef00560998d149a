"""Every value a form offers computes what was said of it, or is refused in words before: driven by the catalog itself.

Keras says the shape of a layer's output without computing it, and takes many settings that fail, or give another shape,
only when numbers come: such a block would look right on the canvas and break the training.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from workbench.core.allowed import value_problem
from workbench.core.catalog import GROUPS, LayerEntry, load_catalog, offered
from workbench.core.errors import GraphError
from workbench.core.fields import Field
from workbench.core.importing import read_model
from workbench.core.importing.values import essential
from workbench.core.project import Json, Node
from workbench.engine.build import call_layer, make_layer
from workbench.engine.import_model import config_of

from .test_every_layer import LAYERS, OWN_SHAPES, SHAPES

CATALOG = load_catalog()

ALIKE = ("ConvLSTM1D", "ConvLSTM3D")  # in all settings to ConvLSTM2D, and slow
DIFFERENT = ("Preprocessing", "Regularization", "Normalization")  # in training

# Settings that need others to fit them.
BESIDE: dict[tuple[str, str], dict[str, Json]] = {
    **{(f"Conv{n}DTranspose", "output_padding"): {"strides": 3} for n in (1, 2, 3)},
    ("Conv3D", "dilation_rate"): {"padding": "same"},
    ("GroupQueryAttention", "num_query_heads"): {"num_key_value_heads": 1},
    ("GroupQueryAttention", "num_key_value_heads"): {"num_query_heads": 6},
}
# Values that cannot be, and are refused in words.
REFUSED = {
    ("RandomGaussianBlur", "kernel_size"): "kernel_size must be an odd number",
    ("RandomShear", "x_factor"): "needs two numbers",
    ("RandomShear", "y_factor"): "needs two numbers",
    ("MelSpectrogram", "fft_length"): "has to be an even number",
    ("STFTSpectrogram", "frame_length"): "only 256 steps large",
    ("STFTSpectrogram", "fft_length"): "should be not less than frame_length",
}


def values(entry: LayerEntry, field: Field) -> Iterator[Json]:
    """What a person may set that field to, besides what it begins with."""
    now = entry.start.get(field.name, field.default)
    if field.kind == "bool":
        yield not now
    elif field.kind == "choice":
        yield from (c for c in field.choices if c != now)
    elif field.kind == "object":
        for name, inner in offered(CATALOG, field).items():
            yield {"kind": name, "params": dict(getattr(inner, "start", {}))}
    elif field.kind in ("int", "ints"):
        yield from _whole_numbers(field, now)
    elif field.kind in ("float", "floats"):
        low, high = field.minimum, field.maximum
        one = 0.25 if low is None or low < 0.25 else low
        yield one if field.kind == "float" or field.length else [one]
        if field.kind == "floats" and field.length == 2:
            yield [low or 0.0, high if high is not None else 0.5]
    if field.optional and now is not None:
        yield None


def _whole_numbers(field: Field, now: Json) -> Iterator[Json]:
    if now is None and field.name in ("axis", "axes", "shared_axes", "dims"):
        yield [1] if field.kind == "ints" else 1
    elif isinstance(now, int) and not isinstance(now, bool) and field.name not in ("axis", "axes", "groups"):
        yield now + 1
    elif isinstance(now, (list, tuple)) and field.name == "cropping":
        yield [1] * len(now)
    elif isinstance(now, (list, tuple)) and field.name not in ("dims", "target_shape", "output_shape", "value_range"):
        yield [v + 1 for v in now]
    elif now is None:
        yield max(2, int(field.minimum or 0))


def shape_for(entry: LayerEntry, field: Field, value: Json) -> tuple[int, ...]:
    """An input that suits the layer with that setting."""
    if field.name == "layer" and entry.name != "Bidirectional":
        rank = CATALOG.layers[value["kind"]].rank
        return SHAPES[(rank or 1) + (entry.name == "TimeDistributed")]
    return OWN_SHAPES.get(entry.name, SHAPES[entry.rank])


def tried(entry: LayerEntry, field: Field, value: Json) -> str:
    """What goes wrong; "" when nothing does, and "refused: ..." when it is told before."""
    if text := value_problem(field, value, CATALOG):
        return f"the form does not take it: {text}"
    node = Node(
        "l", entry.name, "layer", {**entry.start, **BESIDE.get((entry.name, field.name), {}), field.name: value}
    )
    shape = shape_for(entry, field, value)
    given = [keras.Input(shape, name=f"i{n}", dtype="float32") for n in range(entry.inputs)]
    try:
        layer = make_layer(node)
        said = call_layer(layer, node, given, range(entry.inputs))
    except GraphError as error:
        return f"refused: {error.what}"
    x = np.random.default_rng(0).integers(0, 2, (2, *shape)).astype("float32")
    model = keras.Model(given, said)
    try:
        for training in (True, False) if entry.group in DIFFERENT or "dropout" in field.name else (False,):
            answer = np.asarray(model([x] * entry.inputs, training=training))
            if any(s not in (None, a) for s, a in zip(said.shape, answer.shape, strict=True)):
                return f"said {said.shape}, gave {answer.shape}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:160]}"
    try:
        again = keras.models.model_from_json(model.to_json())
    except Exception as error:
        return f"Keras cannot open it again: {str(error)[:160]}"
    read = read_model(config_of(again), "model")
    back = next(n for n in read.graph.nodes if n.name == "layer")
    if read.notes or back.note:
        return f"not kept: {read.notes or back.note}"
    one, two = (essential(entry.name, n.params, CATALOG) for n in (node, back))
    if one.get("seed") is None:
        two.pop("seed", None)
    return "" if one == two or entry.name == "GroupNormalization" else f"{one} came back as {two}"


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_of_every_setting_computes_what_is_said_of_it(group: str):
    wrong = []
    for entry in LAYERS:
        if entry.name in ALIKE:
            continue
        for field in entry.fields if entry.group == group else ():
            if field.name in ("activation", "recurrent_activation") and entry.name not in ("Activation", "Dense"):
                continue  # the same function everywhere
            if field.kind == "object" and field.choices[0] != "layers":
                continue  # tried below
            for value in values(entry, field):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    if text := tried(entry, field, value):
                        told = REFUSED.get((entry.name, field.name))
                        if told is None or not text.startswith("refused") or told not in text:
                            wrong.append(f"{entry.name} {field.name} = {value}: {text}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.filterwarnings("ignore:.*softmax over axis:UserWarning")
@pytest.mark.parametrize("shape", [(1,), (6,), (6, 4), (8, 8, 3), (3, 4, 4, 2)], ids=str)
def test_layers_for_inputs_of_any_rank_compute_what_is_said_of_them_or_refuse(shape: tuple[int, ...]):
    wrong = []
    x = np.random.default_rng(0).integers(0, 2, (2, *shape)).astype("float32")
    for entry in LAYERS:
        if entry.rank and not entry.ports and entry.group not in ("Recurrent", "Core"):
            continue  # those refuse another rank by themselves, in the words of plain_words
        node = Node("l", entry.name, "layer", dict(entry.start))
        given = [keras.Input(shape, name=f"i{n}", dtype="float32") for n in range(entry.inputs)]
        try:
            said = call_layer(make_layer(node), node, given, range(entry.inputs))
        except GraphError:
            continue
        try:
            answer = np.asarray(keras.Model(given, said)([x] * entry.inputs, training=False))
            if len(said.shape) != answer.ndim or any(
                s not in (None, a) for s, a in zip(said.shape, answer.shape, strict=True)
            ):
                wrong.append(f"{entry.name} said {said.shape}, gave {answer.shape}")
        except Exception as error:
            wrong.append(f"{entry.name}: {type(error).__name__} {str(error)[:160]}")
    assert not wrong, "\n".join(wrong)
