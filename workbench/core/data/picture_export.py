"""Writing the pictures that a recipe leaves into a new folder: one folder a class, PNG, under their parts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from workbench.core.errors import Cancelled, DataError

from .dataset import TEST, VALIDATION, ImageData

_PARTS = {TEST: "test", VALIDATION: "validation"}


def export_pictures(
    data: ImageData,
    folder: Path,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Write the pictures as they are after the steps, and return how many there are.

    With parts given by the source, below "train", "validation" and "test". Pictures that cannot be decoded are left out
    and not counted. Raises DataError when the folder is not empty or cannot be written, Cancelled.
    """
    from PIL import Image

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError("This folder is not empty.", where=str(folder), remedy="Choose a new or an empty one.")
    parted = bool(data.parts.any())
    classes = _folder_names(data.classes)
    written = 0
    for i in range(len(data)):
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None and i % 32 == 0:
            progress(i / len(data), f"Writing pictures: {i:,} of {len(data):,}")
        try:
            pixels = data.image(i)
        except DataError:
            continue
        place = folder / _PARTS.get(int(data.parts[i]), "train") if parted else folder
        label = int(data.labels[i])
        place = place / (classes[label] if label >= 0 else "no class")
        stem = re.sub(r"[^\w.-]+", "_", os.path.splitext(data.name(i).split("/")[-1])[0]).strip("_.") or "picture"
        try:
            place.mkdir(parents=True, exist_ok=True)
            file = place / f"{data.number(i):06d} {stem[:80]}.png"
            Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file)
        except OSError as error:
            raise DataError(
                f"The pictures cannot be written ({error.strerror or error}).",
                where=str(place),
                remedy="Choose another folder, or free some space.",
            ) from error
        written += 1
    return written


def _folder_names(classes: tuple[str, ...]) -> list[str]:
    """Names that every file system takes, each once."""
    taken: set[str] = set()
    made = []
    for name in classes:
        base = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", name).strip(" .")[:100] or "class"
        unique, n = base, 1
        while unique.casefold() in taken:
            n += 1
            unique = f"{base} ({n})"
        taken.add(unique.casefold())
        made.append(unique)
    return made
