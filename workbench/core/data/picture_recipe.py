"""The recipe on pictures: the same steps, outcomes and order as on tables; the files are never written to.

What a recipe leaves is an ImageData over the same source, so that a picture is decoded when it is looked at and a step
costs a few arrays of numbers, not the pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.core.errors import Cancelled, StepError
from workbench.core.project import Step

from .dataset import ImageData
from .picture_changes import CHANGES
from .picture_looks import Looks, looks_of
from .step_picture import PictureStep, lasting_names, listed_names, numbers, whole
from .step_picture_labels import MERGE, RELABEL, relabelled
from .step_picture_pixels import CROP_STEP, GREY_STEP, INVERT_STEP, RESIZE_STEP
from .step_picture_rows import (
    DROP_BLANK,
    DROP_CHOSEN,
    DROP_CLASSES,
    DROP_NEAR,
    DROP_SAME,
    DROP_UNREADABLE,
    REBALANCE,
)

PICTURE_STEPS: dict[str, PictureStep] = {
    kind.kind: kind
    for kind in (
        DROP_SAME,
        DROP_NEAR,
        DROP_UNREADABLE,
        DROP_BLANK,
        DROP_CHOSEN,
        RELABEL,
        MERGE,
        DROP_CLASSES,
        REBALANCE,
        CROP_STEP,
        RESIZE_STEP,
        GREY_STEP,
        INVERT_STEP,
    )
}


@dataclass(frozen=True)
class PictureOutcome:
    """What a step did, in pictures. cells_changed: pictures whose class or pixels changed. error: what, where and
    remedy as one text when it could not be applied. note: what else is worth knowing, "" when nothing is."""

    step_id: str
    rows_before: int
    rows_after: int
    cells_changed: int = 0
    error: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class PictureDifference:
    """gone: source numbers of pictures the step takes away. relabelled: of those whose class it changes. pixels: it
    changes the pixels of every picture."""

    gone: np.ndarray[Any, np.dtype[np.int64]]
    relabelled: np.ndarray[Any, np.dtype[np.int64]]
    pixels: bool


@dataclass(frozen=True, eq=False)
class CleanedPictures:
    """data: the pictures as the recipe leaves them."""

    data: ImageData
    outcomes: tuple[PictureOutcome, ...] = ()
    _stages: dict[str, tuple[ImageData, ImageData]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def parts(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        return self.data.parts

    def outcome(self, step_id: str) -> PictureOutcome | None:
        """What the step of that id did; None when it is not in the recipe."""
        return next((outcome for outcome in self.outcomes if outcome.step_id == step_id), None)

    def stages(self, step_id: str) -> tuple[ImageData, ImageData]:
        """The pictures before and after a step. KeyError when it is not in the recipe."""
        return self._stages[step_id]

    def difference(self, step_id: str) -> PictureDifference:
        """What a step changes. KeyError when it is not in the recipe."""
        return _difference(*self._stages[step_id])


def used_pictures(dataset: ImageData, cleaned: object) -> ImageData:
    """The pictures to go on with: those the recipe leaves, or those that were read when there is none."""
    return cleaned.data if isinstance(cleaned, CleanedPictures) else dataset


def clean_pictures(
    source: ImageData,
    steps: Sequence[Step],
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> CleanedPictures:
    """The pictures after the steps that are switched on. A step that cannot be applied is passed over and says why.

    Pictures are decoded only when a step asks what is to be seen in them, and then once (see `looks_of`).
    """
    data = whole(source)
    outcomes: list[PictureOutcome] = []
    stages: dict[str, tuple[ImageData, ImageData]] = {}
    for step in steps:
        if cancelled is not None and cancelled():
            raise Cancelled
        before = data
        kind = PICTURE_STEPS.get(step.kind)
        error = ""
        if not step.enabled:
            pass
        elif kind is None:
            error = f"This version does not know the step {step.kind!r} for pictures. Delete it, or switch it off."
        else:
            looks: Looks | None = looks_of(source, progress, cancelled) if kind.needs_looks else None
            try:
                data = kind.apply(before, step.params, looks)
            except StepError as wrong:
                error = " ".join(part for part in (wrong.what, wrong.remedy) if part)
        made = _difference(before, data)
        changed = len(data) if made.pixels else len(made.relabelled)
        outcomes.append(PictureOutcome(step.id, len(before), len(data), changed, error, _lost(source, step, error)))
        stages[step.id] = (before, data)
    return CleanedPictures(data, tuple(outcomes), stages)


def replayed_steps(steps: Sequence[Step], cleaned: CleanedPictures) -> tuple[Step, ...]:
    """The steps that are done to pictures that come later: those on pixels, and other names of classes, for scoring.
    They travel with the Preprocessor; what takes pictures away or relabels single ones concerns the source alone."""
    out = []
    for step in steps:
        outcome = cleaned.outcome(step.id)
        if step.enabled and outcome is not None and not outcome.error and step.kind in (*CHANGES, MERGE.kind):
            out.append(Step("", step.kind, dict(step.params)))
    return tuple(out)


def renamed_classes(steps: Sequence[Step], classes: Sequence[str]) -> tuple[str, ...]:
    """What the classes of other pictures are called after the steps that rename and merge them."""
    names = list(classes)
    for step in steps:
        if step.kind == MERGE.kind:
            merged, name = listed_names(step.params.get("classes")), " ".join(str(step.params.get("name")).split())
            names = [name if old in merged else old for old in names]
    return tuple(names)


def _difference(before: ImageData, after: ImageData) -> PictureDifference:
    old, new = numbers(before), numbers(after)
    nothing = np.zeros(0, np.int64)
    gone = old[~np.isin(old, new)] if len(old) != len(new) else nothing
    relabelled = nothing
    if after is not before and (after.labels is not before.labels or after.classes is not before.classes):
        names_before = np.asarray([*before.classes, ""], object)
        names_after = np.asarray([*after.classes, ""], object)
        kept = before.labels if not len(gone) else before.labels[np.isin(old, new)]
        relabelled = new[names_before[kept] != names_after[after.labels]]
    return PictureDifference(gone, relabelled, len(after.changes) != len(before.changes))


def _lost(source: ImageData, step: Step, error: str) -> str:
    """Pictures named in a step that are no longer in the source."""
    named = listed_names(step.params.get("pictures")) or list(relabelled(step.params))
    if not named or error or not step.enabled:
        return ""
    known = set(lasting_names(source))
    lost = sum(name not in known for name in named)
    return f"{lost:,} of its {len(named):,} pictures {'is' if lost == 1 else 'are'} no longer there." if lost else ""
