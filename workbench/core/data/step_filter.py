"""The cleaning step that keeps or drops rows by a formula over several columns."""

from __future__ import annotations

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .expressions import compute
from .formula_code import code_of
from .formulas import HELP, HELPERS, columns_in
from .step_kind import Params, StepKind, as_text, some_rows

_TITLE = "Filter rows by a formula"


def _meets(frame: pd.DataFrame, params: Params) -> pd.Series:
    formula = as_text(params.get("formula"))
    try:
        found = compute(frame, formula)
    except StepError as error:
        raise StepError(error.what, where=_TITLE, remedy=error.remedy) from error
    if found.dtype != bool:
        raise StepError(
            f"{formula[:60]!r} gives values, not yes or no.",
            where=_TITLE,
            remedy='Compare something, as in Age < 16 or Sex == "female".',
        )
    return found


def _filter(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    meets = _meets(frame, params)
    return some_rows(frame[~meets if params.get("action") == "drop" else meets], _TITLE)


def _code(params: Params) -> str:
    code = code_of(as_text(params.get("formula")))
    sign = "~" if params.get("action") == "drop" else ""
    return f"with np.errstate(all='ignore'):\n    df = df[{sign}({code})]"


FILTER_FORMULA = StepKind(
    "filter_formula",
    _TITLE,
    'Keeps or drops the rows for which a formula holds: Age < 16 or Sex == "female".',
    (
        Field(
            "formula", "text", "Formula", "", required=True, help=f"Where a cell is missing it does not hold. {HELP}"
        ),
        Field("action", "choice", "Rows for which it holds", "keep", choices=("keep", "drop")),
    ),
    lambda params: (
        f"{'Drop' if params.get('action') == 'drop' else 'Keep'} rows where {as_text(params.get('formula')) or '…'}"
    ),
    _filter,
    _code,
    uses=lambda params: columns_in(as_text(params.get("formula"))),
    helpers=HELPERS,
    rows=lambda params: "drops",
)
