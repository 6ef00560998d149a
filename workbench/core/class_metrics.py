"""Metrics that Keras reckons from a number for each class: of several classes, of which the target is one number.

The loss and what else goes with class numbers stay as they are: only these metrics see a row's class as 1 for the right
one and 0 for the others (`engine/class_metrics.py`; in a script the targets themselves are written so).
"""

from __future__ import annotations

from collections.abc import Mapping

from .project import Json

F_SCORES = frozenset({"f1_score", "f_beta_score"})
MEAN_IOU = "mean_io_u"
ON_ONE_HOT = F_SCORES | {
    *("auc", "precision", "recall", "precision_at_recall", "recall_at_precision"),
    *("sensitivity_at_specificity", "specificity_at_sensitivity", MEAN_IOU),
}
OF_SEVERAL = ("class_id", "top_k", "multi_label")
"""Settings that say which of several classes are meant, or how they are taken together."""


def takes_one_hot(name: str, units: int) -> bool:
    """Whether a metric of a classification takes a number for each class. units: of the output."""
    return units > 1 and name in ON_ONE_HOT


def filled(name: str, given: Mapping[str, Json], units: int) -> dict[str, Json]:
    """The settings of such a metric, with what is chosen where a person chose nothing.

    Keras' own defaults of F scores answer with a number for each class, and call every row of one unit positive.
    """
    if name not in F_SCORES:
        return dict(given)
    usual: dict[str, Json] = {"average": "macro"} if units > 1 else {"average": "macro", "threshold": 0.5}
    return {**usual, **{key: value for key, value in given.items() if value is not None}}


def by_model(name: str, units: int) -> dict[str, Json]:
    """Arguments of Keras' class that follow from the model, so that there are no settings for them."""
    return {"num_classes": units, "sparse_y_true": False, "sparse_y_pred": False} if name == MEAN_IOU else {}


def setting_problem(name: str, given: Mapping[str, Json], units: int) -> str:
    """Why a metric of a classification cannot be reckoned with these settings, as the rest of a sentence that begins
    with its name and ends with what to use; "" when it can. given: as the person set them."""
    if name not in ON_ONE_HOT:
        return ""
    if name in F_SCORES and units > 1 and "average" in given and given["average"] is None:
        return 'without an average is a number for each class, and a curve shows one: choose the average "macro"'
    for setting in ("class_id", "top_k"):
        value = given.get(setting)
        if value is None:
            continue
        if units == 1:
            return f"has {setting} {value!r} for one of several units, and the output has 1: leave {setting} empty"
        if isinstance(value, bool) or not isinstance(value, int):
            return f"needs a whole number for {setting}, not {value!r}: leave it empty"
        least, most = (0, units - 1) if setting == "class_id" else (1, units)
        if not least <= value <= most:
            return f"has {setting} {value}, and of {units} classes it goes from {least} to {most}: choose one of these"
    return ""
