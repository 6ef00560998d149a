"""Running the recipe: each step once, cached by what stands before it; what each step did; the script for all."""

from __future__ import annotations

import inspect
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import Cancelled, StepError
from workbench.core.project import DataSpec, Step

from .dataset import TableData
from .script import reading_code
from .step_kind import Asks, Choice
from .step_types import words_of
from .steps import STEPS

Parts = np.ndarray[Any, np.dtype[np.uint8]]
MOST_UNREAD = 8


@dataclass(frozen=True)
class StepOutcome:
    """What a step did. error: what, where and remedy as one text when it could not be applied; "" otherwise.

    A step that is switched off changes nothing and has no error. cells_unread: cells with a value that the step could
    not read and made missing. unread: the commonest of them, (cell, rows). asks: what the person may answer to the
    error, (in words, parameter, value).
    """

    step_id: str
    rows_before: int
    rows_after: int
    cells_changed: int = 0
    error: str = ""
    cells_unread: int = 0
    unread: tuple[tuple[str, int], ...] = ()
    asks: tuple[Choice, ...] = ()


@dataclass(frozen=True, eq=False)
class Difference:
    """Rows that a step changes or takes away, at most as many as asked for; those that lose a value come first.

    before: those rows before the step. after: those of them that stay. changed: {column: bool (len(before),)}, cells
    that differ. gone: bool (len(before),), rows taken away. columns_dropped, columns_added: a renamed one is both.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    changed: dict[str, np.ndarray[Any, np.dtype[np.bool_]]]
    gone: np.ndarray[Any, np.dtype[np.bool_]]
    columns_dropped: tuple[str, ...] = ()
    columns_added: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Ran:
    frame: pd.DataFrame
    cells_changed: int = 0
    error: str = ""
    cells_unread: int = 0
    unread: tuple[tuple[str, int], ...] = ()
    asks: tuple[Choice, ...] = ()


@dataclass(frozen=True, eq=False)
class Cleaned:
    """The cleaned table. frame: its index is the source row number. parts: uint8, one for each row that is left.
    folder, test_folder: as of the table."""

    frame: pd.DataFrame
    outcomes: tuple[StepOutcome, ...]
    parts: Parts
    _frames: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = field(default_factory=dict, repr=False)
    folder: str = ""
    test_folder: str = ""

    def outcome(self, step_id: str) -> StepOutcome | None:
        """What the step of that id did; None when it is not in the recipe."""
        return next((outcome for outcome in self.outcomes if outcome.step_id == step_id), None)

    def frames(self, step_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The whole table before and after a step. KeyError when it is not in the recipe."""
        return self._frames[step_id]

    def difference(self, step_id: str, limit: int = 200) -> Difference:
        """Rows before and after a step. KeyError when it is not in the recipe."""
        return _difference(*self._frames[step_id], limit)


class StepCache:
    """Results by table and by the steps up to and including each; the least recently used are dropped.

    Frames share the columns that a step leaves alone, so an entry costs what its step changed. One job at a time.
    """

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._table: TableData | None = None
        self._ran: OrderedDict[str, _Ran] = OrderedDict()

    def get(self, table: TableData, key: str) -> _Ran | None:
        if table is not self._table:
            self._ran.clear()
            self._table = table
        found = self._ran.get(key)
        if found is not None:
            self._ran.move_to_end(key)
        return found

    def put(self, key: str, ran: _Ran) -> None:
        self._ran[key] = ran
        while len(self._ran) > self._limit:
            self._ran.popitem(last=False)


def run_recipe(
    table: TableData,
    steps: Sequence[Step],
    cache: StepCache | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Cleaned:
    """Apply the steps in order. With a cache, only from the first step that changed since the last time.

    A step that fails says so in its outcome, and the next goes on from the frame before it.
    """
    cache = cache if cache is not None else StepCache()
    frame = table.frame
    prefix: list[Any] = []
    outcomes: list[StepOutcome] = []
    frames: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}
    for step in steps:
        if cancelled is not None and cancelled():
            raise Cancelled
        rows = len(frame)
        if not step.enabled:
            outcomes.append(StepOutcome(step.id, rows, rows))
            frames[step.id] = (frame, frame)
            continue
        prefix.append([step.kind, step.params])
        key = json.dumps(prefix, sort_keys=True, default=_plain)
        ran = cache.get(table, key)
        if ran is None:
            ran = _run(frame, step)
            cache.put(key, ran)
        told = (ran.cells_changed, ran.error, ran.cells_unread, ran.unread, ran.asks)
        outcomes.append(StepOutcome(step.id, rows, len(ran.frame), *told))
        frames[step.id] = (frame, ran.frame)
        frame = ran.frame
    return Cleaned(frame, tuple(outcomes), table.parts[frame.index.to_numpy()], frames, table.folder, table.test_folder)


