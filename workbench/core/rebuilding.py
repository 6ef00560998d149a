"""A model that rebuilds its input: which loss and metrics fit, what its last layer must reach, and how it ends.

The numbers to be rebuilt are those the model sees, `TargetFacts.bounds` from the lowest to the highest.
"""

from __future__ import annotations

import math

from .facts import Problem, TargetFacts
from .project import Json, TrainSpec

LOSS, METRIC = "mean_squared_error", "mean_absolute_error"

_ANY = frozenset({LOSS, METRIC, "huber", "log_cosh"})
_POSITIVE = frozenset({"poisson", "mean_squared_logarithmic_error"})  # of numbers from 0 on
_SHARE = "mean_absolute_percentage_error"
_BINARY = "binary_crossentropy"
_METRICS = frozenset(
    {
        *(LOSS, METRIC, "root_mean_squared_error", "log_cosh_error", _SHARE, "mean_squared_logarithmic_error"),
        *("poisson", _BINARY, "r2_score", "pearson_correlation", "concordance_correlation", "cosine_similarity"),
    }
)
_ALONG_A_ROW = frozenset({"r2_score", "pearson_correlation", "concordance_correlation", "cosine_similarity"})

_ABOVE_0 = frozenset({"softplus", "exponential", "sigmoid", "hard_sigmoid"})  # never 0 or below
_REACH = {
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "sparse_sigmoid"), (0.0, 1.0)),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), (-1.0, 1.0)),
    **dict.fromkeys(("relu", "softplus", "exponential"), (0.0, math.inf)),
    "relu6": (0.0, 6.0),
    "elu": (-1.0, math.inf),
    "selu": (-1.7581, math.inf),
    **dict.fromkeys(("silu", "swish", "gelu", "hard_silu", "hard_swish", "mish"), (-0.3, math.inf)),
    "log_sigmoid": (-math.inf, 0.0),
}
"""Between which numbers an activation's answers lie."""
_SHARES = frozenset({"softmax", "sparsemax"})
_HAIR = 1e-3


def width(target: TargetFacts) -> int:
    """Numbers of one row of what is rebuilt."""
    return math.prod(target.shape)


def fitting_activation(target: TargetFacts) -> str:
    """What a last layer ends in so that it reaches the numbers to be rebuilt, and little else: "sigmoid", "tanh" or
    "linear"."""
    if not target.bounds:
        return "linear"
    if _within(target, 0.0, 1.0):
        return "sigmoid"
    return "tanh" if len(target.shape) == 3 and _within(target, -1.0, 1.0) else "linear"


def closing(target: TargetFacts) -> tuple[str, dict[str, Json]]:
    """Kind and params of a layer that gives the numbers of a row: a Dense for columns, a convolution for pictures whose
    height and width are there already."""
    activation = fitting_activation(target)
    ending: dict[str, Json] = {"activation": activation} if activation != "linear" else {}
    if len(target.shape) == 3:
        return "Conv2D", {"filters": target.shape[2], "kernel_size": 3, "padding": "same", **ending}
    return "Dense", {"units": width(target), **ending}


def _within(target: TargetFacts, low: float, high: float) -> bool:
    return not target.bounds or (low - _HAIR <= target.bounds[0] and target.bounds[1] <= high + _HAIR)


def resolve_rebuilding(
    target: TargetFacts, activation: str | None, train: TrainSpec, names: dict[str, str], node: str = ""
) -> tuple[str, tuple[str, ...], tuple[Problem, ...]]:
    """See `objectives.resolve_training`. names: short names of losses and metrics, and what they are in full."""
    wrong = _out_of_reach(target, activation, node)
    loss = names.get(train.loss, train.loss)
    loss = LOSS if loss == "auto" else loss
    wrong += _wrong_loss(loss, target, activation, train)
    metrics: list[str] = []
    for asked in train.metrics:
        name = METRIC if asked == "auto" else names.get(asked, asked)
        if why := _why_no_metric(name, target, activation):
            wrong.append(Problem("error", f"{name} {why}: use {METRIC}.", setting="metrics"))
        if name not in metrics:
            metrics.append(name)
    return loss, tuple(metrics), tuple(wrong)


def _out_of_reach(target: TargetFacts, activation: str | None, node: str) -> list[Problem]:
    if activation in _SHARES:
        text = f"{activation} makes the numbers of a row add up to 1: use {fitting_activation(target)} to rebuild them."
        return [Problem("warning", text, node)]
    if activation not in _REACH or not target.bounds:
        return []
    low, high = _REACH[activation]
    if _within(target, low, high):
        return []
    reach = f"no number below {low:g}" if math.isinf(high) else f"only numbers between {low:g} and {high:g}"
    reach = f"no number above {high:g}" if math.isinf(low) else reach
    text = (
        f"{activation} can give {reach}, and the input goes from {target.bounds[0]:.3g} to {target.bounds[1]:.3g}: "
        f"{fitting_activation(target)} reaches all of it."
    )
    return [Problem("warning", text, node)]


def _wrong_loss(loss: str, target: TargetFacts, activation: str | None, train: TrainSpec) -> list[Problem]:
    def wrong(text: str, severity: str = "error") -> list[Problem]:
        return [Problem(severity, f"{text}: use {LOSS}.", setting="loss")]

    if train.loss_params.get("from_logits"):
        text = "from_logits is for raw scores, and what is rebuilt must be the numbers themselves: switch it off."
        return [Problem("error", text, setting="loss")]
    if loss in _ANY:
        return []
    if loss == _BINARY:
        if not _within(target, 0.0, 1.0):
            return wrong(f"{loss} compares numbers from 0 to 1, and the input goes {_reaches(target)}")
        if activation is not None and activation not in ("sigmoid", "hard_sigmoid"):
            text = f"{loss} needs an answer between 0 and 1, which {activation} does not keep to: use {LOSS}, "
            return [Problem("error", f"{text}or give the last layer sigmoid.", setting="loss")]
        return []
    if loss in _POSITIVE:
        if target.bounds and target.bounds[0] < -_HAIR:
            return wrong(f"{loss} takes logarithms of numbers from 0 on, and the input goes {_reaches(target)}")
        if loss == "poisson" and activation is not None and activation not in _ABOVE_0:
            return wrong(f"{loss} takes the logarithm of the answer, which {activation} lets be 0 or below")
        return []
    if loss == _SHARE:
        if not target.bounds or target.bounds[0] <= 0.0 <= target.bounds[1]:
            return wrong(f"{loss} divides by the input, so numbers near 0 outweigh all others", "warning")
        return []
    return wrong(f"{loss} compares classes, and here the numbers of the input are rebuilt")


def _reaches(target: TargetFacts) -> str:
    return f"from {target.bounds[0]:.3g} to {target.bounds[1]:.3g}"


def _why_no_metric(name: str, target: TargetFacts, activation: str | None) -> str:
    if name not in _METRICS:
        return "counts classes, but here the numbers of the input are rebuilt"
    if name in _ALONG_A_ROW and (len(target.shape) > 1 or width(target) == 1):
        return "compares the columns of a table, of which there must be several"
    if name == _BINARY and not _within(target, 0.0, 1.0):
        return f"compares numbers from 0 to 1, and the input goes {_reaches(target)}"
    if name in _POSITIVE and target.bounds and target.bounds[0] < -_HAIR:
        return f"takes logarithms of numbers from 0 on, and the input goes {_reaches(target)}"
    if name == "poisson" and activation is not None and activation not in _ABOVE_0:
        return f"takes the logarithm of the answer, which {activation} lets be 0 or below"
    return ""
