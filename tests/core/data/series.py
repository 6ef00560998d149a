"""Series for tests: written as files, or made in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.data.dataset import LoadReport, Marks, SeriesData


def walk_and_rest(folder: Path, people: int = 6, each: int = 2, steps: int = 80, ending: str = ".csv") -> Path:
    """class folders walk/ and rest/, files like p1-0.csv, two channels x and y; walking swings, resting does not."""
    rng = np.random.default_rng(0)
    for name, size in (("walk", 1.0), ("rest", 0.05)):
        (folder / name).mkdir(parents=True)
        for person in range(1, people + 1):
            for number in range(each):
                t = np.arange(steps + 3 * person)
                x = 5 + size * np.sin(t / 3 + rng.uniform(0, 6)) + rng.normal(0, 0.02, len(t))
                lines = [f"{a:.5f},{-a:.5f}" for a in x]
                text = "x,y\n" + "\n".join(lines) + "\n"
                (folder / name / f"rec{number}-p{person}{ending}").write_text(text)
    return folder


def series(lengths: list[int], labels: list[int] | None = None, **more: Any) -> SeriesData:
    """Series whose channel "a" counts on through all of them and "b" is its negative."""
    total = sum(lengths)
    count = np.arange(total, dtype=float)
    names = [f"s{i}" for i in range(len(lengths))]
    own = [-1] * len(lengths) if labels is None else labels
    made: dict[str, Any] = {
        "channels": ("a", "b"),
        "values": np.stack([count, -count], axis=1),
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "names": names,
        "labels": np.array(own, np.int32),
        "parts": np.zeros(len(lengths), np.uint8),
        "report": LoadReport(rows=len(lengths), fingerprint="f"),
        "classes": () if labels is None else tuple(f"c{i}" for i in range(max(own) + 1)),
    }
    return SeriesData(**{**made, **more})


def marks(codes: list[int], classes: tuple[str, ...] = ("off", "on")) -> dict[str, Marks]:
    return {"state": Marks(classes, np.array(codes, np.int32))}
