"""Cleaning steps that change text by a pattern, or whole values by a list."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .step_kind import Params, StepKind, as_number, as_text, column_of, is_date, is_number, listed, pinned, replaced
from .step_types import WORDS_CODE, words_of

# ---- replace by a pattern --------------------------------------------------------------------------------------

_LONGEST = 500


def replace_pattern(words: pd.Series, pattern: str, by: str) -> pd.Series:
    """Text with each match of a regular expression replaced, by RE2: its time grows with the text, never beyond."""
    cells = pa.chunked_array([pa.array(words.astype("str"), pa.large_string(), from_pandas=True)])
    done = pc.replace_substring_regex(cells, pattern, by)
    return pd.Series(done.to_pandas().to_numpy(), index=words.index, dtype="str")


def _replace_pattern(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    title = REPLACE_PATTERN.title
    name = column_of(params, frame, title)
    values, pattern, by = frame[name], as_text(params.get("pattern")), as_text(params.get("by"))
    if not pattern:
        raise StepError(
            "There is no pattern.", where=title, remedy=r"Type one, such as \(.*\) for what is in brackets."
        )
    if len(pattern) > _LONGEST:
        raise StepError("The pattern is too long.", where=title, remedy="Use several steps.")
    if is_number(values) or is_date(values):
        raise StepError(f"{name!r} holds no text.", where=title, remedy="Change its type to text before.")
    try:
        done = replace_pattern(values, pattern, by)
    except pa.ArrowInvalid as error:
        why = str(error).split(": ", 1)[-1].rstrip(".")
        remedy = "Patterns are those of RE2: no look-around, and \\1 in the replacement for the first group."
        raise StepError(f"The pattern is not understood: {why}.", where=title, remedy=remedy) from error
    return replaced(frame, {name: done.mask(done == "") if params.get("empty", True) else done})


def _replace_pattern_code(params: Params) -> str:
    cell = f"df[{str(params.get('column', ''))!r}]"
    pattern, by = as_text(params.get("pattern")), as_text(params.get("by"))
    line = f"{cell} = replace_pattern({cell}, {pattern!r}, {by!r})"
    return f"{line}\n{cell} = {cell}.mask({cell} == '')" if params.get("empty", True) else line


def _replace_pattern_summary(params: Params) -> str:
    pattern, by = as_text(params.get("pattern")) or "…", as_text(params.get("by"))
    return f"Replace /{pattern}/ in {params.get('column') or '…'} by {repr(by) if by else 'nothing'}"


REPLACE_PATTERN = StepKind(
    "replace_pattern",
    "Replace by a pattern",
    r"Replaces what matches a regular expression: \(.*\) is what stands in brackets, ^0+ are zeros at the front.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("pattern", "text", "Pattern", "", required=True, help="A regular expression, as RE2 understands it."),
        Field("by", "text", "Replace by", "", help=r"\1 is the first group in brackets. Empty: taken away."),
        Field("empty", "bool", "Empty becomes missing", True),
    ),
    _replace_pattern_summary,
    _replace_pattern,
    _replace_pattern_code,
    lambda params, names: [str(params.get("column", ""))],
    helpers=(replace_pattern,),
)

# ---- relabel ---------------------------------------------------------------------------------------------------


def _pairs(params: Params) -> dict[str, str]:
    """{value: label} from "0 = no, 1 = yes" or from a mapping."""
    given = params.get("labels")
    if isinstance(given, Mapping):
        return {str(old): str(new) for old, new in given.items()}
    pairs = {}
    for part in as_text(given).replace("\n", ",").split(","):
        old, sign, new = part.partition("=")
        if sign and old.strip():
            pairs[old.strip()] = new.strip()
    return pairs


def _relabel(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    title = RELABEL.title
    name = column_of(params, frame, title)
    pairs = _pairs(params)
    if not pairs:
        raise StepError("There are no new labels.", where=title, remedy="Type them as 0 = no, 1 = yes.")
    if is_date(frame[name]):
        raise StepError(f"{name!r} holds dates.", where=title, remedy="Change its type to text before.")
    words = words_of(frame[name])
    unknown = [old for old in pairs if not (words == old).any()]
    if len(unknown) == len(pairs) and not params.get("pinned"):
        raise StepError(f"No cell of {name!r} is {unknown[0]!r}.", where=title, remedy="Type values that occur in it.")
    mapped = words.map(lambda word: pairs.get(word, word), na_action="ignore").astype("str")
    mapped = mapped.mask(mapped == "")
    return replaced(frame, {name: _numbers(mapped)})


def _numbers(words: pd.Series) -> pd.Series:
    """As numbers when all of them are."""
    filled = words.dropna()
    if not len(filled) or any(as_number(word) is None for word in filled.unique()):
        return words
    numbers = pd.to_numeric(words).astype("float64")
    whole = not numbers.isna().any() and bool(((numbers % 1 == 0) & (numbers.abs() < 2**53)).all())
    return numbers.astype("int64") if whole else numbers


def _relabel_code(params: Params) -> str:
    cell = f"df[{str(params.get('column', ''))!r}]"
    return "\n".join(
        [
            f"labels = {_pairs(params)!r}",
            f"words = {cell}",
            WORDS_CODE.replace("{cell}", "words"),
            "words = words.map(lambda word: labels.get(word, word), na_action='ignore').astype('str')",
            "words = words.mask(words == '')",
            "numbers = pd.to_numeric(words, errors='coerce').astype('float64')",
            "all_numbers = words.notna().any() and (numbers.abs() < float('inf'))[words.notna()].all()",
            "whole = numbers.notna().all() and (numbers % 1 == 0).all() and (numbers.abs() < 2**53).all()",
            f"{cell} = (numbers.astype('int64') if whole else numbers) if all_numbers else words",
        ]
    )


def _relabel_summary(params: Params) -> str:
    pairs = _pairs(params)
    return f"Relabel {params.get('column') or '…'}: {listed([f'{a} = {b}' for a, b in pairs.items()], 4)}"


RELABEL = StepKind(
    "relabel",
    "Relabel values",
    "Gives values other names: 0 = no, 1 = yes. Values that are not listed stay.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("labels", "text", "Labels", "", required=True, help="Old = new, with commas between the pairs."),
    ),
    _relabel_summary,
    _relabel,
    _relabel_code,
    lambda params, names: [str(params.get("column", ""))],
    pin=pinned,
)
