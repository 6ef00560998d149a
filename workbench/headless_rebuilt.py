"""What an autoencoder says of rows and pictures that come later: how far off each is, and of a table what it became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.targets import unlike
from workbench.core.reconstruction import columns_in_units, row_errors, scaled

Inputs = Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, eq=False)
class Block:
    """Of some rows: float64 errors (n,), and of a table the rebuilt cells by column."""

    errors: np.ndarray[Any, Any]
    cells: Mapping[str, np.ndarray[Any, Any]]


def block(preprocessor: Preprocessor, x: Inputs, y: np.ndarray[Any, Any], card: Any = None) -> Block:
    """What is kept of a block of answers: those to pictures would not fit into memory together.

    Args:
        x: {input: (n, *shape)} as prepared, for answers of a run. y: (n, numbers) of a run; of an exported file with
            its card the error of each row behind them.
    """
    y = np.asarray(y).reshape(len(y), -1)
    if card is not None:
        back, errors = y[:, :-1], y[:, -1].astype(np.float64)
    else:
        assert preprocessor.target is not None
        info = next(i for i in preprocessor.inputs if i.name == preprocessor.target.name)
        back, errors = y, row_errors(scaled(x[info.name], info), y)
    errors = np.array([float(f"{error:.8g}") for error in errors])
    return Block(errors, columns_in_units(preprocessor, back) if preprocessor.kind == "table" else {})


def in_places(values: np.ndarray[Any, Any], taken: np.ndarray[Any, Any], places: int) -> np.ndarray[Any, Any]:
    """The values where they belong, (places,). taken: (len(values),), the place of each; others stay empty."""
    out = np.full(places, "" if values.dtype == object else np.nan, values.dtype)
    out[taken] = values
    return out


def rebuilt_table(
    blocks: Sequence[Block], kind: str, names: Sequence[Any], taken: np.ndarray[Any, Any]
) -> tuple[tuple[str, ...], tuple[Sequence[Any], ...]]:
    """(header, columns), a row an input in the order of the source. taken: for each answer the place of its name."""

    spread = partial(in_places, taken=taken, places=len(names))
    header, columns = ["error"], [names, spread(np.concatenate([b.errors for b in blocks]))]
    for name in blocks[0].cells:
        values = np.concatenate([b.cells[name] for b in blocks])
        if values.dtype != object:
            values = np.array([float(f"{value:.8g}") for value in values])
        header.append(f"{name} (rebuilt)")
        columns.append(spread(values))
    return (kind, *unlike(header, (kind,))), tuple(columns)
