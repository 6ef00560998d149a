"""Steps that put pictures into other classes: relabelled in the gallery, classes renamed and merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.one_line import short_file

from .dataset import ImageData
from .folders import natural_order
from .picture_looks import Looks
from .step_picture import (
    Params,
    PictureStep,
    found_numbers,
    known_classes,
    listed_names,
    numbers,
    with_classes,
    without_empty,
)


def relabelled(params: Params) -> dict[str, str]:
    """{picture's lasting name: class} of a relabel step."""
    found = params.get("labels")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): " ".join(str(label).split()) for name, label in found.items() if str(label).strip()}


def _relabel(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    wanted = relabelled(params)
    if not wanted:
        return data
    assert data.origin is not None
    found = found_numbers(data.origin, list(wanted), RELABEL.title)
    own = numbers(data)
    order = np.argsort(own, kind="stable")
    asked = np.asarray(list(found.values()), np.int64)
    at = np.minimum(np.searchsorted(own[order], asked), len(own) - 1)
    places = order[at]
    there = own[places] == asked
    targets = [wanted[name] for name in found]
    new = sorted(
        {*data.classes, *(t for t, is_there in zip(targets, there, strict=True) if is_there)}, key=natural_order
    )
    place = {name: i for i, name in enumerate(new)}
    made = with_classes(data, new, data.classes)
    labels = made.labels.copy()
    labels[places[there]] = [place[target] for target, is_there in zip(targets, there, strict=True) if is_there]
    started = with_classes(data, new, data.classes)
    return without_empty(replace(made, labels=labels), started)


def _relabel_summary(params: Params) -> str:
    wanted = relabelled(params)
    classes = sorted(set(wanted.values()), key=natural_order)
    if len(wanted) == 1:
        ((name, label),) = wanted.items()
        return f"Relabel {short_file(name)} as {label}"
    into = f" as {classes[0]}" if len(classes) == 1 else f" into {len(classes)} classes" if classes else ""
    return f"Relabel {len(wanted):,} pictures{into}"


RELABEL = PictureStep(
    "relabel_pictures",
    "Relabel pictures",
    "Puts the pictures chosen in the gallery into another class: choose them and press a digit, or type the class.",
    (),
    _relabel_summary,
    _relabel,
    group="Classes",
)


def _merge(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    wanted = known_classes(listed_names(params.get("classes")), data, MERGE.title)
    name = " ".join(str(params.get("name") or "").split())
    if not name:
        raise StepError("The class has no name.", where=MERGE.title, remedy="Type one.")
    becomes = [name if i in wanted else old for i, old in enumerate(data.classes)]
    return with_classes(data, becomes, becomes)


def _merge_summary(params: Params) -> str:
    names, name = listed_names(params.get("classes")), " ".join(str(params.get("name") or "…").split())
    if len(names) == 1:
        return f"Rename the class {names[0]} to {name}"
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"Merge the classes {shown or '…'} into {name}"


MERGE = PictureStep(
    "merge_classes",
    "Rename or merge classes",
    "Gives one or several classes one name; an existing name takes them in.",
    (
        Field("classes", "columns", "Classes", [], required=True),
        Field("name", "text", "Are called", "", required=True),
    ),
    _merge_summary,
    _merge,
    group="Classes",
)
