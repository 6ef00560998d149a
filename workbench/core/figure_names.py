"""Which output a figure of a run belongs to, by its Keras name: "val_price_loss" is the loss of the output "price"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from .catalog import load_catalog
from .one_line import one_line


def parted(name: str) -> tuple[str, str]:
    """The output and the metric of a figure, without "val_"; the output is "" where it is the whole model's.

    Keras writes the output's name in front of the metric's; of several readings the longest metric is meant.
    """
    bare = name.removeprefix("val_")
    known = _metrics()
    if bare in known:
        return "", bare
    words = bare.split("_")
    for place in range(1, len(words)):
        metric = "_".join(words[place:])
        if metric in known:
            return "_".join(words[:place]), metric
    return "", bare


def of_output(name: str, outputs: Iterable[str]) -> tuple[str, str]:
    """As `parted`, where the outputs are known: of those that fit, the longest is meant, as "size_mm_loss" is a figure
    of "size_mm" and not of "size". The output is "" where it is none of these."""
    bare = name.removeprefix("val_")
    known = max((one for one in outputs if bare.startswith(f"{one}_")), key=len, default="")
    return known, bare.removeprefix(f"{known}_") if known else bare


def told(name: str, outputs: Mapping[str, str]) -> str:
    """A figure as people are told it by programs without a window: "val_accuracy", and with what the run's outputs
    predict, by their names, "val_accuracy of price" for "val_price_answer_accuracy"."""
    output, metric = of_output(name, outputs)
    if not output:
        return name
    return f"{'val_' if name.startswith('val_') else ''}{metric} of {one_line(outputs[output])}"


@cache
def _metrics() -> frozenset[str]:
    return frozenset({"loss", "accuracy", "acc", "mae", "mse", "rmse", "learning_rate", *load_catalog().metrics})
