"""The table of cleaning steps: forms, summaries, the recipe's runner and the pandas script are made from it."""

from __future__ import annotations

from .step_cells import FILL_MISSING, PARSE_NUMBERS, REPLACE, TRIM_TEXT
from .step_kind import StepKind
from .step_merge import MERGE_VALUES
from .step_rows import DROP_COLUMN, DROP_DUPLICATES, DROP_MISSING, FILTER_ROWS, RENAME_COLUMN
from .step_types import CHANGE_TYPE

__all__ = ["STEPS", "StepKind"]

STEPS: dict[str, StepKind] = {
    kind.kind: kind
    for kind in (
        FILL_MISSING,
        DROP_MISSING,
        DROP_DUPLICATES,
        PARSE_NUMBERS,
        REPLACE,
        TRIM_TEXT,
        MERGE_VALUES,
        CHANGE_TYPE,
        FILTER_ROWS,
        DROP_COLUMN,
        RENAME_COLUMN,
    )
}
