"""Which loss and metrics fit the output and the target, and what does not fit, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import class_metrics
from .class_metrics import takes_one_hot
from .facts import Problem, TargetFacts
from .project import Json, TrainSpec
from .rebuilding import resolve_rebuilding

_BINARY = "binary_crossentropy"
_SPARSE = "sparse_categorical_crossentropy"
_SQUARED = "mean_squared_error"

# Classes are stored as numbers; on numbers these are computed by another function with the same value.
_ON_NUMBERS = {
    "categorical_crossentropy": _SPARSE,
    "categorical_accuracy": "sparse_categorical_accuracy",
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
}
_ON_ONE_HOT = {on_numbers: name for name, on_numbers in _ON_NUMBERS.items()}
_SHORT = {
    "mse": _SQUARED,
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "rmse": "root_mean_squared_error",
    "acc": "accuracy",
    "bce": _BINARY,
}
_NUMBER_LOSSES = frozenset(
    {
        *(
            "mean_squared_error",
            "mean_absolute_error",
            "mean_absolute_percentage_error",
            "huber",
            "log_cosh",
            "poisson",
        ),
        "mean_squared_logarithmic_error",
    }
)
_BINARY_LOSSES = frozenset({_BINARY, "binary_focal_crossentropy"})
_ONE_HOT_LOSSES = frozenset(
    {"categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "kl_divergence"}
)
_OTHER_LOSSES = frozenset(
    {"categorical_hinge", "cosine_similarity", "ctc", "circle", "dice", "tversky", "hinge", "squared_hinge"}
)

_NUMBER_METRICS = frozenset(
    {
        *("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "root_mean_squared_error"),
        *("mean_squared_logarithmic_error", "r2_score", "log_cosh_error", "concordance_correlation", "poisson"),
        "pearson_correlation",
    }
)
_CLASS_METRICS = frozenset(
    {"sparse_categorical_accuracy", _SPARSE, "sparse_top_k_categorical_accuracy", class_metrics.MEAN_IOU}
)
_BINARY_METRICS = (class_metrics.ON_ONE_HOT - _CLASS_METRICS) | {
    *("binary_accuracy", "binary_crossentropy", "true_positives", "true_negatives"),
    *("false_positives", "false_negatives", "binary_io_u"),
}
_UNUSABLE_METRICS = frozenset(
    {
        *("categorical_crossentropy", "categorical_hinge", "hinge", "squared_hinge", "kl_divergence", "io_u"),
        *("one_hot_io_u", "one_hot_mean_io_u", "cosine_similarity"),
    }
)

_ALONG_A_ROW = frozenset({"pearson_correlation", "concordance_correlation", "cosine_similarity"})
_POSITIVE = frozenset({"softplus", "exponential", "sigmoid", "hard_sigmoid"})  # never 0 or below

_PROBABILITY = frozenset({"sigmoid", "hard_sigmoid"})  # of one unit
_LIMITED = {
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "sparse_sigmoid"), "0 and 1"),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), "-1 and 1"),
}
_SHARES = frozenset({"softmax", "sparsemax"})


def known_loss(name: str) -> str:
    """The name of a loss or a metric in full: "mse" is "mean_squared_error"."""
    return _SHORT.get(name, name)


def on_one_hot(train: TrainSpec) -> bool:
    """Whether the chosen loss of several classes takes a number for each class: 1 for the right one, else 0."""
    loss = known_loss(train.loss)
    return loss in _ONE_HOT_LOSSES or (loss == "categorical_crossentropy" and bool(train.loss_params))


def metric_settings(train: TrainSpec, name: str, units: int = 1) -> Mapping[str, Json]:
    """The settings of a metric under its own name, or under that of the one that was chosen and became it. units: of
    the output it is of."""
    if name in train.metric_params:
        given = dict(train.metric_params[name])
    else:
        other = _ON_ONE_HOT.get(name) or _ON_NUMBERS.get(name) or ""
        given = dict(train.metric_params.get(other, {})) if other in map(known_loss, train.metrics) else {}
    return class_metrics.filled(name, given, units)


def as_one_hot(loss: str, metrics: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The loss and the metrics on class numbers as those on a number for each class, with the same values."""
    return _ON_ONE_HOT.get(loss, loss), tuple(_ON_ONE_HOT.get(name, name) for name in metrics)


