"""The prepared arrays as the engine opens them: mapped, read-only, without loading pandas.

The files are those of core.data.prepared: <part>.<input>.npy, <part>.y.npy and, where rows have weights,
<part>.weights.npy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.core.errors import DataError
from workbench.core.facts import DataFacts


@dataclass(frozen=True, eq=False)
class Part:
    """x: {input name: (n, *shape)}. y: int32 (n,) classes or float32 (n, 1); (n, 0) where x is rebuilt. weights:
    float32 (n,), what each row counts in the loss; None: all alike."""

    x: dict[str, np.ndarray]
    y: np.ndarray
    weights: np.ndarray | None = None

    @property
    def rows(self) -> int:
        return len(self.y)

    @property
    def arrays(self) -> list[np.ndarray]:
        """Inputs, targets, and weights where rows have some."""
        return [*self.x.values(), self.y, *([] if self.weights is None else [self.weights])]

    @property
    def nbytes(self) -> int:
        """As stored."""
        return sum(array.nbytes for array in self.arrays)


def open_part(prepared: Path, name: str, facts: DataFacts) -> Part:
    """The part "train", "validation" or "test" of a folder of prepared arrays; empty when it has no rows.

    Raises:
        DataError: the folder or a file is gone, cut short, or does not fit the facts.
    """
    try:
        x = {i.name: _mapped(prepared / f"{name}.{i.name}.npy") for i in facts.inputs}
        y = _mapped(prepared / f"{name}.y.npy")
        weights = _mapped(prepared / f"{name}.weights.npy") if facts.weight else None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            "The prepared data of this run is no longer there, or is damaged.",
            where=str(prepared),
            remedy="Open the project and train again: it is made anew from the source.",
        ) from error
    for info in facts.inputs:
        if len(x[info.name]) != len(y) or (len(y) and x[info.name].shape[1:] != info.shape):
            raise DataError(
                f"The prepared data does not fit the run: {info.name} is {x[info.name].shape}.",
                where=str(prepared),
                remedy="Open the project and train again.",
            )
    if weights is not None and len(weights) != len(y):
        raise DataError(
            f"The prepared data does not fit the run: {len(weights):,} weights for {len(y):,} rows.",
            where=str(prepared),
            remedy="Open the project and train again.",
        )
    return Part(x, y, weights)


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an empty array cannot be mapped
        return np.load(path, allow_pickle=False)
