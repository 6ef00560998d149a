"""Names of metrics, figures, times and speeds as people read them. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from workbench.core.figure_names import of_output, parted
from workbench.core.one_line import short_name
from workbench.core.units import Units

NONE: Mapping[str, str] = {}
LONGEST = 18
"""Letters of an output's name in narrow places."""


def metric_shown(names: Sequence[str]) -> str:
    """The metric drawn below the loss: the first that is no loss, validation or learning rate, of several outputs the
    loss of the first where there is none else; "" if none."""
    there = [n for n in names if n not in ("loss", "learning_rate") and not n.startswith("val_")]
    return next((n for n in there if parted(n)[1] != "loss"), there[0] if there else "")


def output_of(name: str, outputs: Mapping[str, str] = NONE) -> tuple[str, str]:
    """(what is predicted, the metric of it) of a figure; "" where it is the whole model's.

    outputs: of a run with several, the target of each by its name.
    """
    known, bare = of_output(name, outputs)
    if known:
        return outputs[known], bare
    output, metric = parted(name)
    return output.replace("_", " "), metric


def pretty(name: str, outputs: Mapping[str, str] = NONE) -> str:
    """A Keras metric name in words: "sparse_categorical_accuracy" -> "accuracy"; of one of several outputs with what it
    predicts in front: "price: mean absolute error"."""
    of, metric = output_of(name, outputs)
    return f"{of}: {_words(metric)}" if of else _words(metric)


def _words(name: str) -> str:
    known = {
        "sparse_categorical_accuracy": "accuracy",
        "categorical_accuracy": "accuracy",
        "binary_accuracy": "accuracy",
        "acc": "accuracy",
        "mae": "mean absolute error",
        "mean_absolute_error": "mean absolute error",
        "mse": "mean squared error",
        "mean_squared_error": "mean squared error",
        "rmse": "root mean squared error",
        "root_mean_squared_error": "root mean squared error",
        "auc": "AUC",
        "r2_score": "R²",
        "f1_score": "F1 score",
        "f_beta_score": "F-beta score",
        "mean_io_u": "mean IoU",
    }
    return known.get(name, name.replace("_", " "))


def with_unit(name: str, units: Units, outputs: Mapping[str, str] = NONE) -> str:
    """`pretty`, with what it is counted in: "mean absolute error (price)"."""
    word = units.word(name)
    told = word and word != output_of(name, outputs)[0]  # an error of the price in prices need not say so twice
    return f"{pretty(name, outputs)} ({word})" if told else pretty(name, outputs)


SHORT = {"mean absolute error": "abs. error", "mean squared error": "sq. error", "root mean squared error": "rms error"}


def short(name: str, outputs: Mapping[str, str] = NONE) -> str:
    """Like `pretty`, for narrow places."""
    of, metric = output_of(name, outputs)
    words = SHORT.get(_words(metric), _words(metric))
    return f"{short_name(of, LONGEST)}: {words}" if of else words


_SHARES = ("accuracy", "precision", "recall", "AUC", "F1 score", "F-beta score", "mean IoU")


def is_share(name: str) -> bool:
    """True for metrics between 0 and 1 that are read as per cent."""
    return _words(parted(name)[1]) in _SHARES


def figure(value: float | None, name: str = "") -> str:
    """A metric's value with the digits it means: accuracy in per cent, others with four significant digits."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    if name and _words(parted(name)[1]) == "accuracy":
        return f"{value * 100:.1f} %"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    digits = max(0, 3 - math.floor(math.log10(size)))
    return f"{value:,.{min(digits, 6)}f}"


def learning_rate(value: float) -> str:
    """A learning rate as the engine tells it and its field has it: 0.009, and no zeros after that."""
    return f"{value:.3g}"


# What the duration of a run means wherever one is told.
TOOK = (
    "Time in training: steps, validation and saving, of all sittings. Preparing the data, compiling, pauses and the "
    "scores of the test part are not counted."
)


def duration(seconds: float | None) -> str:
    """Seconds in words short enough for a cell: "8 ms", "0.4 s", "2:10", "1:02:03"; "–" when unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    if 0.0005 <= seconds < 0.095:  # "0.0 s an epoch" would tell nothing
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def roughly(seconds: float) -> str:
    """Seconds that were only forecast, with the two digits they may mean: "85 ms", "12 s", "2.2 min", "1.4 hours"."""
    for least, size, unit in ((5400, 3600, "hours"), (60, 60, "min"), (1, 1, "s")):
        if seconds >= least:
            return f"{float(f'{seconds / size:.2g}'):g} {unit}"
    return duration(float(f"{seconds:.2g}"))


def rate(per_second: float | None) -> str:
    """Samples a second, rounded to what it means: "812", "12.3 k", "1.4 M"."""
    if per_second is None or not math.isfinite(per_second) or per_second <= 0:
        return "–"
    for limit, unit in ((1e6, " M"), (1e4, " k")):
        if per_second >= limit:
            scaled = per_second / (1e6 if unit == " M" else 1e3)
            return f"{scaled:.1f}{unit}" if scaled < 100 else f"{scaled:.0f}{unit}"
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"