def resolve_training(
    task: str,
    output_units: int,
    output_activation: str | None,
    classes: Sequence[str] | int,
    train: TrainSpec,
    node: str = "",
    target: TargetFacts | None = None,
) -> tuple[str, tuple[str, ...], tuple[Problem, ...]]:
    """The Keras names of the loss and the metrics, and what does not fit.

    Args:
        task: "classification" | "regression" | "reconstruction".
        output_units: size of the model's last axis.
        output_activation: Keras' name of what the output went through ("linear" when nothing); None when unknown, then
            nothing is said about it.
        classes: the class names, or how many there are; not looked at for regression.
        node: id of the node that problems of the output are shown on.
        target: what is rebuilt, in a reconstruction; None when it is not known, then nothing is said about its range.

    Problems of the chosen loss or metric carry `setting`, those of the output carry `node`.
    """
    if task == "reconstruction":
        rebuilt = target or TargetFacts("", task, shape=(max(output_units, 2),))
        return resolve_rebuilding(rebuilt, output_activation, train, _SHORT, node)
    count = classes if isinstance(classes, int) else len(classes)
    if task == "regression":
        wrong = _output_for_number(output_units, output_activation, node)
        loss, loss_wrong = _loss_for_number(train.loss, output_activation)
    else:
        wrong = _output_for_classes(output_units, output_activation, count, node)
        loss, loss_wrong = _loss_for_classes(train.loss, output_units, count, smoothed=bool(train.loss_params))
        if train.loss_params.get("from_logits"):
            text = (
                "from_logits is for raw scores, and the output gives probabilities. The loss is computed from the "
                "scores behind them anyway: switch it off, and end with softmax or sigmoid."
            )
            loss_wrong = [*loss_wrong, Problem("error", text, setting="loss")]
    metrics, metric_wrong = _metrics(
        task,
        output_units,
        train,
        output_activation,
        one_hot=loss == "categorical_crossentropy" or loss in _ONE_HOT_LOSSES,
    )
    return loss, metrics, (*wrong, *loss_wrong, *metric_wrong)


def _output_for_number(units: int, activation: str | None, node: str) -> list[Problem]:
    if units != 1:
        return [_error(f"The output has {units:,} units, but the target is one number: give it 1 unit.", node)]
    if activation in _SHARES:
        return [_error(f"{activation} on one unit always gives 1: use linear for a number.", node)]
    if activation in _LIMITED:
        text = f"{activation} keeps every answer between {_LIMITED[activation]}: linear can give any number."
        return [Problem("warning", text, node)]
    if activation is not None and "relu" in activation and activation != "leaky_relu":
        return [Problem("warning", f"{activation} can give no number below 0: linear can give any number.", node)]
    return []


def _output_for_classes(units: int, activation: str | None, count: int, node: str) -> list[Problem]:
    if units == 1:
        if count > 2:
            text = f"The output has 1 unit, but the target has {count:,} classes: give it {count:,} units and softmax."
            return [_error(text, node)]
        if activation in _SHARES:
            return [_error(f"{activation} on one unit always gives 1: use sigmoid, or 2 units.", node)]
        if activation is not None and activation not in _PROBABILITY:
            return [_error(f"One unit for two classes needs sigmoid to be a probability; it has {activation}.", node)]
        return []
    if units != count:
        also = "1 unit and sigmoid, or " if count == 2 else ""
        text = f"The output has {units:,} units, but the target has {count:,} classes: give it {also}{count:,} units."
        return [_error(text, node)]
    if activation is None or activation in _SHARES:
        return []
    if activation in _PROBABILITY:
        text = f"With {activation}, the probabilities of the {count:,} classes do not add up to 1: softmax fits better."
        return [Problem("warning", text, node)]
    return [_error(f"{count:,} classes need softmax to be probabilities; the output has {activation}.", node)]


