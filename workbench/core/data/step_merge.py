"""Cleaning steps that merge values: spellings that a person ticked among alike ones, and values that are rare."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import Params, StepKind, as_number, as_text, column_of, is_date, is_number, listed, replaced
from .step_types import WORDS_CODE, words_of

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

# ---- rare values -----------------------------------------------------------------------------------------------

_RARE = "Merge rare values"
FEWEST = 10


def _common(words: pd.Series, params: Params) -> list[str]:
    """The values that stay, the commonest first."""
    known = params.get("kept")
    if isinstance(known, list):
        return [str(value) for value in known]
    fewest = as_number(params.get("fewest", FEWEST))
    if fewest is None or fewest < 1:
        raise StepError("The number of rows is no number from 1 on.", where=_RARE, remedy="Type one, such as 10.")
    counts = words.value_counts()
    return [str(value) for value in counts.index[counts >= fewest]]


def _other(params: Params) -> str:
    return " ".join(as_text(params.get("name", "other")).split()) or "other"


def _merge_rare(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, _RARE)
    if is_date(frame[name]):
        raise StepError(f"{name!r} holds dates.", where=_RARE, remedy="Take them into parts, or choose another column.")
    words = words_of(frame[name])
    kept = _common(words, params)
    if not kept and not params.get("pinned"):
        raise StepError(
            f"No value of {name!r} is in so many rows, so all would become one.", where=_RARE, remedy="Type fewer."
        )
    rare = words.notna() & ~words.isin(kept)
    return replaced(frame, {name: words.mask(rare, _other(params))}) if rare.any() else frame


def _rare_code(params: Params) -> str:
    cell = f"df[{str(params.get('column', ''))!r}]"
    known = params.get("kept")
    fewest = as_number(params.get("fewest", FEWEST))
    kept = repr([str(value) for value in known]) if isinstance(known, list) else f"counts.index[counts >= {fewest!r}]"
    return "\n".join(
        [
            f"words = {WORDS_CODE.replace('{cell} = ', '').replace('{cell}', cell)}",
            "counts = words.value_counts()",
            f"rare = words.notna() & ~words.isin({kept})",
            "if rare.any():",
            f"    {cell} = words.mask(rare, {_other(params)!r})",
        ]
    )


def _pin_kept(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    words = words_of(frame[str(params.get("column", ""))])
    return {**params, "kept": list(_common(words, params)), "pinned": True}


MERGE_RARE = StepKind(
    "merge_rare",
    _RARE,
    "Makes one value of all that are in few rows: too few of each to learn from.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("fewest", "int", "Stays from", FEWEST, minimum=1, unit="rows", help="Values in fewer rows are merged."),
        Field("name", "text", "Into", "other"),
    ),
    lambda params: (
        f"Merge values of {params.get('column') or '…'} in fewer than {as_text(params.get('fewest', FEWEST))} rows "
        f"into {_other(params)}"
    ),
    _merge_rare,
    _rare_code,
    lambda params, names: [str(params.get("column", ""))],
    pin=_pin_kept,
)
