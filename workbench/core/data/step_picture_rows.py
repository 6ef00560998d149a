"""Steps that take pictures away: the same twice, nearly the same, unreadable, blank, chosen, too many of a class.

They are judged by the pictures as they are in the source, whatever steps on pixels stand before them, and they are not
done to new pictures: those are answered one and all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.one_line import short_file

from .dataset import MAIN, TEST, ImageData
from .picture_looks import BLANK, Looks
from .picture_twins import TOLERANCE, near_groups_of, same_groups
from .step_picture import (
    Mask,
    Params,
    PictureStep,
    found_numbers,
    kept,
    known_classes,
    listed_names,
    numbers,
)

CLASHES = ("keep one", "drop all")
LIKENESS = 100 * (1 - TOLERANCE)

_CLASH = Field(
    "clash",
    "choice",
    "In several classes",
    "keep one",
    choices=CLASHES,
    help="What becomes of a picture that is there under different classes, so that one of them must be wrong.",
)


def repeated(data: ImageData, groups: np.ndarray[Any, Any], clash: str = "keep one") -> Mask:
    """Which pictures to drop so that each group keeps one, bool (n,).

    Kept is a picture of a test part the source brings along, then of its validation part; then the largest, then the
    first. groups: by source number, -1 for none. clash: "drop all" drops groups of several classes altogether.
    """
    own = groups[numbers(data)]
    sizes = data.sizes().astype(np.int64)
    rank = np.where(data.parts == TEST, 0, np.where(data.parts == MAIN, 2, 1))
    order = np.lexsort((numbers(data), -sizes[:, 0] * sizes[:, 1], rank, own))
    ordered = own[order]
    later = np.concatenate([[False], ordered[1:] == ordered[:-1]]) & (ordered >= 0)
    drop = np.zeros(len(data), np.bool_)
    drop[order[later]] = True
    if clash == "drop all":
        drop |= np.isin(own, clashing(own, data.labels))
    return drop


def clashing(own: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The groups whose pictures are of several classes. own: the group of each picture, -1 for none."""
    grouped = own >= 0
    pairs = np.unique(np.stack([own[grouped], labels[grouped]], axis=1), axis=0)
    found, counts = np.unique(pairs[:, 0], return_counts=True)
    return found[counts > 1]


def _clash(params: Params) -> str:
    value = str(params.get("clash", "keep one"))
    if value not in CLASHES:
        raise StepError(f"{value!r} is no choice for pictures of several classes.", remedy='Use "keep one".')
    return value


