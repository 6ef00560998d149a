"""All kinds of steps, of tables and of pictures, for whoever only wants to name them."""

from __future__ import annotations

from .picture_recipe import PICTURE_STEPS
from .step_kind import Params, StepKind
from .step_picture import PictureStep
from .steps import STEPS

EVERY_STEP: dict[str, StepKind | PictureStep] = {**STEPS, **PICTURE_STEPS}


def summary_of(kind: str, params: Params) -> str:
    """What a step does, in one plain line; a kind this version does not know is named."""
    known = EVERY_STEP.get(kind)
    return known.summary(params) if known is not None else f"Unknown step {kind!r}"
