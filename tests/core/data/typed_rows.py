"""Single rows as a person types them into a form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.core.data.preprocess import Preprocessor


def typed(made: Preprocessor, cells: Mapping[str, object]) -> np.ndarray:
    """What the model takes of a row, its inputs side by side: (1, width)."""
    return np.concatenate(list(made.row_arrays(cells).values()), axis=1)
