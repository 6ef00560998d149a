"""What every step on pictures is made of: the pictures that stay, their classes, a name for each that lasts."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .dataset import ImageData
from .folders import natural_order
from .picture_looks import Looks

Params = Mapping[str, Json]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class PictureStep:
    """One kind of step on pictures; the counterpart of StepKind.

    title, blurb: for menus. fields: its parameters; a field of the kind "columns" is a choice of classes.
    summary(params): one plain line. apply(data, params, looks): `data` as the step leaves it; raises StepError. looks:
    of the source, entry by source number; None unless `needs_looks`. pixels: it changes pixels and nothing else, and is
    done to every picture that comes later. group: under which it stands in menus.
    """

    kind: str
    title: str
    blurb: str
    fields: tuple[Field, ...]
    summary: Callable[[Params], str]
    apply: Callable[[ImageData, Params, Looks | None], ImageData]
    needs_looks: bool = False
    pixels: bool = False
    group: str = ""


def whole(source: ImageData) -> ImageData:
    """All pictures of a source, as the first step of a recipe meets them."""
    return replace(
        source,
        array=None,
        files=(),
        names=(),
        file_sizes=source.sizes(),
        file_channels=source.channels(),
        origin=source,
        numbers=np.arange(len(source)),
    )


def numbers(data: ImageData) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Which pictures of the source these are."""
    return np.arange(len(data)) if data.numbers is None else data.numbers


def kept(data: ImageData, keep: Mask, title: str) -> ImageData:
    """Only the pictures marked in `keep`. StepError when there are none."""
    if keep.all():
        return data
    if not keep.any():
        raise StepError("No picture would be left.", where=title, remedy="Change the step, or switch it off.")
    assert data.file_sizes is not None
    assert data.file_channels is not None
    return without_empty(
        replace(
            data,
            labels=data.labels[keep],
            parts=data.parts[keep],
            numbers=numbers(data)[keep],
            file_sizes=data.file_sizes[keep],
            file_channels=data.file_channels[keep],
        ),
        data,
    )


def without_empty(data: ImageData, before: ImageData) -> ImageData:
    """Without the classes that lost their last picture since `before`: what no picture shows cannot be learned."""
    had = set(np.unique(before.labels[before.labels >= 0]).tolist())
    has = set(np.unique(data.labels[data.labels >= 0]).tolist())
    if not had - has:
        return data
    names = [name for i, name in enumerate(data.classes) if i not in had - has]
    return with_classes(data, names, [data.classes[i] if i >= 0 else "" for i in range(len(data.classes))])


def with_classes(data: ImageData, names: Sequence[str], becomes: Sequence[str]) -> ImageData:
    """Other classes. names: of the new ones. becomes: for each old class the name of the one it turns into."""
    classes = tuple(sorted(dict.fromkeys(names), key=natural_order))
    place = {name: i for i, name in enumerate(classes)}
    table = np.asarray([*(place.get(name, -1) for name in becomes), -1], np.int32)
    return replace(data, classes=classes, labels=table[np.maximum(data.labels, -1)])


def known_classes(wanted: Sequence[str], data: ImageData, title: str) -> list[int]:
    """The numbers of these classes. StepError when none is chosen or one is not there at this point."""
    if not wanted:
        raise StepError("No class is chosen.", where=title, remedy="Choose at least one.")
    missing = [name for name in wanted if name not in data.classes]
    if missing:
        raise StepError(
            f"There is no class {', '.join(map(repr, missing[:3]))} at this point.",
            where=title,
            remedy="Choose another class, or look at the steps before.",
        )
    return [data.classes.index(name) for name in wanted]


def listed_names(value: Json) -> list[str]:
    """A parameter that holds names, as a list; one name stands for itself."""
    if isinstance(value, str):
        return [value] if value else []
    return [str(name) for name in value] if isinstance(value, (list, tuple)) else []


# ---- names that stay -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Names:
    names: tuple[str, ...]
    numbers: dict[str, int]


_names: weakref.WeakKeyDictionary[ImageData, _Names] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _named(source: ImageData) -> _Names:
    with _lock:
        found = _names.get(source)
        if found is None:
            given = list(source.names) if source.names else _by_place(source)
            seen: dict[str, int] = {}
            made: dict[str, int] = {}
            for i, name in enumerate(given):
                seen[name] = seen.get(name, 0) + 1
                made[name if seen[name] == 1 else f"{name} ({seen[name]})"] = i
            found = _names[source] = _Names(tuple(made), made)
        return found


def _by_place(source: ImageData) -> list[str]:
    first = {int(part): int(np.argmax(source.parts == part)) for part in np.unique(source.parts)}
    words = ("", "test ", "validation ")
    return [f"{words[part]}#{i - first[part]}" for i, part in enumerate(source.parts.tolist())]


def lasting_names(source: ImageData) -> tuple[str, ...]:
    """A name for each picture that stays when others come and go: a file's place below the opened folder, or the
    position in its part. What would be twice there has a number behind it."""
    return _named(source).names


def found_numbers(source: ImageData, names: Sequence[str], title: str) -> dict[str, int]:
    """{name: picture number} of those that are in the source. StepError when none is."""
    known = _named(source).numbers
    found = {name: known[name] for name in names if name in known}
    if names and not found:
        raise StepError(
            f"None of the {len(names):,} pictures is in the source any more, such as {names[0]!r}.",
            where=title,
            remedy="Put the pictures back, or delete the step.",
        )
    return found
