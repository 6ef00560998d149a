"""The table of cleaning steps: forms, summaries, the recipe's runner and the pandas script are made from it."""

from __future__ import annotations

from .step_alike import NEAR_DUPLICATES
from .step_bins import MAKE_RANGES
from .step_cells import PARSE_NUMBERS, REPLACE, TRIM_TEXT
from .step_columns import COMPUTE_COLUMN, JOIN_COLUMNS, SPLIT_COLUMN
from .step_dates import DATE_PARTS, PARSE_DATES
from .step_fill import FILL_MISSING, FLAG_MISSING
from .step_filter import FILTER_FORMULA
from .step_kind import StepKind
from .step_merge import MERGE_RARE, MERGE_VALUES
from .step_order import SAMPLE, SHUFFLE, SORT
from .step_outliers import LIMIT_OUTLIERS
from .step_patterns import RELABEL, REPLACE_PATTERN
from .step_rows import DROP_COLUMN, DROP_DUPLICATES, DROP_MISSING, FILTER_ROWS, RENAME_COLUMN
from .step_types import CHANGE_TYPE

__all__ = ["STEPS", "StepKind"]

STEPS: dict[str, StepKind] = {
    kind.kind: kind
    for kind in (
        FILL_MISSING,
        DROP_MISSING,
        FLAG_MISSING,
        DROP_DUPLICATES,
        NEAR_DUPLICATES,
        PARSE_NUMBERS,
        PARSE_DATES,
        REPLACE,
        REPLACE_PATTERN,
        TRIM_TEXT,
        MERGE_VALUES,
        MERGE_RARE,
        RELABEL,
        LIMIT_OUTLIERS,
        CHANGE_TYPE,
        FILTER_ROWS,
        FILTER_FORMULA,
        COMPUTE_COLUMN,
        SPLIT_COLUMN,
        JOIN_COLUMNS,
        MAKE_RANGES,
        DATE_PARTS,
        DROP_COLUMN,
        RENAME_COLUMN,
        SORT,
        SHUFFLE,
        SAMPLE,
    )
}
