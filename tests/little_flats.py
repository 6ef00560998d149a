"""A table of flats with a picture of each, as tests need it: little pictures of one colour, prices that follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def flats(folder: Path, count: int = 30, side: int = 8, below: str = "") -> Path:
    """A table whose column "photo" names pictures of one colour; the price follows from colour and area."""
    (folder / below).mkdir(parents=True, exist_ok=True)
    lines = ["photo,area,rooms,price"]
    for i in range(count):
        pixels = np.zeros((side, side, 3), np.uint8)
        pixels[..., i % 3] = 200 + i % 50
        Image.fromarray(pixels).save(folder / below / f"flat {i}.png")
        lines.append(f"flat {i}.png,{20 + 7 * i % 90},{1 + i % 4},{100 * (i % 3) + 7 * i % 90}")
    (folder / "flats.csv").write_text("\n".join(lines) + "\n")
    return folder / "flats.csv"