def pandas_code(spec: DataSpec, steps: Sequence[Step], table: TableData | None = None) -> str:
    """A runnable script that reads the source and applies the steps that are switched on. Names and values by repr.

    table: what was read from the source, so that the script reads it the same way; see `reading_code`.
    """
    lines = ['"""The cleaned table, as it was made by hand."""', ""]
    active = [step for step in steps if step.enabled and step.kind in STEPS]
    code = "\n".join(STEPS[step.kind].code(step.params) for step in active)
    helpers = list(dict.fromkeys(helper for step in active for helper in STEPS[step.kind].helpers))
    sources = [inspect.getsource(helper) for helper in helpers]
    lines += _imports("\n".join([code, *sources]))
    for source in sources:
        lines += ["", source, ""]
    lines += [reading_code(spec, table), ""]
    for step in active:
        title = f"{step.title}: {STEPS[step.kind].summary(step.params)}" if step.title else ""
        lines += [f"# {_one_line(title or STEPS[step.kind].summary(step.params))}"]
        lines += [STEPS[step.kind].code(step.params), ""]
    lines += ["print(df)", ""]
    return "\n".join(lines)


def _imports(code: str) -> list[str]:
    """The import lines that `code` needs."""
    wanted = {
        "import datetime as dt": "dt.datetime(",
        "import math": "math.",
        "import re": "re.",
        "import unicodedata": "unicodedata.",
        "from typing import Any": ": Any",
    }
    lines = [line for line, sign in wanted.items() if sign in code]
    more = {"import numpy as np": "np.", "import pyarrow as pa": "pa.", "import pyarrow.compute as pc": "pc."}
    others = [line for line, sign in more.items() if re.search(rf"\b{re.escape(sign)}", code)]
    return [*lines, *([""] if lines else []), *others, "import pandas as pd", ""]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if hasattr(value, "items"):
        return dict(value)
    return str(value)


def _run(frame: pd.DataFrame, step: Step) -> _Ran:
    kind = STEPS.get(step.kind)
    if kind is None:
        return _Ran(frame, error=f"This version does not know the step {step.kind!r}. Delete it, or switch it off.")
    try:
        after = kind.apply(frame, step.params)
    except StepError as error:
        said = " ".join(part for part in (error.what, error.remedy) if part)
        return _Ran(frame, error=said, asks=error.choices if isinstance(error, Asks) else ())
    touched = [name for name in kind.touches(step.params, list(frame.columns)) if name in after.columns]
    changed = sum(int(_cells_changed(frame[name], after[name]).sum()) for name in dict.fromkeys(touched))
    cells, unread = _unread(frame, after, touched) if kind.reads else (0, ())
    return _Ran(after, changed, "", cells, unread)


def _unread(before: pd.DataFrame, after: pd.DataFrame, names: Sequence[str]) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many cells had a value and have none now, and the commonest of them."""
    lost = [before[name][before[name].notna() & after[name].isna()] for name in dict.fromkeys(names)]
    count = sum(map(len, lost))
    if not count:
        return 0, ()
    commonest = pd.concat([words_of(cells) for cells in lost]).value_counts().head(MOST_UNREAD)
    return count, tuple((str(cell), int(rows)) for cell, rows in commonest.items())


def _cells_changed(before: pd.Series, after: pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells of `after` differ from those of the same rows before; a number and its text are the same."""
    if not after.index.equals(before.index):
        before = before.loc[after.index]
    gap_before, gap_after = before.isna().to_numpy(), after.isna().to_numpy()
    if before.dtype == after.dtype and not isinstance(before.dtype, pd.CategoricalDtype):
        same = (before == after).fillna(False).to_numpy(dtype=bool)
    else:
        same = (words_of(before) == words_of(after)).fillna(False).to_numpy(dtype=bool)
    return ~(same & ~gap_before & ~gap_after) & ~(gap_before & gap_after)


def _difference(before: pd.DataFrame, after: pd.DataFrame, limit: int) -> Difference:
    stays = before.index.isin(after.index)
    common = [name for name in before.columns if name in after.columns]
    kept = before[stays]
    moved = after if after.index.equals(kept.index) else after.loc[kept.index]
    touched, lost = np.zeros(len(kept), bool), np.zeros(len(kept), bool)
    cells = {}
    for name in common:
        if _same_column(kept[name], moved[name]):
            continue
        mask = _cells_changed(kept[name], moved[name])
        if mask.any():
            cells[name] = mask
            touched |= mask
            lost |= mask & moved[name].isna().to_numpy()
    interesting, first = ~stays, np.zeros(len(before), bool)
    interesting[np.flatnonzero(stays)] = touched
    first[np.flatnonzero(stays)] = lost
    places = np.concatenate([np.flatnonzero(first), np.flatnonzero(interesting & ~first)])[:limit]
    shown = before.iloc[places]
    position = np.cumsum(stays) - 1
    gone = ~stays[places]
    marked = {}
    for name, mask in cells.items():
        flags = np.zeros(len(places), bool)
        flags[~gone] = mask[position[places[~gone]]]
        marked[name] = flags
    return Difference(
        shown,
        after.loc[shown.index[~gone]],
        marked,
        gone,
        tuple(name for name in before.columns if name not in after.columns),
        tuple(name for name in after.columns if name not in before.columns),
    )


def _same_column(before: pd.Series, after: pd.Series) -> bool:
    """A quick yes for columns that share their memory; equal ones that do not are found later, cell by cell."""
    if before.dtype != after.dtype or not isinstance(before.dtype, np.dtype):
        return False
    return bool(np.shares_memory(before.to_numpy(), after.to_numpy()) and len(before) == len(after))
