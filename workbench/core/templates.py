"""Ready-made graphs, sized to the data and laid out: a place to start from, and a ladder to climb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .drafting import Draft
from .errors import GraphError
from .facts import DataFacts, InputFacts, TargetFacts
from .layout import arrange
from .project import Graph, Json
from .template_parts import (
    answer,
    autoencoder,
    branches,
    hidden,
    start,
    text_conv,
    text_embedding,
    wide_deep,
    with_heads,
)


@dataclass(frozen=True)
class Template:
    """kinds: input kinds it can start from ("table", "image", "sequence", "text"). tasks: what it can answer.
    inputs: how many it needs at least."""

    name: str
    title: str
    blurb: str
    kinds: tuple[str, ...]
    tasks: tuple[str, ...] = ("classification", "regression")
    inputs: int = 1


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
        "A dense net and a straight line side by side (Cheng 2016): plain rules and fine ones at once. An input called "
        "wide gets the line alone.",
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
    Template(
        "text-embedding",
        "Mean of words",
        "Gives each word a few numbers of its own, which are learnt, and takes their mean: quick, and blind to order.",
        ("text",),
    ),
    Template(
        "text-conv",
        "Convolutions over words",
        "Finds short phrases wherever they stand in a text (Kim 2014). The one to try first on text read word by word.",
        ("text",),
    ),
    Template(
        "two-branch",
        "A branch for each input",
        "Texts, pictures and columns each go through layers of their own and meet before the answer.",
        ("table", "image", "sequence", "text"),
        inputs=2,
    ),
    Template(
        "autoencoder",
        "Autoencoder",
        "Squeezes each row or picture through a narrow code and rebuilds it (Hinton 2006): to compress, to take noise "
        "away, and to find what is unlike the rest.",
        ("table", "image"),
        ("reconstruction",),
    ),
)

SHORTEST_CONV = 8
"""Steps below which convolutions over time have nothing to slide along."""

FEW_WINDOWS, LONG_WINDOW = 1_000, 64


def template(name: str, facts: DataFacts) -> Graph:
    """The graph of that template, sized to the data and laid out.

    Raises:
        GraphError: there is no such template, or the data is not what it needs.
    """
    if name not in _MAKERS and name not in _SEVERAL:
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
    apart = [i for i in facts.inputs if i.kind == "table"]
    if name == "wide-deep" and len(apart) > 1:
        wide_deep(draft, apart, target, facts.rows.get("train", 0))
    elif name in _SEVERAL:
        _SEVERAL[name](draft, facts, target)
    else:
        _MAKERS[name](draft, _first(name, facts), target, facts.rows.get("train", 0))
    return arrange(with_heads(draft.graph(), facts))


def why_not(name: str, facts: DataFacts) -> str:
    """Why a template cannot start from this data, as one sentence; "" when it can."""
    wanted = next((t for t in TEMPLATES if t.name == name), None)
    if wanted is None:
        return f"There is no template called {name!r}."
    if facts.target is None:
        return "There is no target yet, so it is not known what the model shall answer."
    if _first(name, facts, strict=False) is None:
        things = {
            "table": "columns of numbers",
            "image": "pictures",
            "sequence": "series over time",
            "text": "a text read word by word (the encoding of its column on the Features page)",
        }
        return f"{wanted.title} needs {' or '.join(things[k] for k in wanted.kinds)}."
    if len(facts.inputs) < wanted.inputs:
        return f"{wanted.title} needs several inputs, such as a picture or a text read word by word beside columns."
    for target in facts.targets:
        if target.task not in wanted.tasks and "reconstruction" in (target.task, *wanted.tasks):
            if target.task == "reconstruction":
                return f"{wanted.title} answers a question, but here the input itself is rebuilt."
            return f"{wanted.title} rebuilds its input: choose that as the task on the Features page."
        if target.task not in wanted.tasks:
            answers = {"classification": "a class", "regression": "a number"}
            which = f'"{target.name}"' if facts.more else "the target"
            return f"{wanted.title} answers {answers[wanted.tasks[0]]}, but {which} is {answers[target.task]}."
    source = _first(name, facts)
    if source.kind == "image" and name not in ("softmax", "dense", "autoencoder") and min(source.shape[:2]) < 8:
        return f"{wanted.title} needs pictures of at least 8 × 8 pixels."
    return ""


def suggest_template(facts: DataFacts) -> str:
    """The template to start with: a branch for each of several inputs, a line for a number from a number, convolutions
    for pictures, over words for a text too, else a dense net; an autoencoder where the input is rebuilt."""
    if facts.target is not None and facts.target.task == "reconstruction":
        return "autoencoder"
    if len(facts.inputs) > 1:
        return "two-branch"
    for source in facts.inputs:
        if source.kind == "image" and len(source.shape) == 3 and min(source.shape[:2]) >= 8:
            return "cnn"
        if source.kind == "text":
            return "text-conv"
        if source.kind == "sequence":
            return "conv1d" if source.shape[0] >= SHORTEST_CONV else "gru"
    width = sum(i.shape[0] for i in facts.inputs if len(i.shape) == 1)
    if facts.target is not None and all(t.task == "regression" for t in facts.targets) and width == 1:
        return "line"
    return "dense"


def _first(name: str, facts: DataFacts, strict: bool = True) -> InputFacts:
    kinds = next(t.kinds for t in TEMPLATES if t.name == name)
    found = next((i for i in facts.inputs if i.kind in kinds), None)
    if found is None and strict:
        raise GraphError("There is no input this template can start from.", where=name)
    return found  # type: ignore[return-value]


# ---- drawing -------------------------------------------------------------------------------------------------


def _line(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    answer(draft, start(draft, source, flat=True), target)


def _dense(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    last = start(draft, source, flat=True)
    if source.kind != "table":
        last = draft.add("Dense", last, units=128, activation="relu")
    else:
        last = hidden(draft, last, source.shape[0], rows)
    answer(draft, last, target)


def _wide_deep(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    wide = start(draft, source, flat=True)
    deep = hidden(draft, wide, source.shape[0], rows)
    answer(draft, draft.add("Concatenate", wide, deep), target)


def _lenet(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    side = min(source.shape[:2])
    size = 5 if side >= 16 else 3
    last = start(draft, source)
    last = draft.add("Conv2D", last, filters=6, kernel_size=size, padding="same", activation="tanh")
    last = draft.add("AveragePooling2D", last, pool_size=2)
    last = draft.add("Conv2D", last, filters=16, kernel_size=size, activation="tanh")
    last = draft.add("AveragePooling2D", last, pool_size=2 if side < 64 else 4)
    last = draft.add("Flatten", last)
    last = draft.add("Dense", last, units=120, activation="tanh")
    last = draft.add("Dense", last, units=84, activation="tanh")
    answer(draft, last, target)


def _cnn(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """Halves the picture until about 6 × 6 are left, doubling the filters up to 128."""
    side = min(source.shape[:2])
    last = start(draft, source)
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
    answer(draft, last, target)


def _resnet(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    side = min(source.shape[:2])
    last = start(draft, source)
    last = _conv_norm(draft, last, 16, 3, 2 if side > 48 else 1)
    last = draft.add("Activation", last, activation="relu")
    for number, filters in enumerate((16, 32, 64) if side >= 16 else (16, 32)):
        strides = 2 if number else 1
        inner = draft.add("Activation", _conv_norm(draft, last, filters, 3, strides), activation="relu")
        inner = _conv_norm(draft, inner, filters, 3)
        around = _conv_norm(draft, last, filters, 1, strides) if number else last
        last = draft.add("Activation", draft.add("Add", inner, around), activation="relu")
    last = draft.add("GlobalAveragePooling2D", last)
    answer(draft, last, target)


def _conv_norm(draft: Draft, last: str, filters: int, size: int, strides: int = 1) -> str:
    more: dict[str, Json] = {"strides": strides} if strides > 1 else {}
    last = draft.add("Conv2D", last, filters=filters, kernel_size=size, padding="same", use_bias=False, **more)
    return draft.add("BatchNormalization", last, momentum=0.9)


def _conv1d(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """Halves the window until about eight steps are left, doubling the filters up to 128; the mean over time for a
    class, which may be anywhere in the window, every step for a number, which hangs on the last ones."""
    steps = source.shape[0]
    filters = 32 if rows >= FEW_WINDOWS else 16
    last = start(draft, source)
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
    answer(draft, last, target)


def _recurrent(kind: str) -> Callable[[Draft, InputFacts, TargetFacts, int], None]:
    """One recurrent layer, its units by the rows there are."""

    def make(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
        units = 32 if rows < FEW_WINDOWS else 64
        last = start(draft, source)
        if source.shape[0] >= LONG_WINDOW:  # every fourth step of what convolutions see: a quarter of the steps to read
            last = draft.add("Conv1D", last, filters=units, kernel_size=8, strides=4, padding="same", activation="relu")
        last = draft.add(kind, last, units=units)
        if target.task == "classification":
            last = draft.add("Dropout", last, rate=0.3)
        answer(draft, last, target)

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
    "text-embedding": text_embedding,
    "text-conv": text_conv,
    "autoencoder": autoencoder,
}

_SEVERAL: dict[str, Callable[[Draft, DataFacts, TargetFacts], None]] = {"two-branch": branches}
