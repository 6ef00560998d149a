"""The side table: lines and files that were set aside while reading, to be looked at and taken away."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.storage import atomic_write

from .dataset import BadItem

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("where", "why", "text")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula when it opens a CSV (OWASP, "CSV Injection")."""


def aside_frame(bad: Sequence[BadItem]) -> pd.DataFrame:
    """A row for each, with the columns NAMES."""
    import pandas as pd

    rows = [(item.where, item.what, item.text) for item in bad]
    return pd.DataFrame(rows, columns=list(NAMES), dtype="str")


def write_aside(bad: Sequence[BadItem], place: Path) -> Path:
    """Write the side table as CSV; text that a spreadsheet would run gets an apostrophe before it.

    Raises ProjectError when it cannot be written.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NAMES)
    for item in bad:
        writer.writerow(
            [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in (item.where, item.what, item.text)]
        )
    atomic_write(place, out.getvalue().encode("utf-8", "surrogateescape"))
    return place
