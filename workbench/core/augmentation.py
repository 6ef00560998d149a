"""Varying training pictures: what each setting means, which of them suit the pictures at hand, whether they fit.

What is done to the arrays is in engine/augment.py; the same in a script is in script_augment.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .errors import FeatureError
from .fields import Field
from .project import Augmentation, ImageFeature

BORDERS = ("repeat", "mirror", "black")

FIELDS: tuple[Field, ...] = (
    Field("horizontal", "bool", "Mirror left and right", False, help="In half of the cases. Not for letters or signs."),
    Field("vertical", "bool", "Mirror up and down", False, help="In half of the cases. For views from above."),
    Field("rotate", "float", "Rotate by up to", 0.0, minimum=0, maximum=180, unit="°", help="Either way."),
    Field("shift", "float", "Shift by up to", 0.0, minimum=0, maximum=50, unit="%", help="Of width and of height."),
    Field("zoom", "float", "Zoom by up to", 0.0, minimum=0, maximum=80, unit="%", help="Smaller or larger."),
    Field("contrast", "float", "Contrast by up to", 0.0, minimum=0, maximum=100, unit="%", help="Less or more."),
    Field(
        "brightness", "float", "Brightness by up to", 0.0, minimum=0, maximum=100, unit="%", help="Darker or lighter."
    ),
    Field("noise", "float", "Noise of", 0.0, minimum=0, maximum=50, unit="%", help="Its deviation, of the full range."),
)
"""The settings as a person sees them; those with "%" are shares in Augmentation."""

PERCENT = tuple(f.name for f in FIELDS if f.unit == "%")
_SIDED = ("left", "right", "arrow", "sign", "letter", "digit", "clockwise", "up", "down")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def active(augment: Augmentation) -> bool:
    """Whether training pictures are varied at all."""
    return augment.enabled and any(getattr(augment, f.name) for f in FIELDS)


def check(augment: Augmentation) -> None:
    """Raises FeatureError when a setting is out of its range."""
    for field in FIELDS:
        value = getattr(augment, field.name)
        if field.kind == "bool":
            continue
        highest = (field.maximum or 0.0) / (100 if field.name in PERCENT else 1)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= highest:
            raise FeatureError(
                f"{field.title} {value} is out of range: pictures are varied by 0 to {highest:g} there.",
                where="augmentation",
                remedy="Choose another strength on the Features page.",
            )
    if augment.border not in BORDERS:
        raise FeatureError(
            f'There is no border "{augment.border}".', where="augmentation", remedy='Use "repeat", the usual one.'
        )


def propose(classes: Sequence[str], image: ImageFeature) -> tuple[Augmentation, str]:
    """What suits pictures of these classes, switched on, and why in a sentence. It is offered, never done unasked.

    image: with its channels filled in.
    """
    small = Augmentation(enabled=True, rotate=10.0, shift=0.1, zoom=0.1)
    if written(classes):
        return small, "The classes are letters, digits or sides: mirrored ones would be something else."
    if any(word in _SIDED for name in classes for word in _words(name)):
        return small, "Some classes tell sides apart: mirrored pictures would be of another class."
    turned = replace(small, horizontal=True)
    if image.channels == 1:
        return turned, "Things look alike mirrored; grey pictures keep their brightness."
    photo = replace(turned, contrast=0.15, brightness=0.1, border="mirror")
    return photo, "Photographs look alike mirrored, and light differs from one to the next."


def written(classes: Sequence[str]) -> bool:
    """Whether most classes are named like digits or letters."""
    signs = sum(len(n.strip()) == 1 or n.strip().isdecimal() or n.strip().lower() in _DIGITS for n in classes)
    return 2 * signs > len(classes)


def _words(name: str) -> list[str]:
    return "".join(c.lower() if c.isalpha() else " " for c in name).split()


def summary(augment: Augmentation) -> str:
    """What is done, in a line: "mirrored left and right, rotated by up to 10°, ..."; "" when nothing is."""
    if not active(augment):
        return ""
    said = []
    if augment.horizontal or augment.vertical:
        ways = [w for w, on in (("left and right", augment.horizontal), ("up and down", augment.vertical)) if on]
        said.append(f"mirrored {' and '.join(ways)}")
    words = {"rotate": "rotated", "shift": "shifted", "zoom": "zoomed"}
    for name in ("rotate", "shift", "zoom", "contrast", "brightness"):
        value = getattr(augment, name)
        if value:
            amount = f"{value:g}°" if name == "rotate" else f"{100 * value:g} %"
            said.append(f"{words.get(name, name)} by up to {amount}")
    if augment.noise:
        said.append(f"noise of {100 * augment.noise:g} %")
    return ", ".join(said)