def _drop_same(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    assert looks is not None
    return kept(data, ~repeated(data, same_groups(looks), _clash(params)), DROP_SAME.title)


def likeness(params: Params) -> float:
    """The tolerance that a likeness in percent stands for. StepError when it is none."""
    value = params.get("likeness", LIKENESS)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 95 <= value <= 100:
        raise StepError(f"{value!r} is no likeness.", where=DROP_NEAR.title, remedy="Type a percentage from 95 to 100.")
    return max(1e-6, round(1 - float(value) / 100, 6))


def _drop_near(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    assert looks is not None
    groups = near_groups_of(looks, likeness(params))
    return kept(data, ~repeated(data, groups, _clash(params)), DROP_NEAR.title)


def _drop_unreadable(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    assert looks is not None
    return kept(data, looks.readable[numbers(data)], DROP_UNREADABLE.title)


def _drop_blank(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    assert looks is not None
    limit = params.get("spread", BLANK)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= 255:
        raise StepError(f"{limit!r} is no difference in grey levels.", remedy="Type a whole number from 0 to 255.")
    own = numbers(data)
    return kept(data, ~(looks.readable[own] & (looks.spread[own] <= limit)), DROP_BLANK.title)


def _drop_chosen(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    names = listed_names(params.get("pictures"))
    assert data.origin is not None
    found = list(found_numbers(data.origin, names, DROP_CHOSEN.title).values())
    return kept(data, ~np.isin(numbers(data), found), DROP_CHOSEN.title)


def _drop_chosen_summary(params: Params) -> str:
    names = listed_names(params.get("pictures"))
    return f"Drop {short_file(names[0])}" if len(names) == 1 else f"Drop {len(names):,} chosen pictures"


def _rebalance(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    most, seed = params.get("most", 0), params.get("seed", 0)
    for value in (most, seed):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise StepError(f"{value!r} is no count.", where=REBALANCE.title, remedy="Type a whole number from 0.")
    main = data.parts == MAIN
    counts = np.bincount(data.labels[main & (data.labels >= 0)], minlength=len(data.classes))
    limit = most or int(counts[counts > 0].min(initial=len(data)))
    keep = np.ones(len(data), np.bool_)
    rng = np.random.default_rng(seed)
    for i in range(len(data.classes)):
        own = np.flatnonzero(main & (data.labels == i))
        if len(own) > limit:
            keep[rng.permutation(own)[limit:]] = False
    return kept(data, keep, REBALANCE.title)


def _rebalance_summary(params: Params) -> str:
    most = params.get("most", 0)
    return f"Keep at most {most:,} pictures of each class" if most else "Keep as many of each class as of the rarest"


def _drop_classes(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
    wanted = known_classes(listed_names(params.get("classes")), data, DROP_CLASSES.title)
    return kept(data, ~np.isin(data.labels, wanted), DROP_CLASSES.title)


def _drop_classes_summary(params: Params) -> str:
    names = listed_names(params.get("classes"))
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"Drop the {'class' if len(names) == 1 else 'classes'} {shown or '…'}"


_TAKE = "Take away"

DROP_SAME = PictureStep(
    "drop_same_pictures",
    "Drop exact duplicates",
    "Keeps one of the pictures that are byte for byte the same, that of a given test part first.",
    (_CLASH,),
    lambda params: "Drop exact duplicates" + (", all when classes differ" if _all(params) else ""),
    _drop_same,
    needs_looks=True,
    group=_TAKE,
)

DROP_NEAR = PictureStep(
    "drop_near_pictures",
    "Drop near duplicates",
    "Keeps one of the pictures that are alike: saved again, at another size, a little brighter or cut.",
    (
        Field(
            "likeness",
            "float",
            "Alike from",
            LIKENESS,
            minimum=95,
            maximum=100,
            unit="%",
            help="How much of the shades must agree. Below 99 % different pictures of the same thing begin to count.",
        ),
        _CLASH,
    ),
    lambda params: "Drop near duplicates" + (", all when classes differ" if _all(params) else ""),
    _drop_near,
    needs_looks=True,
    group=_TAKE,
)

DROP_UNREADABLE = PictureStep(
    "drop_unreadable_pictures",
    "Drop unreadable pictures",
    "Takes away the files that begin like a picture and cannot be decoded.",
    (),
    lambda params: "Drop unreadable pictures",
    _drop_unreadable,
    needs_looks=True,
    group=_TAKE,
)

DROP_BLANK = PictureStep(
    "drop_blank_pictures",
    "Drop blank pictures",
    "Takes away pictures that show a single colour.",
    (
        Field(
            "spread",
            "int",
            "Differences up to",
            BLANK,
            minimum=0,
            maximum=255,
            help="Grey levels of 255 between the lightest and the darkest point that still count as one colour.",
        ),
    ),
    lambda params: "Drop blank pictures",
    _drop_blank,
    needs_looks=True,
    group=_TAKE,
)

DROP_CHOSEN = PictureStep(
    "drop_pictures",
    "Drop chosen pictures",
    "Takes away the pictures chosen in the gallery: choose them and press Delete.",
    (),
    _drop_chosen_summary,
    _drop_chosen,
    group=_TAKE,
)

DROP_CLASSES = PictureStep(
    "drop_classes",
    "Drop classes",
    "Takes away all pictures of some classes.",
    (Field("classes", "columns", "Classes", [], required=True),),
    _drop_classes_summary,
    _drop_classes,
    group="Classes",
)

REBALANCE = PictureStep(
    "rebalance_pictures",
    "Rebalance classes",
    "Takes away pictures of the commonest classes, at random; given test and validation parts stay whole. To "
    "repeat the rare ones instead, choose Oversample on Features: that is done to the training part alone.",
    (
        Field("most", "int", "Pictures a class", 0, minimum=0, help="At most so many; 0: as many as the rarest has."),
        Field("seed", "int", "Seed", 0, minimum=0, help="Another seed keeps other pictures."),
    ),
    _rebalance_summary,
    _rebalance,
    group="Classes",
)


def _all(params: Params) -> bool:
    return params.get("clash") == "drop all"
