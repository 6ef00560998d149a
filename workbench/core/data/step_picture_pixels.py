"""Steps that change every picture: cut, brought to a size, made grey, inverted. New pictures go through them too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbench.core.fields import Field
from workbench.core.project import Step

from .dataset import ImageData
from .picture_changes import (
    CROP,
    GREY,
    INVERT,
    LARGEST,
    RESIZE,
    changed_channels,
    changed_sizes,
    check,
)
from .picture_looks import Looks
from .step_picture import Params, PictureStep


def _change(kind: str) -> Callable[[ImageData, Params, Looks | None], ImageData]:
    def apply(data: ImageData, params: Params, looks: Looks | None) -> ImageData:
        step = Step("", kind, dict(params))
        check(step)
        return replace(
            data,
            changes=(*data.changes, step),
            file_sizes=changed_sizes(data.sizes(), (step,)),
            file_channels=changed_channels(data.channels(), (step,)),
        )

    return apply


def _share(name: str, title: str) -> Field:
    return Field(name, "float", title, 0.0, minimum=0, maximum=99, unit="%", help="Share of the picture to cut away.")


def _crop_summary(params: Params) -> str:
    sides = [f"{params[s]:g} % {s}" for s in ("left", "top", "right", "bottom") if params.get(s)]
    return f"Cut away {', '.join(sides)}" if sides else "Crop: nothing is cut away yet"


def _resize_summary(params: Params) -> str:
    height, width, way = params.get("height", 128), params.get("width", 128), params.get("resize", "fit")
    return f"Resize to {width} × {height} ({way})"


CROP_STEP = PictureStep(
    CROP,
    "Crop",
    "Cuts the same share off each side of every picture.",
    (_share("left", "Left"), _share("top", "Top"), _share("right", "Right"), _share("bottom", "Bottom")),
    _crop_summary,
    _change(CROP),
    pixels=True,
    group="Pixels",
)

RESIZE_STEP = PictureStep(
    RESIZE,
    "Resize",
    "Brings every picture to one size. What the model takes is set on Features and follows this size up to 64.",
    (
        Field("width", "int", "Width", 128, minimum=1, maximum=LARGEST, unit="px"),
        Field("height", "int", "Height", 128, minimum=1, maximum=LARGEST, unit="px"),
        Field(
            "resize",
            "choice",
            "How",
            "fit",
            choices=("fit", "fill", "stretch"),
            help="fit: whole, with black bars. fill: the middle, cut to shape. stretch: whole, out of shape.",
        ),
    ),
    _resize_summary,
    _change(RESIZE),
    pixels=True,
    group="Pixels",
)

GREY_STEP = PictureStep(
    GREY,
    "Greyscale",
    "Takes the colours away: one channel instead of three.",
    (),
    lambda params: "Make the pictures grey",
    _change(GREY),
    pixels=True,
    group="Pixels",
)

INVERT_STEP = PictureStep(
    INVERT,
    "Invert",
    "Makes light dark and dark light: ink on paper becomes light on black, as drawn digits are.",
    (),
    lambda params: "Invert light and dark",
    _change(INVERT),
    pixels=True,
    group="Pixels",
)
