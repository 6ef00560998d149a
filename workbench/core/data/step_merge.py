"""The cleaning step that merges spellings: what a person ticked among alike ones, as one step."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .step_kind import Params, StepKind, column_of, is_date, is_number, listed, replaced

_TITLE = "Merge alike spellings"


def _mapping(params: Params) -> dict[str, str]:
    """{spelling: what it becomes}."""
    found = params.get("mapping")
    if not isinstance(found, Mapping):
        return {}
    return {str(old): str(new) for old, new in found.items() if str(old) != str(new)}


def _merge_values(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, _TITLE)
    mapping = _mapping(params)
    values = frame[name]
    if not mapping:
        return frame
    if is_number(values) or is_date(values):
        raise StepError(
            f"{name!r} holds no text at this point.",
            where=_TITLE,
            remedy="Move this step before the one that changes the column's type, or choose another column.",
        )
    words = values.astype("str")
    return replaced(frame, {name: words.map(lambda word: mapping.get(word, word), na_action="ignore").astype("str")})


def _code(params: Params) -> str:
    if not _mapping(params):
        return "# There is nothing to merge."
    cell = f"df[{str(params.get('column', ''))!r}]"
    mapped = "lambda word: merged.get(word, word), na_action='ignore'"
    return f"merged = {_mapping(params)!r}\n{cell} = {cell}.astype('str').map({mapped}).astype('str')"


def _summary(params: Params) -> str:
    mapping = _mapping(params)
    kept = list(dict.fromkeys(mapping.values()))
    many = f"{len(mapping):,} spelling{'s' if len(mapping) != 1 else ''}"
    return f"Merge {many} of {params.get('column') or '…'} into {listed(kept)}"


MERGE_VALUES = StepKind(
    "merge_values",
    _TITLE,
    "Makes one value of several spellings of it.",
    (Field("column", "column", "Column", "", required=True),),
    _summary,
    _merge_values,
    _code,
    lambda params, names: [str(params.get("column", ""))],
)