def _loss_for_number(chosen: str, activation: str | None) -> tuple[str, list[Problem]]:
    loss = _SHORT.get(chosen, chosen)
    if loss == "auto":
        return _SQUARED, []
    if loss in _BINARY_LOSSES | _ONE_HOT_LOSSES | _OTHER_LOSSES | {_SPARSE, "categorical_crossentropy"}:
        text = f"{loss} compares classes, but the target is a number: use {_SQUARED}."
        return loss, [Problem("error", text, setting="loss")]
    if loss == "poisson" and activation is not None and activation not in _POSITIVE:
        text = f"poisson takes the logarithm of the answer, which {activation} lets be 0 or below: use {_SQUARED}, "
        return loss, [Problem("error", f"{text}or give the output exponential.", setting="loss")]
    return loss, []


def _loss_for_classes(chosen: str, units: int, count: int, *, smoothed: bool) -> tuple[str, list[Problem]]:
    """smoothed: the loss has settings of its own, such as label smoothing, which the one on class numbers lacks."""
    fitting = _BINARY if units == 1 and count <= 2 else _SPARSE
    loss = _SHORT.get(chosen, chosen)
    if loss == "auto":
        return fitting, []
    if not (smoothed and units > 1):
        loss = _ON_NUMBERS.get(loss, loss)

    def wrong(text: str, severity: str = "error") -> tuple[str, list[Problem]]:
        return loss, [Problem(severity, f"{text}: use {fitting}.", setting="loss")]

    if loss in _BINARY_LOSSES and units != 1:
        return wrong(f"{loss} is for one output unit, and the output has {units:,}")
    if (loss == _SPARSE or loss in _ONE_HOT_LOSSES) and units == 1:
        return wrong(f"{chosen} needs one output unit for each class, and the output has 1")
    if loss in _OTHER_LOSSES:
        return wrong(f"{loss} gives no probabilities for classes")
    if loss in _NUMBER_LOSSES and units == 1:
        return wrong(f"{loss} is for numbers; it learns classes slowly", "warning")
    if loss in _NUMBER_LOSSES:
        return wrong(f"{loss} is for numbers, and the target has {count:,} classes")
    return loss, []


def _metrics(
    task: str, units: int, train: TrainSpec, activation: str | None = None, *, one_hot: bool = False
) -> tuple[tuple[str, ...], list[Problem]]:
    names: list[str] = []
    wrong: list[Problem] = []
    usual = "mean_absolute_error" if task == "regression" else "accuracy"
    for asked in train.metrics:
        name = _SHORT.get(asked, asked)
        name = usual if name == "auto" else name
        if task != "regression" and units > 1:
            name = _ON_NUMBERS.get(name, name)
        why = _why_no_metric(name, task, units, activation)
        if one_hot:
            name = _ON_ONE_HOT.get(name, name)
        if why:
            wrong.append(Problem("error", f"{name} {why}: use {usual}.", setting="metrics"))
        elif text := class_metrics.setting_problem(name, train.metric_params.get(name, {}), units):
            wrong.append(Problem("error", f"{name} {text}, or use {usual}.", setting="metrics"))
        if name not in names:
            names.append(name)
    return tuple(names), wrong


def _why_no_metric(name: str, task: str, units: int, activation: str | None) -> str:
    if name in _ALONG_A_ROW:
        return "compares the several numbers of a row, and the target is one"
    if name == "poisson" and activation is not None and activation not in _POSITIVE:
        return f"takes the logarithm of the answer, which {activation} lets be 0 or below"
    if task == "regression":
        known = _BINARY_METRICS | _CLASS_METRICS | _UNUSABLE_METRICS | set(_ON_NUMBERS) | {"accuracy"}
        return "counts classes, but the target is a number" if name in known else ""
    if name in _UNUSABLE_METRICS or (units > 1 and name in _NUMBER_METRICS):
        return "cannot be computed on class numbers"
    if name in _BINARY_METRICS and units > 1 and not takes_one_hot(name, units):
        return f"is for one output unit, and the output has {units:,}"
    if units == 1 and (name in _CLASS_METRICS or name in _ON_NUMBERS):
        return "needs one output unit for each class, and the output has 1"
    return ""


def _error(text: str, node: str) -> Problem:
    return Problem("error", text, node)
