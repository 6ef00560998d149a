"""Ready-made graphs, sized to the data and laid out: a place to start from, and a ladder to climb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .drafting import Draft
from .errors import GraphError
from .facts import DataFacts, InputFacts, TargetFacts
from .layout import arrange
from .project import Graph, Json


@dataclass(frozen=True)
class Template:
    """kinds: input kinds it can start from ("table", "image", "sequence"). tasks: what it can answer."""

    name: str
    title: str
    blurb: str
    kinds: tuple[str, ...]
    tasks: tuple[str, ...] = ("classification", "regression")


TEMPLATES: tuple[Template, ...] = (
    Template(
        "line", "A straight line", "One neuron: a weighted sum of the inputs.", ("table", "sequence"), ("regression",)
    ),
    Template(
        "softmax",
        "One layer",
        "One neuron a class, straight from the inputs: the simplest classifier, and its weights can be looked at.",
        ("table", "image", "sequence"),
        ("classification",),
    ),
    Template(
        "dense",
        "Dense net",
        "One or more layers in which every neuron sees everything before it. Good on tables, fair on small pictures.",
        ("table", "image", "sequence"),
    ),
    Template(
        "lenet",
        "LeNet-5",
        "The classic net for handwritten digits (LeCun 1998): two convolutions, three dense layers.",
        ("image",),
    ),
    Template(
        "cnn",
        "Small convolutional net",
        "Convolutions find patterns wherever they are, pooling makes them coarser. The one to try first on pictures.",
        ("image",),
    ),
    Template(
        "resnet",
        "Small residual net",
        "Convolutions with short cuts around them (He 2015): deeper and stronger, slower to train.",
        ("image",),
    ),
    Template(
        "wide-deep",
        "Wide and deep",
        "A dense net and a straight line side by side (Cheng 2016): plain rules and fine ones at once.",
        ("table",),
    ),
    Template(
        "conv1d",
        "Convolutions over time",
        "Finds short patterns wherever they are in the window, then longer ones. The one to try first on series.",
        ("sequence",),
    ),
    Template(
        "lstm",
        "LSTM",
        "Reads the window step by step and remembers what matters (Hochreiter and Schmidhuber 1997). Slower to train.",
        ("sequence",),
    ),
    Template(
        "gru",
        "GRU",
        "Like the LSTM with fewer parts (Cho 2014): often as good, and quicker.",
        ("sequence",),
    ),
)

SHORTEST_CONV = 8
"""Steps below which convolutions over time have nothing to slide along."""

FEW_WINDOWS, LONG_WINDOW = 1_000, 64

_LATER = {
    "text-bag": "a text column",
    "text-conv": "a text column",
    "two-branch": "two inputs, such as a picture and a table",
    "autoencoder": "a target that is the input itself",
}


def template(name: str, facts: DataFacts) -> Graph:
    """The graph of that template, sized to the data and laid out.

    Raises:
        GraphError: there is no such template, or the data is not what it needs.
    """
    if name in _LATER:
        raise GraphError(
            f"The template {name} needs {_LATER[name]}, which this version cannot prepare.",
            where=name,
            remedy=f"Try {suggest_template(facts)}.",
        )
    made = _MAKERS.get(name)
    if made is None:
        raise GraphError(
            f"There is no template called {name!r}.",
            where="template",
            remedy=f"Choose one of {', '.join(t.name for t in TEMPLATES)}.",
        )
    if reason := why_not(name, facts):
        raise GraphError(reason, where=name, remedy=f"Try {suggest_template(facts)}." if facts.target else "")
    target = facts.target
    assert target is not None
    draft = Draft()
    made(draft, _first(name, facts), target, facts.rows.get("train", 0))
    return arrange(draft.graph())


def why_not(name: str, facts: DataFacts) -> str:
    """Why a template cannot start from this data, as one sentence; "" when it can."""
    wanted = next((t for t in TEMPLATES if t.name == name), None)
    if wanted is None:
        return f"There is no template called {name!r}."
    if facts.target is None:
        return "There is no target yet, so it is not known what the model shall answer."
    if _first(name, facts, strict=False) is None:
        things = {"table": "columns of numbers", "image": "pictures", "sequence": "series over time"}
        return f"{wanted.title} needs {' or '.join(things[k] for k in wanted.kinds)}."
    if facts.target.task not in wanted.tasks:
        answers = {"classification": "a class", "regression": "a number"}
        return f"{wanted.title} answers {answers[wanted.tasks[0]]}, but the target is {answers[facts.target.task]}."
    source = _first(name, facts)
    if source.kind == "image" and name != "softmax" and name != "dense" and min(source.shape[:2]) < 8:
        return f"{wanted.title} needs pictures of at least 8 × 8 pixels."
    return ""


def suggest_template(facts: DataFacts) -> str:
    """The template to start with: a line for a number from a number, convolutions for pictures, else a dense net."""
    for source in facts.inputs:
        if source.kind == "image" and len(source.shape) == 3 and min(source.shape[:2]) >= 8:
            return "cnn"
        if source.kind == "sequence":
            return "conv1d" if source.shape[0] >= SHORTEST_CONV else "gru"
    width = sum(i.shape[0] for i in facts.inputs if len(i.shape) == 1)
    if facts.target is not None and facts.target.task == "regression" and width == 1:
        return "line"
    return "dense"


def _first(name: str, facts: DataFacts, strict: bool = True) -> InputFacts:
    kinds = next(t.kinds for t in TEMPLATES if t.name == name)
    found = next((i for i in facts.inputs if i.kind in kinds), None)
    if found is None and strict:
        raise GraphError("There is no input this template can start from.", where=name)
    return found  # type: ignore[return-value]


# ---- drawing -------------------------------------------------------------------------------------------------


def _answer(draft: Draft, after: str, target: TargetFacts) -> None:
    """The layer that answers, and the Output."""
    if target.task == "regression":
        last = draft.add("Dense", after, units=1)
    elif len(target.classes) == 2:
        last = draft.add("Dense", after, units=1, activation="sigmoid")
    else:
        last = draft.add("Dense", after, units=len(target.classes), activation="softmax")
    draft.add("Output", last)


def _start(draft: Draft, source: InputFacts, *, flat: bool = False) -> str:
    last = draft.add("Input", binding=source.name)
    return draft.add("Flatten", last) if flat and len(source.shape) > 1 else last


def _line(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    _answer(draft, _start(draft, source, flat=True), target)


def _dense(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    last = _start(draft, source, flat=True)
    if source.kind != "table":
        last = draft.add("Dense", last, units=128, activation="relu")
    else:
        last = _hidden(draft, last, source.shape[0], rows)
    _answer(draft, last, target)


def _hidden(draft: Draft, last: str, width: int, rows: int) -> str:
    """Dense layers for a table: fewer units for few rows, and dropout where there is something to learn by heart."""
    if width <= 3:  # points in the plane: the border is bent, the rows are many for it
        sizes, rate = [64, 32], 0.0
    elif rows < 200:
        sizes, rate = [32, 16], 0.0
    elif rows < 2000:
        sizes, rate = [32, 16], 0.2
    else:
        sizes, rate = [64, 32], 0.1
    for units in sizes:
        last = draft.add("Dense", last, units=units, activation="relu")
        if rate:
            last = draft.add("Dropout", last, rate=rate)
    return last


def _wide_deep(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    start = _start(draft, source, flat=True)
    deep = _hidden(draft, start, source.shape[0], rows)
    _answer(draft, draft.add("Concatenate", start, deep), target)


def _lenet(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    side = min(source.shape[:2])
    size = 5 if side >= 16 else 3
    last = _start(draft, source)
    last = draft.add("Conv2D", last, filters=6, kernel_size=size, padding="same", activation="tanh")
    last = draft.add("AveragePooling2D", last, pool_size=2)
    last = draft.add("Conv2D", last, filters=16, kernel_size=size, activation="tanh")
    last = draft.add("AveragePooling2D", last, pool_size=2 if side < 64 else 4)
    last = draft.add("Flatten", last)
    last = draft.add("Dense", last, units=120, activation="tanh")
    last = draft.add("Dense", last, units=84, activation="tanh")
    _answer(draft, last, target)


def _cnn(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """Halves the picture until about 6 × 6 are left, doubling the filters up to 128."""
    side = min(source.shape[:2])
    last = _start(draft, source)
    filters = 32 if side <= 32 else 16
    while True:
        last = draft.add("Conv2D", last, filters=filters, kernel_size=3, padding="same", activation="relu")
        last = draft.add("MaxPooling2D", last, pool_size=2)
        side //= 2
        if side < 8:
            break
        filters = min(2 * filters, 128)
    if min(source.shape[:2]) < 16:  # one pooling only: look once more at the whole before it is flattened
        last = draft.add("Conv2D", last, filters=2 * filters, kernel_size=3, padding="same", activation="relu")
    last = draft.add("Flatten", last)
    last = draft.add("Dropout", last, rate=0.4)
    _answer(draft, last, target)


def _resnet(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    side = min(source.shape[:2])
    last = _start(draft, source)
    last = _conv_norm(draft, last, 16, 3, 2 if side > 48 else 1)
    last = draft.add("Activation", last, activation="relu")
    for number, filters in enumerate((16, 32, 64) if side >= 16 else (16, 32)):
        strides = 2 if number else 1
        inner = draft.add("Activation", _conv_norm(draft, last, filters, 3, strides), activation="relu")
        inner = _conv_norm(draft, inner, filters, 3)
        around = _conv_norm(draft, last, filters, 1, strides) if number else last
        last = draft.add("Activation", draft.add("Add", inner, around), activation="relu")
    last = draft.add("GlobalAveragePooling2D", last)
    _answer(draft, last, target)


def _conv_norm(draft: Draft, last: str, filters: int, size: int, strides: int = 1) -> str:
    more: dict[str, Json] = {"strides": strides} if strides > 1 else {}
    last = draft.add("Conv2D", last, filters=filters, kernel_size=size, padding="same", use_bias=False, **more)
    return draft.add("BatchNormalization", last, momentum=0.9)


def _conv1d(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """Halves the window until about eight steps are left, doubling the filters up to 128; the mean over time for a
    class, which may be anywhere in the window, every step for a number, which hangs on the last ones."""
    steps = source.shape[0]
    filters = 32 if rows >= FEW_WINDOWS else 16
    last = _start(draft, source)
    while True:
        size = min(5, steps)
        last = draft.add("Conv1D", last, filters=filters, kernel_size=size, padding="same", activation="relu")
        if target.task == "classification":
            last = draft.add("BatchNormalization", last, momentum=0.9)
        if steps < 16:
            break
        last = draft.add("MaxPooling1D", last, pool_size=2)
        steps //= 2
        filters = min(2 * filters, 128)
    if target.task == "classification":
        last = draft.add("Dropout", draft.add("GlobalAveragePooling1D", last), rate=0.4)
    else:
        last = draft.add("Dense", draft.add("Flatten", last), units=32, activation="relu")
    _answer(draft, last, target)


def _recurrent(kind: str) -> Callable[[Draft, InputFacts, TargetFacts, int], None]:
    """One recurrent layer, its units by the rows there are."""

    def make(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
        units = 32 if rows < FEW_WINDOWS else 64
        last = _start(draft, source)
        if source.shape[0] >= LONG_WINDOW:  # every fourth step of what convolutions see: a quarter of the steps to read
            last = draft.add("Conv1D", last, filters=units, kernel_size=8, strides=4, padding="same", activation="relu")
        last = draft.add(kind, last, units=units)
        if target.task == "classification":
            last = draft.add("Dropout", last, rate=0.3)
        _answer(draft, last, target)

    return make


_MAKERS: dict[str, Callable[[Draft, InputFacts, TargetFacts, int], None]] = {
    "line": _line,
    "softmax": _line,
    "dense": _dense,
    "lenet": _lenet,
    "cnn": _cnn,
    "resnet": _resnet,
    "wide-deep": _wide_deep,
    "conv1d": _conv1d,
    "lstm": _recurrent("LSTM"),
    "gru": _recurrent("GRU"),
}
